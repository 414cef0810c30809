use super::world::{State, World};
use domain::container::{Container, ContainerId, HostPort, Network};
use ports::EngineError;

type Result<T> = std::result::Result<T, EngineError>;

impl World {
    /// A network somebody made. One that a container was made with is there anyway.
    pub fn add_network(&self, name: &str) {
        self.lock().networks.insert(name.into());
    }
}

pub fn exists(s: &State, network: &str) -> bool {
    let joined = |name: &str| s.containers.values().any(|f| f.container.networks.iter().any(|n| n.name == name));
    s.networks.contains(network) || joined(network)
}

pub fn published_ports(s: &State) -> Vec<(HostPort, String)> {
    let running = s.containers.values().map(|f| &f.container).filter(|container| container.run.is_running());
    let of = |container: &Container| {
        let ports = container.ports.iter().filter_map(|port| port.host.clone());
        ports.map(|host| (host, container.name.clone())).collect::<Vec<_>>()
    };
    running.flat_map(of).collect()
}

fn known(s: &State, network: &str) -> Result<()> {
    exists(s, network).then_some(()).ok_or_else(|| EngineError::NotFound(format!("network {network} not found")))
}

pub fn connect(s: &mut State, id: &ContainerId, network: &str, aliases: &[String]) -> Result<()> {
    known(s, network)?;
    let fake = s.containers.get_mut(id.as_str()).ok_or_else(|| super::engine::no_container(id))?;
    if !fake.container.networks.iter().any(|n| n.name == network) {
        fake.container.networks.push(Network { name: network.into(), ip: String::new() });
        fake.aliases.insert(network.into(), aliases.to_vec());
    }
    Ok(())
}

/// The network stays.
pub fn disconnect(s: &mut State, id: &ContainerId, network: &str) -> Result<()> {
    known(s, network)?;
    s.networks.insert(network.into());
    let fake = s.containers.get_mut(id.as_str()).ok_or_else(|| super::engine::no_container(id))?;
    fake.container.networks.retain(|n| n.name != network);
    fake.aliases.remove(network);
    Ok(())
}
