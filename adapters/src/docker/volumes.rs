//! Volumes of the console's own. Never removes one without a label of ours.

use super::errors::{READ, WRITE, bounded, in_path};
use bollard::Docker;
use bollard::models::{Volume, VolumeCreateRequest};
use bollard::query_parameters::{ListVolumesOptionsBuilder, RemoveVolumeOptionsBuilder};
use ports::{EngineError, Leftover};
use std::collections::{BTreeMap, HashMap};

const OURS: &str = "neo4j-console.";

/// One of this name that is there already is used if it is ours; a foreign one is a conflict.
pub async fn create(client: &Docker, name: &str, labels: &BTreeMap<String, String>) -> Result<(), EngineError> {
    let request = VolumeCreateRequest {
        name: Some(in_path(name)?.into()),
        labels: Some(labels.clone().into_iter().collect()),
        ..Default::default()
    };
    // The engine answers with the volume there is, under whatever labels, when the name is taken.
    let made = bounded("create a volume (POST /volumes/create)", WRITE, client.create_volume(request)).await?;
    if labels.keys().any(|key| key.starts_with(OURS)) && !is_ours(&made.labels) {
        Err(foreign(name, "used"))
    } else {
        Ok(())
    }
}

/// Its labels; `NotFound` when there is none.
pub async fn inspect(client: &Docker, name: &str) -> Result<Leftover, EngineError> {
    let asked = format!("inspect a volume (GET /volumes/{name})");
    bounded(&asked, READ, client.inspect_volume(in_path(name)?)).await.map(leftover)
}

/// None there is fine; a foreign one is a conflict.
pub async fn remove(client: &Docker, name: &str) -> Result<(), EngineError> {
    let seen = match inspect(client, name).await {
        Ok(seen) => seen,
        Err(EngineError::NotFound(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    if !seen.labels.keys().any(|key| key.starts_with(OURS)) {
        return Err(foreign(name, "removed"));
    }
    remove_foreign(client, name).await
}

/// Whoever made it.
pub async fn remove_foreign(client: &Docker, name: &str) -> Result<(), EngineError> {
    let asked = format!("remove a volume (DELETE /volumes/{name})");
    match bounded(
        &asked,
        WRITE,
        client.remove_volume(in_path(name)?, Some(RemoveVolumeOptionsBuilder::new().force(false).build())),
    )
    .await
    {
        Err(EngineError::NotFound(_)) => Ok(()),
        other => other,
    }
}

fn is_ours(labels: &HashMap<String, String>) -> bool {
    labels.keys().any(|key| key.starts_with(OURS))
}

fn foreign(name: &str, what: &str) -> EngineError {
    EngineError::Conflict(format!("The volume {name} was not made by this console, so it is not {what}."))
}

fn leftover(volume: Volume) -> Leftover {
    Leftover { name: volume.name, labels: volume.labels.into_iter().collect() }
}

/// All with this label.
pub async fn list(client: &Docker, label: &str, value: &str) -> Result<Vec<Leftover>, EngineError> {
    let filters = HashMap::from([("label", vec![format!("{label}={value}")])]);
    let options = ListVolumesOptionsBuilder::new().filters(&filters).build();
    let found = bounded("list volumes (GET /volumes)", READ, client.list_volumes(Some(options))).await?;
    Ok(found.volumes.unwrap_or_default().into_iter().map(leftover).collect())
}
