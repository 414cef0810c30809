//! A container as the engine reports it, reduced to what the console decides on.

use crate::image::{Release, Version};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use strum::IntoStaticStr;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);
        impl $name {
            /// The stored and serialised form.
            pub fn as_str(&self) -> &str { &self.0 }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str(&self.0) }
        }
    };
}

/// From SIGTERM to SIGKILL, at least: how long a Neo4j that is stopped has to write everything.
pub const STOP_SECONDS: u64 = 180;

text_id!(
    /// A container's id or name, as the engine takes it.
    ContainerId
);
text_id!(
    /// `sha256:…` of an image as it is on the engine. A helper always runs the server's own.
    ImageId
);
text_id!(
    /// The name of a volume.
    VolumeName
);

/// What the engine says of the process. Source: Docker Engine API, container inspect.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum RunState {
    Running,
    Restarting,
    Paused,
    Created,
    Stopped { exit_code: i64, out_of_memory: bool },
}

impl RunState {
    /// Running, and neither paused nor being restarted.
    pub const fn is_running(&self) -> bool {
        matches!(self, Self::Running)
    }

    /// 137 is SIGKILL: the stop timeout ran out, or the kernel ended it. Its store needs recovery.
    pub const fn stopped_uncleanly(&self) -> bool {
        matches!(self, Self::Stopped { exit_code: 137, .. } | Self::Stopped { out_of_memory: true, .. })
    }
}

/// When the engine starts the container by itself. Source: Docker Engine API, `HostConfig.RestartPolicy`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "name", content = "tries")]
pub enum RestartPolicy {
    #[default]
    No,
    /// Also at the engine's own start, when it had been stopped.
    Always,
    UnlessStopped,
    /// How often at most; 0 is without a limit.
    OnFailure(u32),
}

/// A published port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    pub container: u16,
    /// `None`: not published, reachable inside the network only.
    pub host: Option<HostPort>,
}

/// Where a port is published on the host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostPort {
    pub address: String,
    pub port: u16,
}

impl HostPort {
    /// Published on every address of the host.
    pub fn open_to_the_world(&self) -> bool {
        !(self.address.starts_with("127.") || self.address == "::1" || self.address == "localhost")
    }
}

/// What is mounted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MountSource {
    Volume(VolumeName),
    /// A directory of the host.
    Bind(String),
    Other(String),
}

/// Something mounted into a container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    pub source: MountSource,
    /// Path inside the container, for example `/data`.
    pub at: String,
    pub writable: bool,
}

impl Mount {
    /// Made by the image's `VOLUME` with nothing mounted: the name is 64 hexadecimal digits.
    pub fn is_anonymous(&self) -> bool {
        matches!(&self.source, MountSource::Volume(v) if v.0.len() == 64 && v.0.bytes().all(|b| b.is_ascii_hexdigit()))
    }

    /// The word before the colon in a bind.
    pub fn source_name(&self) -> &str {
        match &self.source {
            MountSource::Volume(v) => &v.0,
            MountSource::Bind(path) => path,
            MountSource::Other(kind) => kind,
        }
    }
}

/// A network a container is on, with its address there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Network {
    pub name: String,
    /// Empty while the container is stopped.
    pub ip: String,
}

/// One Neo4j container, from inspect of it and its image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    pub id: ContainerId,
    /// Without the leading slash.
    pub name: String,
    /// As it was asked for: `neo4j:5.26.5-community`.
    pub image: String,
    pub image_id: ImageId,
    /// `sha256:…` of the registry, when the image came from one.
    pub image_digest: Option<String>,
    /// The image's own variables; not settings of this deployment.
    pub image_env: Vec<(String, String)>,
    pub run: RunState,
    pub started_at: Option<DateTime<Utc>>,
    pub labels: BTreeMap<String, String>,
    pub env: Vec<(String, String)>,
    pub ports: Vec<Port>,
    pub mounts: Vec<Mount>,
    pub networks: Vec<Network>,
    /// Bytes; `None` is no limit.
    pub memory_limit: Option<u64>,
    /// Seconds; `None` is the engine's 10 s.
    pub stop_timeout: Option<u64>,
    pub auto_remove: bool,
    #[serde(default)]
    pub restart: RestartPolicy,
    /// How often the engine has started it by itself, since a person or the console started it.
    #[serde(default)]
    pub restarts: u64,
    /// As it was asked for: `1000:1000`; empty is the image's own.
    #[serde(default)]
    pub user: String,
}

/// Who created the container and will recreate it. Decides how a change is applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case", tag = "owner", content = "name")]
#[strum(serialize_all = "snake_case")]
pub enum Owner {
    Console,
    /// Compose project.
    Compose(String),
    /// Coolify resource.
    Coolify(String),
    /// Run by hand.
    Docker,
}

impl Owner {
    /// The stored and serialised form.
    pub fn as_str(&self) -> &'static str {
        self.into()
    }
}

impl Container {
    /// The value of a variable of the container.
    pub fn env_value(&self, name: &str) -> Option<&str> {
        self.env.iter().chain(&self.image_env).find(|(k, _)| k == name).map(|(_, v)| v.as_str())
    }

    /// The variables that are this deployment's own, not the image's.
    pub fn own_env(&self) -> impl Iterator<Item = &(String, String)> {
        self.env.iter().filter(|pair| !self.image_env.contains(pair))
    }

    /// Of Neo4j, as the official image tells in a variable of its own: known also while the server does not run
    /// (docs/neo4j-facts.md: Image).
    pub fn image_version(&self) -> Option<Version> {
        Some(self.image_release()?.version)
    }

    /// Version and edition of Neo4j, as the image tells.
    pub fn image_release(&self) -> Option<Release> {
        Release::of_variables(&self.image_env)
    }

    /// What is mounted at exactly this path.
    pub fn mount_at(&self, path: &str) -> Option<&Mount> {
        self.mounts.iter().find(|m| m.at == path)
    }

    /// By labels; Coolify first, because its resources carry compose labels too (docs/neo4j-facts.md: Owner).
    pub fn owner(&self) -> Owner {
        let label = |key: &str| self.labels.get(key).cloned();
        if label("neo4j-console.owner").is_some() {
            return Owner::Console;
        }
        if self.labels.contains_key("coolify.managed") {
            return Owner::Coolify(label("coolify.resourceName").or_else(|| label("coolify.name")).unwrap_or_default());
        }
        match label("com.docker.compose.project") {
            Some(project) => Owner::Compose(project),
            None => Owner::Docker,
        }
    }

    /// A Neo4j server by the base name of its image, or by the label a person gave it.
    pub fn is_neo4j(&self) -> bool {
        if self.labels.contains_key("neo4j-console.helper") {
            return false;
        }
        let name = self.image.split('@').next().unwrap_or_default();
        let last = name.rsplit('/').next().unwrap_or_default();
        last.split(':').next() == Some("neo4j") || self.labels.get("neo4j-console.neo4j").is_some_and(|v| v == "true")
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A well-made Community container; tests change what they are about.
    pub(crate) fn sample() -> Container {
        Container {
            id: ContainerId("c0ffee".into()),
            name: "sales".into(),
            image: "neo4j:5.26.5-community".into(),
            image_id: ImageId("sha256:aa".into()),
            image_digest: None,
            image_env: vec![("NEO4J_EDITION".into(), "community".into())],
            run: RunState::Running,
            started_at: None,
            labels: BTreeMap::new(),
            env: vec![
                ("NEO4J_EDITION".into(), "community".into()),
                ("NEO4J_AUTH".into(), "neo4j/secret-secret".into()),
            ],
            ports: vec![],
            mounts: vec![Mount {
                source: MountSource::Volume(VolumeName("sales-data".into())),
                at: "/data".into(),
                writable: true,
            }],
            networks: vec![],
            memory_limit: None,
            stop_timeout: Some(120),
            auto_remove: false,
            restart: RestartPolicy::UnlessStopped,
            restarts: 0,
            user: String::new(),
        }
    }

    #[test]
    fn the_owner_is_read_from_labels_and_coolify_wins_over_compose() {
        let mut c = sample();
        assert_eq!(c.owner(), Owner::Docker);
        c.labels.insert("com.docker.compose.project".into(), "shop".into());
        assert_eq!(c.owner(), Owner::Compose("shop".into()));
        c.labels.insert("coolify.managed".into(), "true".into());
        c.labels.insert("coolify.resourceName".into(), "graph".into());
        assert_eq!(c.owner(), Owner::Coolify("graph".into()));
    }

    #[test]
    fn the_version_is_known_from_the_image_alone() {
        let mut c = sample();
        assert_eq!(c.image_version(), None);
        c.image_env.push(("NEO4J_TARBALL".into(), "neo4j-community-2026.05.0-unix.tar.gz".into()));
        assert_eq!(c.image_version(), Some(Version::new(2026, 5, 0)));
    }

    #[test]
    fn only_images_named_neo4j_are_found() {
        let mut c = sample();
        for (image, is) in [
            ("neo4j:5", true),
            ("localhost:5000/neo4j:5.26.5-community@sha256:00", true),
            ("registry/team/neo4j", true),
            ("neo4j/neo4j-admin:5.26.5", false),
            ("my-neo4j:1", false),
            ("postgres:16", false),
        ] {
            c.image = image.into();
            assert_eq!(c.is_neo4j(), is, "{image}");
        }
        c.labels.insert("neo4j-console.neo4j".into(), "true".into());
        assert!(c.is_neo4j());
        c.labels.insert("neo4j-console.helper".into(), "dump".into());
        assert!(!c.is_neo4j(), "our own helpers are not servers");
    }
}
