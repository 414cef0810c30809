//! Whether a name for a new deployment is free.

use super::new_server::data_volume;
use crate::console::state::AppState;
use crate::error::Result;
use domain::container::{Container, ContainerId, VolumeName};
use domain::deployment::DeploymentName;
use domain::host::HostId;
use ports::{ContainerEngine, EngineError};

/// Docker takes no shorter name of a container.
const SHORTEST_NAME: usize = 2;

/// Why a new deployment cannot have this name and the volume that goes with it, as words.
pub(crate) async fn with_volume(state: &AppState, host: &HostId, name: &DeploymentName) -> Result<Option<String>> {
    match container(state, host, name).await? {
        Some(why) => Ok(Some(why)),
        None => volume(state.ports.engines.of(host)?.as_ref(), &data_volume(name)).await,
    }
}

/// Why a new deployment and its container cannot have this name, as words.
pub(crate) async fn container(state: &AppState, host: &HostId, name: &DeploymentName) -> Result<Option<String>> {
    if name.as_str().len() < SHORTEST_NAME {
        return Ok(Some("Docker requires names of at least two characters.".into()));
    }
    let known = state.store.deployments().await?;
    if known.iter().any(|row| &row.name == name || (&row.host == host && row.container == name.as_str())) {
        return Ok(Some("There is already a deployment or a container of this name.".into()));
    }
    on_engine(state.ports.engines.of(host)?.as_ref(), name).await
}

/// The same, as far as the engine knows.
pub(crate) async fn on_engine(engine: &dyn ContainerEngine, name: &DeploymentName) -> Result<Option<String>> {
    match engine.inspect(&ContainerId(name.to_string())).await {
        // The engine takes the beginning of an id for a name, too.
        Ok(found) if found.name == name.as_str() => {
            return Ok(Some("There is already a container of this name on the Docker host.".into()));
        }
        Ok(_) | Err(EngineError::NotFound(_)) => {}
        Err(error) => return Err(error.into()),
    }
    // Two that answer to one name on one network would share the clients.
    let service =
        |c: &Container| c.labels.get("com.docker.compose.service").is_some_and(|service| service == name.as_str());
    let other = engine.neo4j_containers().await?.into_iter().find(service);
    Ok(other.map(|other| format!("Another container on its networks already has this name: {}.", other.name)))
}

/// Why a new deployment cannot have a volume of this name, as words.
pub(crate) async fn volume(engine: &dyn ContainerEngine, volume: &VolumeName) -> Result<Option<String>> {
    match engine.inspect_volume(volume).await {
        Ok(_) => Ok(Some(format!("There is already a volume {volume} on the Docker host."))),
        Err(EngineError::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
