//! Looks at every adopted deployment, over and over.

use crate::console::state::AppState;
use crate::engine::drift;
use crate::error::Result;
use crate::store::DeploymentRow;
use std::sync::Arc;
use std::time::Duration;

/// Between two looks at the same deployment.
const INTERVAL: Duration = Duration::from_secs(10);

/// All deployments at once; the next turn begins 10 s after the slowest look.
pub(crate) async fn observe_forever(state: Arc<AppState>) {
    loop {
        match state.store.deployments().await {
            Ok(rows) => {
                for (row, done) in
                    rows.iter().zip(futures::future::join_all(rows.iter().map(|row| look(&state, row))).await)
                {
                    if let Err(error) = done {
                        tracing::error!(deployment = %row.name, %error, "could not keep what the container is set to");
                    }
                }
            }
            Err(error) => tracing::error!(%error, "could not read the deployments"),
        }
        state.ports.clock.sleep(INTERVAL).await;
    }
}

/// Also keeps what a container is set to that was adopted just now.
pub(crate) async fn look(state: &AppState, row: &DeploymentRow) -> Result<()> {
    let seen = state.observer.refresh(row, &state.seal).await;
    drift::know_at_first(&state.store, &state.seal, row, &seen, state.ports.clock.now()).await
}
