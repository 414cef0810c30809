//! Servers the console makes, in memory.

use super::neo4j_container::neo4j_container;
use super::world::{Fake, State, Store, read_store, write_store};
use chrono::DateTime;
use domain::container::{
    Container, ContainerId, HostPort, Mount, MountSource, Network, Port, RestartPolicy, RunState, VolumeName,
};
use domain::helper::HelperCommand;
use ports::{EngineError, OWNER_LABEL, ServerSpec};

type Result<T> = std::result::Result<T, EngineError>;

/// Servers that the console made, as the engine would keep them.
pub fn create(s: &mut State, spec: &ServerSpec) -> Result<ContainerId> {
    if !s.images.contains(&spec.image_id.0) {
        return Err(EngineError::NotFound(format!("No such image: {}", spec.image_id)));
    }
    if s.containers.contains_key(&spec.name) {
        return Err(EngineError::Conflict(format!("The container name \"/{}\" is already in use", spec.name)));
    }
    for mount in &spec.mounts {
        s.volumes.entry(mount.source.clone()).or_default();
    }
    let like = neo4j_container(&spec.name);
    let mounts = spec.mounts.iter().map(|m| Mount {
        source: MountSource::Volume(VolumeName(m.source.clone())),
        at: m.at.clone(),
        writable: m.writable,
    });
    let container = Container {
        image: spec.image.clone(),
        run: RunState::Created,
        labels: spec.labels.clone(),
        mounts: mounts.collect(),
        env: like.image_env.iter().chain(&spec.env).cloned().collect(),
        networks: spec.networks.iter().map(|name| Network { name: name.clone(), ip: String::new() }).collect(),
        ports: spec.published.iter().map(|(port, host)| Port { container: *port, host: Some(host.clone()) }).collect(),
        memory_limit: spec.memory_limit,
        stop_timeout: Some(spec.stop_timeout),
        ..like
    };
    Ok(s.containers.add(Fake::new(container, None)).container.id.clone())
}

/// Also of one that is not there; refused for a container that is not the console's.
pub fn remove(s: &mut State, name: &str) -> Result<()> {
    match s.containers.get(name) {
        Some(f) if !f.container.labels.contains_key(OWNER_LABEL) => {
            Err(EngineError::Conflict(format!("The container {name} was not made by this console.")))
        }
        _ => {
            s.containers.remove(name);
            Ok(())
        }
    }
}

/// A server on a store that is broken ends, and one with a bad variable; its restart policy starts it again and again.
pub fn may_come_down(s: &mut State, name: &str) {
    let Some(fake) = s.containers.get(name).filter(|f| f.act.is_none()) else { return };
    let bad = s.bad_variable.clone().filter(|bad| fake.container.env_value(&bad.name) == Some(&bad.value));
    let volume = domain::storage::data(&fake.container).map(|m| m.source_name().to_string()).unwrap_or_default();
    let nodes = s.volumes.get(&volume).and_then(|files| read_store(files, "neo4j")).map(|store| store.nodes);
    let (out_of_memory, output) = match bad {
        Some(bad) => (bad.out_of_memory, bad.output),
        None if nodes.is_some() && nodes == s.broken_store => (false, "Starting Neo4j.\nThe store is corrupt.".into()),
        None => return,
    };
    if let Some(fake) = s.containers.get_mut(name) {
        let loops = fake.container.restart != RestartPolicy::No && !out_of_memory;
        let exit_code = if out_of_memory { 137 } else { 1 };
        fake.container.run = if loops { RunState::Restarting } else { RunState::Stopped { exit_code, out_of_memory } };
        fake.container.restarts = if loops { 7 } else { 0 };
        fake.output = output;
    }
}

/// Without the console: Neo4j makes the database it does not find, and clients write.
pub fn started_by_somebody(s: &mut State) {
    let Some(fake) = s.containers.get_mut("sales").filter(|f| !f.container.run.is_running()) else { return };
    fake.container.run = RunState::Running;
    s.stranger_came = true;
    began(s, "sales");
    let files = s.volumes.entry("sales-data".into()).or_default();
    let store = read_store(files, "neo4j").unwrap_or(Store { nodes: 0, relationships: 0, users: [].into() });
    write_store(files, "neo4j", &Store { nodes: store.nodes + 1000, ..store });
}

/// What a server does at its start: Neo4j makes the databases it does not find, the engine gives it ports.
pub fn began(s: &mut State, name: &str) {
    let Some(fake) = s.containers.get(name).filter(|f| f.container.run.is_running()).cloned() else { return };
    let auth = fake.container.env_value("NEO4J_AUTH").and_then(|auth| auth.strip_prefix("neo4j/"));
    let first = if matches!(fake.act, Some(HelperCommand::Serve { .. })) { "neo4j" } else { auth.unwrap_or("neo4j") };
    if let Some(MountSource::Volume(volume)) = domain::storage::data(&fake.container).ok().map(|m| &m.source) {
        let files = s.volumes.entry(volume.0.clone()).or_default();
        if read_store(files, "system").is_none() {
            let empty = Store { nodes: 0, relationships: 0, users: [].into() };
            let data = read_store(files, "neo4j").unwrap_or(empty);
            write_store(files, "neo4j", &data);
            write_store(
                files,
                "system",
                &Store { nodes: 1, relationships: 0, users: [("neo4j".to_string(), first.to_string())].into() },
            );
        }
    }
    s.starts += 1;
    if fake.act.is_none() {
        s.failing_opens = s.failing_opens.saturating_sub(1);
    }
    let at = DateTime::from_timestamp(s.starts, 0);
    if let Some(fake) = s.containers.get_mut(name) {
        fake.container.started_at = at;
    }
    let nth = u16::try_from(s.containers.keys().position(|n| n == name).unwrap_or_default()).unwrap_or_default();
    let published = fake.container.labels.contains_key(OWNER_LABEL);
    for port in s.containers.get_mut(name).into_iter().flat_map(|f| &mut f.container.ports).filter(|_| published) {
        if port.host.as_ref().is_some_and(|host| host.port != 0) {
            continue;
        }
        port.host = Some(HostPort { address: "127.0.0.1".into(), port: port.container + 20_000 + nth });
    }
}
