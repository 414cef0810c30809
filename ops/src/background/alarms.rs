//! Alarms: looks for what to tell ([`conditions`]), apart from the runner of jobs and from deliveries, so that a slow
//! receiver never delays an alarm. Nothing here can change what came of a job.

pub(crate) mod conditions;
pub(crate) mod evaluation;

use crate::console::state::AppState;
use crate::error::{Error, Result};
use std::sync::Arc;
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Looks every 30 s, whatever becomes of a look.
pub(crate) async fn run_forever(state: Arc<AppState>) {
    loop {
        logged(look(&state).await);
        state.ports.clock.sleep(LOOK_EVERY).await;
    }
}

/// One evaluation. Both halves run, whatever becomes of the other.
pub(crate) async fn look(state: &AppState) -> Result<()> {
    let (ends, ages) = (conditions::ends(state).await, conditions::ages(state).await);
    ends.and(ages)
}

/// Alarms and deliveries go on after whatever failed.
pub(super) fn logged(done: Result<()>) {
    match done {
        Ok(()) => {}
        Err(Error::Internal(incident)) => {
            tracing::error!(incident = incident.report(), "notification evaluation failed");
        }
        Err(error) => tracing::warn!(%error, "notification evaluation postponed"),
    }
}

#[cfg(test)]
mod tests;
