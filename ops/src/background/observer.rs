//! Looks at every adopted deployment, over and over.

use crate::console::state::AppState;
use std::sync::Arc;
use std::time::Duration;

/// Between two looks at the same deployment.
const INTERVAL: Duration = Duration::from_secs(10);

/// All deployments at once; the next turn begins 10 s after the slowest look.
pub(crate) async fn observe_forever(state: Arc<AppState>) {
    loop {
        match state.store.deployments().await {
            Ok(rows) => {
                futures::future::join_all(rows.iter().map(|row| state.observer.refresh(row, &state.seal))).await;
            }
            Err(error) => tracing::error!(%error, "could not read the deployments"),
        }
        state.ports.clock.sleep(INTERVAL).await;
    }
}
