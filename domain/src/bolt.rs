//! Where and how Bolt of a container is reached from where the console is. The password goes to the first address that
//! answers, so no address may be another machine's.

use crate::container::Container;

const PORT: u16 = 7687;

/// Where the engine is, seen from the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EngineHost {
    /// The console is a process of the engine's own machine.
    Local,
    /// The console is itself a container of the engine.
    Beside,
    /// Another machine, by this name or address.
    Remote(String),
}

/// Resolved only where the console's container is given it: `extra_hosts: ["host.docker.internal:host-gateway"]`.
const HOST_FROM_A_CONTAINER: &str = "host.docker.internal";

/// The id of the container that a process runs in, from its `/proc/self/mountinfo`: the engine mounts files of its own
/// into each one, `…/containers/<64 hexadecimal digits>/hostname` at `/etc/hostname`. On the host itself the same is
/// mounted elsewhere for a moment, while files are copied into a container that does not run.
pub fn own_container(mounts: &str) -> Option<String> {
    let id = |line: &str| {
        // Number, parent, device, what is mounted, where (proc(5)).
        let mut fields = line.split(' ').skip(3);
        let (what, at) = (fields.next()?, fields.next()?);
        let (_, of_container) = what.rsplit_once("/containers/").filter(|_| at == "/etc/hostname")?;
        let id = of_container.strip_suffix("/hostname")?;
        (id.len() == 64 && id.bytes().all(|b| b.is_ascii_hexdigit())).then(|| id.to_owned())
    };
    mounts.lines().find_map(id)
}

/// The port inside the container. Source: Operations Manual, `server.bolt.listen_address`; before 5
/// `dbms.connector.bolt.listen_address`. What a mounted `neo4j.conf` says is not known here.
pub fn port(container: &Container) -> u16 {
    let names = ["NEO4J_server_bolt_listen__address", "NEO4J_dbms_connector_bolt_listen__address"];
    let address = names.iter().find_map(|name| container.env_value(name));
    address
        .and_then(|a| {
            a.rsplit_once(':').map_or(Some(a), |(_, port)| Some(port)).and_then(|port| port.trim().parse().ok())
        })
        .unwrap_or(PORT)
}

/// Whether Bolt speaks TLS. Source: Operations Manual, `server.bolt.tls_level`.
pub fn tls(container: &Container) -> bool {
    let names = ["NEO4J_server_bolt_tls__level", "NEO4J_dbms_connector_bolt_tls__level"];
    names
        .iter()
        .find_map(|name| container.env_value(name))
        .is_some_and(|level| !level.trim().eq_ignore_ascii_case("disabled"))
}

/// `host:port`, to be tried in this order.
pub fn addresses(container: &Container, host: &EngineHost) -> Vec<String> {
    let port = port(container);
    let in_networks =
        || container.networks.iter().filter(|n| !n.ip.is_empty()).map(move |n| format!("{}:{port}", n.ip));
    // Docker resolves names on networks that somebody made, not on its own.
    let by_name = || {
        container
            .networks
            .iter()
            .any(|n| !["bridge", "host", "none"].contains(&n.name.as_str()))
            .then(|| format!("{}:{port}", container.name))
    };
    match host {
        EngineHost::Local => in_networks().chain(on_the_host(container, port, "127.0.0.1")).chain(by_name()).collect(),
        EngineHost::Beside => {
            in_networks().chain(by_name()).chain(on_the_host(container, port, HOST_FROM_A_CONTAINER)).collect()
        }
        EngineHost::Remote(name) => on_the_host(container, port, name).collect(),
    }
}

/// Published, or in the host's own network. `host` is that machine's name from here.
fn on_the_host<'a>(container: &'a Container, port: u16, host: &'a str) -> impl Iterator<Item = String> + 'a {
    let own = container.networks.iter().any(|n| n.name == "host").then(|| format!("{host}:{port}"));
    let published = container.ports.iter().filter(move |p| p.container == port).filter_map(|p| p.host.as_ref());
    let published = published.filter_map(move |at| match at.address.as_str() {
        "" | "0.0.0.0" | "::" => Some(format!("{host}:{}", at.port)),
        // Its loopback, which is the console's only where they are one machine.
        _ if !at.open_to_the_world() => (host == "127.0.0.1").then(|| format!("127.0.0.1:{}", at.port)),
        address if address.contains(':') => Some(format!("[{address}]:{}", at.port)),
        address => Some(format!("{address}:{}", at.port)),
    });
    own.into_iter().chain(published)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::tests::sample;
    use crate::container::{HostPort, Network, Port};

    fn network(name: &str, ip: &str) -> Network {
        Network { name: name.into(), ip: ip.into() }
    }

    fn published(address: &str) -> Port {
        Port { container: 7687, host: Some(HostPort { address: address.into(), port: 17687 }) }
    }

    fn neo4j(networks: &[Network], ports: &[Port]) -> Container {
        Container { name: "graph".into(), networks: networks.to_vec(), ports: ports.to_vec(), env: vec![], ..sample() }
    }

    fn far() -> EngineHost {
        EngineHost::Remote("far.example.com".into())
    }

    #[test]
    fn nothing_on_the_consoles_own_machine_is_taken_for_a_server_of_another() {
        let bridge = [network("bridge", "172.17.0.2"), network("shop", "172.18.0.3")];
        for address in ["127.0.0.1", "::1"] {
            assert_eq!(addresses(&neo4j(&bridge, &[published(address)]), &far()), Vec::<String>::new());
        }
        for address in ["0.0.0.0", "::", ""] {
            assert_eq!(addresses(&neo4j(&bridge, &[published(address)]), &far()), ["far.example.com:17687"]);
        }
        assert_eq!(addresses(&neo4j(&bridge, &[published("10.1.2.3")]), &far()), ["10.1.2.3:17687"]);
        assert_eq!(addresses(&neo4j(&[network("host", "")], &[]), &far()), ["far.example.com:7687"]);
    }

    #[test]
    fn beside_it_networks_come_first_and_the_host_is_reached_by_the_name_docker_gives_it() {
        let shop = neo4j(&[network("shop", "172.18.0.3")], &[published("0.0.0.0")]);
        assert_eq!(
            addresses(&shop, &EngineHost::Beside),
            ["172.18.0.3:7687", "graph:7687", "host.docker.internal:17687"]
        );
        assert_eq!(addresses(&neo4j(&[network("host", "")], &[]), &EngineHost::Beside), ["host.docker.internal:7687"]);
        assert_eq!(
            addresses(&neo4j(&[network("bridge", "172.17.0.2")], &[published("127.0.0.1")]), &EngineHost::Beside),
            ["172.17.0.2:7687"]
        );
    }

    #[test]
    fn on_its_machine_every_way_leads_there() {
        let shop = neo4j(&[network("shop", "172.18.0.3")], &[published("0.0.0.0"), published("::1")]);
        assert_eq!(
            addresses(&shop, &EngineHost::Local),
            ["172.18.0.3:7687", "127.0.0.1:17687", "127.0.0.1:17687", "graph:7687"]
        );
        assert_eq!(addresses(&neo4j(&[network("host", "")], &[]), &EngineHost::Local), ["127.0.0.1:7687"]);
    }

    #[test]
    fn the_console_finds_its_own_container() {
        let id = "4f1d".repeat(16);
        let mounts = format!(
            "710 700 0:5 / /proc rw\n711 700 254:1 /var/lib/docker/containers/{id}/hostname /etc/hostname rw - ext4 \
             /dev/vda rw\n"
        );
        assert_eq!(own_container(&mounts), Some(id));
        assert_eq!(own_container("22 1 254:1 / / rw - ext4 /dev/vda rw\n"), None);
        let on_the_host = mounts.replace(" /etc/hostname", " /var/lib/docker/overlay2/ab/merged/etc/hostname");
        assert_eq!(own_container(&on_the_host), None, "the engine copies into a container that does not run");
    }

    #[test]
    fn port_and_tls_are_the_servers_own() {
        let with = |name: &str, value: &str| Container {
            env: vec![(name.into(), value.into())],
            ..neo4j(&[network("host", "")], &[])
        };
        for (value, expected) in
            [(":7688", 7688), ("0.0.0.0:7690", 7690), ("[::]:7691", 7691), ("7692", 7692), ("nonsense", 7687)]
        {
            assert_eq!(port(&with("NEO4J_server_bolt_listen__address", value)), expected, "{value}");
        }
        assert_eq!(port(&with("NEO4J_dbms_connector_bolt_listen__address", ":7688")), 7688);
        assert_eq!(
            addresses(&with("NEO4J_server_bolt_listen__address", ":7688"), &EngineHost::Local),
            ["127.0.0.1:7688"]
        );
        assert!(
            tls(&with("NEO4J_server_bolt_tls__level", "REQUIRED"))
                && tls(&with("NEO4J_server_bolt_tls__level", "OPTIONAL"))
        );
        assert!(!tls(&with("NEO4J_server_bolt_tls__level", "DISABLED")) && !tls(&neo4j(&[], &[])));
    }
}
