//! The container of a deployment.

use crate::error;
use crate::store::{DeploymentRow, Store};
use domain::Problem;
use domain::container::{Container, ContainerId};
use domain::deployment::DeploymentName;
use domain::problem::ProblemKind;
use ports::{EngineError, Ports};

/// The container of an adopted deployment as it is now, from the engine of its host.
pub(crate) async fn inspect(ports: &Ports, row: &DeploymentRow) -> Result<Container, EngineError> {
    ports.engines.of(&row.host)?.inspect(&ContainerId(row.container.clone())).await
}

/// The row and the container of a deployment, or the sentence that it is gone.
pub(crate) async fn with_container(
    store: &Store,
    ports: &Ports,
    name: &DeploymentName,
) -> error::Result<(DeploymentRow, Container)> {
    let row = store.deployment(name).await?;
    match inspect(ports, &row).await {
        Ok(container) => Ok((row, container)),
        Err(EngineError::NotFound(_)) => Err(container_missing(&row).into()),
        Err(error) => Err(error.into()),
    }
}

/// The problem that the container is gone.
pub(crate) fn container_missing(row: &DeploymentRow) -> Problem {
    Problem::new(ProblemKind::Conflict, format!("The container {} of {} is gone.", row.container, row.name))
        .means("Docker has no container of this name any more. Its volumes may still be there; nothing was changed.")
        .next_step("Start it again where it was created: compose, Coolify, or docker run.")
        .next_step("Then try again.")
}
