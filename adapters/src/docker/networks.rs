//! Connecting a container to networks, and what containers publish. Makes and removes no network.

use super::containers::described;
use super::errors::{READ, WRITE, bounded, in_path};
use bollard::Docker;
use bollard::errors::Error;
use bollard::models::{
    ContainerSummary, EndpointSettings, NetworkConnectRequest, NetworkDisconnectRequest, PortSummary,
    PortSummaryTypeEnum,
};
use bollard::query_parameters::{InspectNetworkOptions, ListContainersOptions};
use domain::container::HostPort;
use ports::EngineError;

/// To the engine one that is connected is an error while it runs, and loses its aliases while it does not.
pub async fn connect(client: &Docker, id: &str, network: &str, aliases: &[String]) -> Result<(), EngineError> {
    if is_connected(client, id, network).await? {
        return Ok(());
    }
    let asked = format!("join a network (POST /networks/{network}/connect)");
    let ends = EndpointSettings { aliases: Some(aliases.to_vec()), ..Default::default() };
    let request = NetworkConnectRequest { container: id.into(), endpoint_config: Some(ends) };
    bounded(&asked, WRITE, async { settled(client.connect_network(network, request).await) }).await
}

pub async fn disconnect(client: &Docker, id: &str, network: &str) -> Result<(), EngineError> {
    if !is_connected(client, id, network).await? {
        return Ok(());
    }
    let asked = format!("leave a network (POST /networks/{network}/disconnect)");
    let request = NetworkDisconnectRequest { container: id.into(), force: Some(false) };
    bounded(&asked, WRITE, async { settled(client.disconnect_network(network, request).await) }).await
}

/// By name or id.
pub async fn exists(client: &Docker, network: &str) -> Result<bool, EngineError> {
    let asked = format!("inspect a network (GET /networks/{network})");
    let found = client.inspect_network(in_path(network)?, None::<InspectNetworkOptions>);
    match bounded(&asked, READ, found).await {
        Ok(_) => Ok(true),
        Err(EngineError::NotFound(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Of running containers. TCP only, as those of Neo4j are.
pub async fn published_ports(client: &Docker) -> Result<Vec<(HostPort, String)>, EngineError> {
    let listed = client.list_containers(None::<ListContainersOptions>);
    let found = bounded("list containers (GET /containers/json)", READ, listed).await?;
    let published = |one: ContainerSummary| {
        let name = one.names.and_then(|names| names.into_iter().next()).unwrap_or_default();
        let name = name.trim_start_matches('/').to_owned();
        let tcp =
            |port: PortSummary| (port.typ == Some(PortSummaryTypeEnum::TCP)).then_some((port.ip?, port.public_port?));
        let of = move |(address, port)| (HostPort { address, port }, name.clone());
        one.ports.unwrap_or_default().into_iter().filter_map(tcp).map(of).collect::<Vec<_>>()
    };
    Ok(found.into_iter().flat_map(published).collect())
}

/// `NotFound` when there is no such container, or no such network.
async fn is_connected(client: &Docker, id: &str, network: &str) -> Result<bool, EngineError> {
    let asked = format!("inspect a network (GET /networks/{network})");
    let found = client.inspect_network(in_path(network)?, None::<InspectNetworkOptions>);
    let name = bounded(&asked, READ, found).await?.name.unwrap_or_default();
    let seen = described(client, id).await?;
    // By name: a container that was never started does not know the ids of its networks.
    Ok(seen.network_settings.and_then(|all| all.networks).is_some_and(|all| all.contains_key(&name)))
}

/// The engine answers 403 or 500 to what cannot be; to the console a 403 means that a right is missing.
pub(super) fn settled(answer: Result<(), Error>) -> Result<(), Error> {
    match answer {
        // Somebody else was faster.
        Err(Error::DockerResponseServerError { message, .. }) if message.contains("already exists in network") => {
            Ok(())
        }
        Err(Error::DockerResponseServerError { message, .. }) if message.contains("is not connected to") => Ok(()),
        Err(Error::DockerResponseServerError { message, .. }) if message.starts_with("container cannot be ") => {
            Err(Error::DockerResponseServerError { status_code: 409, message })
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::super::errors::translate;
    use super::*;

    fn after(status_code: u16, message: &str) -> Result<(), EngineError> {
        settled(Err(Error::DockerResponseServerError { status_code, message: message.into() }))
            .map_err(|error| translate("join", &error))
    }

    #[test]
    fn what_is_so_already_is_fine_and_what_cannot_be_is_a_conflict() {
        assert_eq!(after(403, "endpoint with name sales already exists in network web"), Ok(()));
        assert_eq!(after(500, "container 0af is not connected to the network web"), Ok(()));
        let host = "container cannot be disconnected from host network or connected to host network";
        assert_eq!(after(403, host), Err(EngineError::Conflict(host.into())));
        assert_eq!(after(500, host), Err(EngineError::Conflict(host.into())));
        assert_eq!(after(403, "<html>Forbidden</html>"), Err(EngineError::Denied("join".into())));
        assert_eq!(after(404, "network web not found"), Err(EngineError::NotFound("network web not found".into())));
    }
}
