//! Looks at every adopted deployment, over and over.

use crate::console::state::AppState;
use std::sync::Arc;
use std::time::Duration;

/// Between two looks at the same deployment.
const EVERY: Duration = Duration::from_secs(10);

pub(crate) async fn observe_forever(inner: Arc<AppState>) {
    loop {
        match inner.store.deployments().await {
            Ok(rows) => {
                futures::future::join_all(rows.iter().map(|row| inner.observer.look(row, &inner.seal))).await;
            }
            Err(error) => tracing::error!(%error, "the deployments could not be read"),
        }
        inner.ports.clock.sleep(EVERY).await;
    }
}
