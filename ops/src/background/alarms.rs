//! Notifications: channels, what is told over them, and whether it arrived. Two loops of their own, apart from the runner of jobs:
//! one looks for what to tell ([`watch`]), one delivers ([`deliver`]), so that a slow receiver never delays an alarm. Nothing
//! here can change what came of a job.

mod channels;
mod deliver;
mod log;
mod send;
mod signature;
mod teller;
mod watch;
mod watches;

pub use channels::{AddChannel, ChangeChannel, ListChannels, RemoveChannel, TestChannel, fresh_secret};
pub use log::ListDeliveries;
pub use signature::{SIGNATURE, signature};
pub(crate) use watches::freshness;
pub use watches::{GetWatch, ListFreshness, NewPing, WatchBackups};

use crate::console::Inner;
use crate::error::{Error, Result, chain};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const LOOK_EVERY: Duration = Duration::from_secs(30);
const DELIVER_EVERY: Duration = Duration::from_secs(5);

pub(crate) async fn watch_forever(inner: Arc<Inner>) {
    loop {
        logged(look(&inner).await);
        inner.ports.clock.sleep(LOOK_EVERY).await;
    }
}

/// Ends by itself after `stop`: a message under way is brought to its end and written down, or the next start would send it again.
pub(crate) async fn deliver_forever(inner: Arc<Inner>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        logged(deliver::round(&inner, &stop).await);
        stop.run_until_cancelled(inner.ports.clock.sleep(DELIVER_EVERY)).await;
    }
}

/// One look at all that could be told. Both halves run, whatever becomes of the other.
pub(crate) async fn look(inner: &Inner) -> Result<()> {
    let (ends, ages) = (watch::ends(inner).await, watch::ages(inner).await);
    ends.and(ages)
}

/// One round of deliveries.
#[cfg(any(test, feature = "testing"))]
pub(crate) async fn deliver(inner: &Inner) -> Result<()> {
    deliver::round(inner, &CancellationToken::new()).await
}

fn logged(done: Result<()>) {
    match done {
        Ok(()) => {}
        Err(Error::Internal(source)) => tracing::error!(cause = %chain(source.as_ref()), "notifications failed inside"),
        Err(error) => tracing::warn!(%error, "notifications wait"),
    }
}

#[cfg(test)]
mod tests;
