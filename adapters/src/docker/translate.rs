//! From the engine's inspect answers to [`Container`]. Pure; a field that a newer or older engine leaves out counts as
//! empty.

use bollard::models::RestartPolicy as EngineRestartPolicy;
use bollard::models::{
    ContainerInspectResponse, ContainerState, ContainerStateStatusEnum, ImageInspect, MountPoint, NetworkSettings,
    PortMap, RestartPolicyNameEnum,
};
use chrono::{DateTime, Datelike, Utc};
use domain::container::{
    Container, ContainerId, HostPort, ImageId, Mount, MountSource, Network, Port, RestartPolicy, RunState, VolumeName,
};
use std::collections::HashMap;

/// `image` is `None` when it is gone from the engine.
pub fn container(seen: ContainerInspectResponse, image: Option<&ImageInspect>) -> Container {
    let config = seen.config.unwrap_or_default();
    let host = seen.host_config.unwrap_or_default();
    let network = seen.network_settings.unwrap_or_default();
    let reference = config.image.unwrap_or_default();
    Container {
        id: ContainerId(seen.id.unwrap_or_default()),
        name: seen.name.unwrap_or_default().trim_start_matches('/').into(),
        image_id: ImageId(seen.image.unwrap_or_default()),
        image_digest: image.and_then(|image| digest(image, &reference)),
        image_env: image.and_then(|image| image.config.as_ref()?.env.as_deref()).map(pairs).unwrap_or_default(),
        run: seen.state.as_ref().map_or(RunState::Created, run_state),
        started_at: seen.state.and_then(|state| started_at(&state.started_at?)),
        labels: config.labels.unwrap_or_default().into_iter().collect(),
        env: config.env.as_deref().map(pairs).unwrap_or_default(),
        ports: ports(network.ports.as_ref(), host.port_bindings.as_ref(), &config.exposed_ports.unwrap_or_default()),
        mounts: mounts(seen.mounts.unwrap_or_default(), &host.tmpfs.unwrap_or_default()),
        user: config.user.unwrap_or_default(),
        networks: networks(network),
        memory_limit: host.memory.and_then(|bytes| u64::try_from(bytes).ok()).filter(|bytes| *bytes > 0),
        stop_timeout: config.stop_timeout.and_then(|seconds| u64::try_from(seconds).ok()),
        auto_remove: host.auto_remove.unwrap_or(false),
        restart: host.restart_policy.as_ref().map_or(RestartPolicy::No, restart_policy),
        restarts: seen.restart_count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default(),
        image: reference,
    }
}

pub fn pairs(env: &[String]) -> Vec<(String, String)> {
    env.iter().filter_map(|pair| pair.split_once('=')).map(|(name, value)| (name.into(), value.into())).collect()
}

/// The digest under the name it was asked for; any other when that name has none.
fn digest(image: &ImageInspect, reference: &str) -> Option<String> {
    let named: Vec<(&str, &str)> =
        image.repo_digests.as_deref().unwrap_or_default().iter().filter_map(|d| d.split_once('@')).collect();
    let name = reference.split('@').next().unwrap_or_default();
    let found = named
        .iter()
        .find(|(repo, _)| name == *repo || name.strip_prefix(repo).is_some_and(|rest| rest.starts_with(':')))
        .or(named.first())?;
    Some(found.1.into())
}

fn run_state(state: &ContainerState) -> RunState {
    match state.status {
        Some(ContainerStateStatusEnum::RUNNING) => RunState::Running,
        Some(ContainerStateStatusEnum::RESTARTING) => RunState::Restarting,
        Some(ContainerStateStatusEnum::PAUSED) => RunState::Paused,
        Some(ContainerStateStatusEnum::CREATED) => RunState::Created,
        _ => RunState::Stopped {
            exit_code: state.exit_code.unwrap_or_default(),
            out_of_memory: state.oom_killed.unwrap_or(false),
        },
    }
}

fn restart_policy(policy: &EngineRestartPolicy) -> RestartPolicy {
    match policy.name {
        Some(RestartPolicyNameEnum::ALWAYS) => RestartPolicy::Always,
        Some(RestartPolicyNameEnum::UNLESS_STOPPED) => RestartPolicy::UnlessStopped,
        Some(RestartPolicyNameEnum::ON_FAILURE) => RestartPolicy::OnFailure(
            policy.maximum_retry_count.and_then(|tries| u32::try_from(tries).ok()).unwrap_or_default(),
        ),
        Some(RestartPolicyNameEnum::NO | RestartPolicyNameEnum::EMPTY) | None => RestartPolicy::No,
    }
}

/// For the engine, the other way round.
pub fn to_engine(policy: RestartPolicy) -> EngineRestartPolicy {
    let (name, tries) = match policy {
        RestartPolicy::No => (RestartPolicyNameEnum::NO, 0),
        RestartPolicy::Always => (RestartPolicyNameEnum::ALWAYS, 0),
        RestartPolicy::UnlessStopped => (RestartPolicyNameEnum::UNLESS_STOPPED, 0),
        RestartPolicy::OnFailure(tries) => (RestartPolicyNameEnum::ON_FAILURE, tries),
    };
    EngineRestartPolicy { name: Some(name), maximum_retry_count: Some(i64::from(tries)) }
}

/// The engine writes the year 1 for "never".
fn started_at(text: &str) -> Option<DateTime<Utc>> {
    let at = DateTime::parse_from_rfc3339(text).ok()?.to_utc();
    (at.year() > 1).then_some(at)
}

/// By place: the engine lists them in another order each time. What `--tmpfs` asks for stands apart, and covers what
/// else is mounted there.
fn mounts(points: Vec<MountPoint>, tmpfs: &HashMap<String, String>) -> Vec<Mount> {
    let in_memory = |at: &String| Mount {
        source: MountSource::Other("tmpfs".into()),
        at: at.trim_end_matches('/').into(),
        writable: true,
    };
    let covering: Vec<Mount> = tmpfs.keys().map(in_memory).collect();
    let mut all: Vec<Mount> = points.into_iter().map(mount).filter(|m| covering.iter().all(|c| c.at != m.at)).collect();
    all.extend(covering);
    all.sort_by(|a, b| a.at.cmp(&b.at));
    all
}

fn mount(point: MountPoint) -> Mount {
    let kind = point.typ.unwrap_or_default();
    let source = match kind.as_str() {
        "volume" => MountSource::Volume(VolumeName(point.name.unwrap_or_default())),
        "bind" => MountSource::Bind(point.source.unwrap_or_default()),
        _ => MountSource::Other(kind),
    };
    Mount { source, at: point.destination.unwrap_or_default(), writable: point.rw.unwrap_or(true) }
}

fn networks(settings: NetworkSettings) -> Vec<Network> {
    let mut all: Vec<Network> = settings
        .networks
        .unwrap_or_default()
        .into_iter()
        .map(|(name, end)| Network { name, ip: end.ip_address.unwrap_or_default() })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// What is bound now; of a stopped container what will be (a random host port is not known then); then what is exposed
/// only. TCP only.
fn ports(live: Option<&PortMap>, configured: Option<&PortMap>, exposed: &[String]) -> Vec<Port> {
    let mut all: Vec<Port> = [live, configured]
        .into_iter()
        .flatten()
        .find(|map| map.values().flatten().any(|b| !b.is_empty()))
        .map(bindings)
        .unwrap_or_default();
    for port in exposed.iter().filter_map(|key| tcp(key)) {
        if !all.iter().any(|known| known.container == port) {
            all.push(Port { container: port, host: None });
        }
    }
    all.sort_by(|a, b| {
        (a.container, a.host.as_ref().map(|h| (h.port, &h.address)))
            .cmp(&(b.container, b.host.as_ref().map(|h| (h.port, &h.address))))
    });
    all
}

fn bindings(map: &PortMap) -> Vec<Port> {
    let mut all: Vec<Port> = vec![];
    for (key, bound) in map {
        let Some(container) = tcp(key) else { continue };
        for binding in bound.iter().flatten() {
            let Some(port) = binding.host_port.as_deref().and_then(|p| p.parse::<u16>().ok()).filter(|p| *p > 0) else {
                continue;
            };
            let address = match binding.host_ip.as_deref().unwrap_or_default() {
                // "Every address" is written thrice: empty, IPv4 and IPv6. It is one binding to people.
                "" | "::" => "0.0.0.0",
                given => given,
            };
            let found = Port { container, host: Some(HostPort { address: address.into(), port }) };
            if !all.contains(&found) {
                all.push(found);
            }
        }
    }
    all
}

/// `7687/tcp`.
fn tcp(key: &str) -> Option<u16> {
    match key.split_once('/') {
        Some((port, "tcp")) => port.parse().ok(),
        None => key.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: serde_json::Value) -> ContainerInspectResponse {
        serde_json::from_value(json).expect("an inspect answer")
    }

    #[test]
    fn an_answer_with_nothing_in_it_is_still_a_container() {
        let empty = container(read(serde_json::json!({"Id": "x", "Name": "/x"})), None);
        assert_eq!((empty.name.as_str(), empty.run, empty.memory_limit), ("x", RunState::Created, None));
        assert!(empty.ports.is_empty() && empty.image_env.is_empty() && empty.started_at.is_none());
    }

    #[test]
    fn memory_in_place_of_a_volume_is_seen_however_it_was_asked_for() {
        let seen = container(
            read(serde_json::json!({
                "Mounts": [{"Type": "volume", "Name": "a", "Destination": "/data"}, {"Type": "tmpfs", "Destination": "/logs"}],
                "HostConfig": {"Tmpfs": {"/data/": "uid=7474"}}, "Config": {"User": "1000:1000"}
            })),
            None,
        );
        let in_memory = |at: &str| {
            seen.mounts.iter().filter(|m| m.at == at).all(|m| m.source == MountSource::Other("tmpfs".into()))
        };
        assert!(seen.mounts.len() == 2 && in_memory("/data") && in_memory("/logs"), "{:?}", seen.mounts);
        assert_eq!(seen.user, "1000:1000");
    }

    #[test]
    fn the_order_in_which_the_engine_lists_mounts_means_nothing() {
        let mounts = |places: [&str; 2]| {
            let listed = places.map(|at| serde_json::json!({"Type": "volume", "Name": "a", "Destination": at}));
            container(read(serde_json::json!({"Mounts": listed, "HostConfig": {"Tmpfs": {"/import": ""}}})), None)
                .mounts
        };
        assert_eq!(mounts(["/data", "/logs"]), mounts(["/logs", "/data"]));
    }

    #[test]
    fn a_restart_policy_is_read_as_it_is_written() {
        for policy in
            [RestartPolicy::No, RestartPolicy::Always, RestartPolicy::UnlessStopped, RestartPolicy::OnFailure(3)]
        {
            assert_eq!(restart_policy(&to_engine(policy)), policy);
        }
    }

    #[test]
    fn both_address_families_of_one_binding_are_one_port_and_the_unpublished_is_kept() {
        let seen = container(
            read(serde_json::json!({
                "Config": {"Image": "neo4j:5", "ExposedPorts": {"7473/tcp": {}, "7474/tcp": {}, "7687/tcp": {}}, "StopTimeout": 120},
                "HostConfig": {"Memory": 0, "PortBindings": {"7687/tcp": [{"HostIp": "", "HostPort": ""}]}},
                "NetworkSettings": {"Ports": {
                    "7687/tcp": [{"HostIp": "0.0.0.0", "HostPort": "7687"}, {"HostIp": "::", "HostPort": "7687"}],
                    "7474/tcp": [{"HostIp": "127.0.0.1", "HostPort": "7474"}], "7473/tcp": null}},
                "State": {"Status": "exited", "ExitCode": 137, "OOMKilled": true, "StartedAt": "0001-01-01T00:00:00Z"}
            })),
            None,
        );
        let shown: Vec<_> = seen
            .ports
            .iter()
            .map(|p| (p.container, p.host.as_ref().map(|h| format!("{}:{}", h.address, h.port))))
            .collect();
        assert_eq!(shown, [(7473, None), (7474, Some("127.0.0.1:7474".into())), (7687, Some("0.0.0.0:7687".into()))]);
        assert_eq!((seen.stop_timeout, seen.memory_limit, seen.started_at), (Some(120), None, None));
        assert_eq!(seen.run, RunState::Stopped { exit_code: 137, out_of_memory: true });
    }

    #[test]
    fn a_stopped_container_shows_the_ports_it_will_have() {
        let seen = container(
            read(serde_json::json!({
                "Config": {"ExposedPorts": {"7474/tcp": {}}},
                "HostConfig": {"PortBindings": {"7687/tcp": [{"HostIp": "127.0.0.1", "HostPort": "17687"}]}},
                "NetworkSettings": {"Ports": {}}
            })),
            None,
        );
        assert_eq!(seen.ports.len(), 2);
        assert_eq!(seen.ports[1].host, Some(HostPort { address: "127.0.0.1".into(), port: 17687 }));
    }

    #[test]
    fn the_digest_is_the_one_of_the_name_that_was_asked_for() {
        let image = ImageInspect {
            repo_digests: Some(vec!["mirror/neo4j@sha256:aa".into(), "neo4j@sha256:bb".into()]),
            ..Default::default()
        };
        assert_eq!(digest(&image, "neo4j:5.26.5"), Some("sha256:bb".into()));
        assert_eq!(digest(&image, "other"), Some("sha256:aa".into()));
        assert_eq!(digest(&ImageInspect::default(), "neo4j"), None);
    }
}
