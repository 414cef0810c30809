//! Containers that changes took out of service. They are kept until the job is over, and removed then: a step that
//! removed them could not be undone.

use crate::console::state::AppState;
use crate::error::{Error, Result};
use crate::store::ReplacedRow;
use domain::container::ContainerId;
use domain::job::State;

/// Removes those of changes that were applied. Those of others are in service again.
pub async fn remove_replaced(state: &AppState) {
    let rows = match state.store.replaced_containers().await {
        Ok(rows) => rows,
        Err(error) => return tracing::warn!(%error, "could not read the replaced containers"),
    };
    for row in rows.into_iter().filter(|row| !row.job_state.is_live()) {
        if let Err(error) = settle(state, &row).await {
            let change = row.change.0;
            tracing::warn!(change, container = %row.container, %error, "could not remove a replaced container");
        }
    }
}

async fn settle(state: &AppState, row: &ReplacedRow) -> Result<()> {
    if row.job_state == State::Succeeded {
        let deployment = match state.store.deployment(&row.deployment).await {
            Ok(deployment) => deployment,
            // Only its deployment knew the host.
            Err(Error::NotFound { .. }) => {
                let (change, container) = (row.change.0, &row.container);
                tracing::warn!(change, %container, "a replaced container of a deployment that was removed may be left");
                return state.store.set_replaced(row.change, None).await;
            }
            Err(error) => return Err(error),
        };
        let engine = state.ports.engines.of(&deployment.host)?;
        let in_service = engine.inspect(&ContainerId(deployment.container.clone())).await?;
        if in_service.id != row.container {
            engine.remove_stopped(&row.container).await?;
        }
    }
    state.store.set_replaced(row.change, None).await
}
