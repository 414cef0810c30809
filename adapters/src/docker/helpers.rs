//! Helper containers: made from a [`HelperSpec`], found by label, removed. Never touches a container without the helper
//! label.

use super::containers::{inspect_image, until_removed};
use super::errors::{READ, WRITE, bounded, in_path};
use bollard::Docker;
use bollard::models::{ContainerCreateBody, HostConfig, HostConfigLogConfig, Mount, MountType};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, InspectContainerOptions, ListContainersOptionsBuilder, RemoveContainerOptionsBuilder,
};
use domain::container::ContainerId;
use domain::helper::BESIDE;
use ports::{EngineError, HelperMount, HelperSpec, Leftover};
use std::collections::HashMap;

const LABEL: &str = "neo4j-console.helper";
/// What root needs to change owners, to become another user and to end its processes.
const TO_BECOME_ANOTHER: [&str; 6] = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETUID"];
/// Processes and threads. A JVM on a host of a hundred cores has some hundreds.
const PIDS: i64 = 2048;

/// Makes the container and starts nothing. An earlier one of this name is removed first.
pub async fn create(client: &Docker, spec: &HelperSpec) -> Result<ContainerId, EngineError> {
    let image = inspect_image(client, spec.image.as_str()).await?;
    remove(client, &spec.name).await?;
    let volumes = image.config.and_then(|config| config.volumes).unwrap_or_default();
    let options = CreateContainerOptionsBuilder::new().name(in_path(&spec.name)?).build();
    let asked = "create a container (POST /containers/create)";
    let made = bounded(asked, WRITE, client.create_container(Some(options), body(spec, &volumes))).await?;
    Ok(ContainerId(made.id))
}

fn body(spec: &HelperSpec, image_volumes: &[String]) -> ContainerCreateBody {
    let command = spec.act.command();
    let mut labels: HashMap<String, String> = spec.labels.clone().into_iter().collect();
    labels.insert(LABEL.into(), spec.act.role().into());
    ContainerCreateBody {
        image: Some(spec.image.to_string()),
        // Without a network Docker writes no line for the container's own name, and Neo4j 5.26 and later end with code
        // 3 because their logging cannot find out its host name.
        hostname: Some("localhost".into()),
        // A server starts as the image's own user: its entrypoint changes to neo4j by itself.
        user: command.is_some().then(|| spec.user.to_string()),
        entrypoint: command.as_ref().map(|words| words[..1].to_vec()),
        cmd: command.map(|words| words[1..].to_vec()).or_else(|| spec.act.arguments()),
        env: Some(spec.act.env().into_iter().map(|(name, value)| format!("{name}={value}")).collect()),
        labels: Some(labels),
        host_config: Some(host_config(spec, image_volumes)),
        ..Default::default()
    }
}

fn host_config(spec: &HelperSpec, image_volumes: &[String]) -> HostConfig {
    let log = HashMap::from([("max-size".to_string(), "10m".to_string()), ("max-file".to_string(), "1".to_string())]);
    HostConfig {
        binds: Some(spec.mounts.iter().map(bind).collect()),
        mounts: Some(
            image_volumes.iter().filter(|at| !spec.mounts.iter().any(|m| m.at == **at)).map(|at| scratch(at)).collect(),
        ),
        network_mode: Some("none".into()),
        auto_remove: Some(false),
        // Beside live servers: whatever the tools are told or guess, the kernel ends them and not Neo4j.
        memory: spec.act.opens_stores().then_some(BESIDE as i64),
        // What it opens may be hostile: a bundle from outside, a store that somebody prepared.
        cap_drop: Some(vec!["ALL".into()]),
        cap_add: starts_as_root(spec).then(|| TO_BECOME_ANOTHER.map(str::to_owned).to_vec()),
        security_opt: Some(vec!["no-new-privileges".into()]),
        pids_limit: Some(PIDS),
        log_config: Some(HostConfigLogConfig { typ: Some("json-file".into()), config: Some(log) }),
        ..Default::default()
    }
}

/// A server's entrypoint gives the directories to `neo4j` and then becomes that user; a helper of a root's container is
/// root.
fn starts_as_root(spec: &HelperSpec) -> bool {
    spec.act.command().is_none() || spec.user.uid == 0
}

pub(super) fn bind(mount: &HelperMount) -> String {
    format!("{}:{}{}", mount.source, mount.at, if mount.writable { "" } else { ":ro" })
}

/// What the image declares as `VOLUME` and nobody mounts would become an anonymous volume, one of each helper, left
/// behind for good because a helper is removed without its volumes.
fn scratch(at: &str) -> Mount {
    Mount { target: Some(at.into()), typ: Some(MountType::TMPFS), ..Default::default() }
}

/// Without `v`: that could delete volumes a helper only borrowed (docs/neo4j-facts.md: Helpers).
pub async fn remove(client: &Docker, name: &str) -> Result<(), EngineError> {
    let asked = format!("inspect a container (GET /containers/{name}/json)");
    let seen =
        match bounded(&asked, READ, client.inspect_container(in_path(name)?, None::<InspectContainerOptions>)).await {
            Ok(seen) => seen,
            Err(EngineError::NotFound(_)) => return Ok(()),
            Err(error) => return Err(error),
        };
    if !seen.config.and_then(|config| config.labels).is_some_and(|labels| labels.contains_key(LABEL)) {
        return Err(EngineError::Conflict(format!(
            "The container {name} is not a helper of this console, so it is not removed. Rename or remove it by hand."
        )));
    }
    let asked = format!("remove a container (DELETE /containers/{name})");
    let options = RemoveContainerOptionsBuilder::new().force(true).v(false).build();
    match bounded(&asked, WRITE, client.remove_container(name, Some(options))).await {
        Err(EngineError::NotFound(_)) => Ok(()),
        Err(EngineError::Conflict(why)) if why.contains("already in progress") => until_removed(client, name).await,
        other => other,
    }
}

/// Helpers with this label, running or not.
pub async fn list(client: &Docker, label: &str, value: &str) -> Result<Vec<Leftover>, EngineError> {
    let filters = HashMap::from([("label", vec![format!("{label}={value}"), LABEL.to_string()])]);
    let options = ListContainersOptionsBuilder::new().all(true).filters(&filters).build();
    let found = bounded("list containers (GET /containers/json)", READ, client.list_containers(Some(options))).await?;
    Ok(found
        .into_iter()
        .map(|summary| Leftover {
            name: summary
                .names
                .unwrap_or_default()
                .first()
                .map(|name| name.trim_start_matches('/').to_string())
                .unwrap_or_default(),
            labels: summary.labels.unwrap_or_default().into_iter().collect(),
        })
        .collect())
}
