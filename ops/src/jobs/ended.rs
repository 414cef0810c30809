//! Deployments that are no more: those whose creation failed, and those that were deleted. Their removal is no step of
//! a job, because it could not be undone. It is done when the job is over, again and again until it is done.

use super::delete_deployment;
use crate::console::state::AppState;
use crate::error::Result;
use domain::deployment::DeploymentName;
use domain::job::{JobId, Kind};

/// Removes what is to be deleted, and forgets them. What cannot be done now is done at the next look.
pub async fn remove_ended(state: &AppState) {
    let ended = match state.store.ended_deployments().await {
        Ok(ended) => ended,
        Err(error) => return tracing::warn!(%error, "could not read which deployments are no more"),
    };
    for (deployment, job) in ended {
        if let Err(error) = settle(state, &deployment, job).await {
            tracing::warn!(%deployment, %error, "could not remove a deployment that is no more");
        }
    }
}

async fn settle(state: &AppState, deployment: &DeploymentName, job: JobId) -> Result<()> {
    let row = state.store.job(job).await?;
    if row.brief.kind == Kind::DeleteDeployment {
        let host = state.store.deployment(deployment).await?.host;
        delete_deployment::remove(state, state.ports.engines.of(&host)?.as_ref(), &row).await?;
    }
    state.store.delete_deployment(deployment).await?;
    state.observer.forget(deployment);
    Ok(())
}
