//! Servers the console makes and that stay. Never touches a container that carries no owner's label.

use super::containers::{image_exists_as, inspect_image};
use super::errors::{READ, WRITE, bounded, in_path};
use bollard::Docker;
use bollard::models::{
    ContainerCreateBody, EndpointSettings, HostConfig, NetworkConnectRequest, NetworkingConfig, PortBinding,
    RestartPolicy, RestartPolicyNameEnum,
};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, InspectContainerOptions, RemoveContainerOptionsBuilder,
};
use domain::container::{ContainerId, HostPort};
use ports::{EngineError, OWNER_LABEL, ServerSpec};
use std::collections::HashMap;

/// Makes the container in its networks and starts nothing. Its image must be there already.
pub async fn create(client: &Docker, spec: &ServerSpec) -> Result<ContainerId, EngineError> {
    inspect_image(client, spec.image_id.as_str()).await?;
    // The tag may have moved on to another image since the other server was made.
    let same = image_exists_as(client, &spec.image, &spec.image_id).await?;
    let image = if same { spec.image.clone() } else { spec.image_id.to_string() };
    let options = CreateContainerOptionsBuilder::new().name(in_path(&spec.name)?).build();
    let made = bounded(
        "create a container (POST /containers/create)",
        WRITE,
        client.create_container(Some(options), body(spec, image)),
    )
    .await?;
    // Engines before API 1.44 take one network at the creation.
    for network in spec.networks.iter().skip(1) {
        let asked = format!("join a network (POST /networks/{network}/connect)");
        let request = NetworkConnectRequest { container: made.id.clone(), endpoint_config: None };
        bounded(&asked, WRITE, client.connect_network(in_path(network)?, request)).await?;
    }
    Ok(ContainerId(made.id))
}

fn body(spec: &ServerSpec, image: String) -> ContainerCreateBody {
    let endpoints = spec.networks.first().map(|name| HashMap::from([(name.clone(), EndpointSettings::default())]));
    ContainerCreateBody {
        image: Some(image),
        env: Some(spec.env.iter().map(|(name, value)| format!("{name}={value}")).collect()),
        labels: Some(spec.labels.clone().into_iter().collect()),
        exposed_ports: Some(spec.published.iter().map(|(port, _)| format!("{port}/tcp")).collect()),
        stop_timeout: i64::try_from(spec.stop_timeout).ok(),
        host_config: Some(host_config(spec)),
        networking_config: endpoints.map(|endpoints| NetworkingConfig { endpoints_config: Some(endpoints) }),
        ..Default::default()
    }
}

fn host_config(spec: &ServerSpec) -> HostConfig {
    let bound = |host: &HostPort| {
        Some(vec![PortBinding { host_ip: Some(host.address.clone()), host_port: Some(host.port.to_string()) }])
    };
    HostConfig {
        binds: Some(spec.mounts.iter().map(super::helpers::bind).collect()),
        port_bindings: Some(spec.published.iter().map(|(port, host)| (format!("{port}/tcp"), bound(host))).collect()),
        network_mode: spec.networks.first().cloned(),
        memory: spec.memory_limit.and_then(|bytes| i64::try_from(bytes).ok()),
        restart_policy: Some(RestartPolicy {
            name: Some(RestartPolicyNameEnum::UNLESS_STOPPED),
            maximum_retry_count: None,
        }),
        ..Default::default()
    }
}

/// With `v`: of its volumes only the nameless go, which the image's `VOLUME` made for it alone. It has none by "volumes
/// from" (docs/neo4j-facts.md: Helpers).
pub async fn remove(client: &Docker, name: &str) -> Result<(), EngineError> {
    let asked = format!("inspect a container (GET /containers/{name}/json)");
    let seen =
        match bounded(&asked, READ, client.inspect_container(in_path(name)?, None::<InspectContainerOptions>)).await {
            // The beginning of an id is taken for a name, too.
            Ok(seen) if seen.name.as_deref().is_some_and(|found| found.trim_start_matches('/') == name) => seen,
            Ok(_) | Err(EngineError::NotFound(_)) => return Ok(()),
            Err(error) => return Err(error),
        };
    if !seen.config.and_then(|config| config.labels).is_some_and(|labels| labels.contains_key(OWNER_LABEL)) {
        return Err(EngineError::Conflict(format!(
            "The container {name} was not made by this console, so it is not removed."
        )));
    }
    let asked = format!("remove a container (DELETE /containers/{name})");
    let options = RemoveContainerOptionsBuilder::new().force(true).v(true).build();
    match bounded(&asked, WRITE, client.remove_container(name, Some(options))).await {
        Err(EngineError::NotFound(_)) => Ok(()),
        Err(EngineError::Conflict(why)) if why.contains("already in progress") => {
            super::containers::until_removed(client, name).await
        }
        other => other,
    }
}
