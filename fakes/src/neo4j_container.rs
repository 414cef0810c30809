use domain::container::{
    Container, ContainerId, HostPort, ImageId, Mount, MountSource, Port, RestartPolicy, RunState, VolumeName,
};
use std::collections::BTreeMap;

/// Never a name.
pub fn id_of(name: &str) -> ContainerId {
    ContainerId(format!("id-of-{name}"))
}

/// A running Community server as the engine would report it.
pub fn neo4j_container(name: &str) -> Container {
    let edition = ("NEO4J_EDITION".to_string(), "community".to_string());
    Container {
        id: id_of(name),
        name: name.into(),
        image: "neo4j:5.26.5-community".into(),
        image_id: ImageId("sha256:neo4j".into()),
        image_digest: None,
        image_env: vec![edition.clone()],
        run: RunState::Running,
        started_at: None,
        labels: BTreeMap::new(),
        env: vec![edition, ("NEO4J_AUTH".into(), "neo4j/correct horse".into())],
        ports: vec![Port { container: 7687, host: Some(HostPort { address: "127.0.0.1".into(), port: 17687 }) }],
        mounts: vec![Mount {
            source: MountSource::Volume(VolumeName(format!("{name}-data"))),
            at: "/data".into(),
            writable: true,
        }],
        networks: vec![],
        memory_limit: None,
        stop_timeout: Some(120),
        auto_remove: false,
        restart: RestartPolicy::Always,
        restarts: 0,
        user: String::new(),
    }
}
