//! A deployment that is to be made: a container of its own with volumes of its own.

mod request;

pub use request::Request;

use crate::Invalid;
use crate::change::{Difference, LimitWanted, MemoryWanted, Plan, accepted_licence, pinned, plan_memory};
use crate::container::{
    Container, ContainerId, HostPort, ImageId, Mount, MountSource, Network, Port, RestartPolicy, RunState, VolumeName,
};
use crate::deployment::DeploymentName;
use crate::environment::Environment;
use crate::finding::STOP_TIMEOUT;
use crate::helper::DATA;
use crate::image::{Edition, ImageReference, Release};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Where Neo4j writes its logs.
const LOGS: &str = "/logs";
/// Ports of Neo4j inside its container (docs/neo4j-facts.md: Ports).
const BOLT: u16 = 7687;
const HTTP: u16 = 7474;
/// The first password of `neo4j`.
pub const AUTH: &str = "NEO4J_AUTH";

/// What somebody asks for, without the first password. Sizes in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDeployment {
    /// Also of the container.
    pub name: DeploymentName,
    pub environment: Environment,
    pub image: ImageReference,
    pub accepts_licence: bool,
    pub limit: u64,
    pub heap: u64,
    pub page_cache: u64,
    /// Made with the deployment; must not exist.
    pub data_volume: VolumeName,
    pub logs_volume: VolumeName,
    /// That is there already; `None` is the engine's own.
    pub network: Option<String>,
    pub published: Published,
}

/// Where its ports are published on the Docker host. Port 0: the engine takes a free one, at each start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// One address of the host; never all of them.
    pub address: IpAddr,
    pub bolt: u16,
    pub http: u16,
}

impl Published {
    /// The container that has this port of the address. `taken`: what running containers publish.
    pub fn taken_by<'a>(&self, port: u16, taken: &'a [(HostPort, String)]) -> Option<&'a str> {
        // What is published on all addresses is on this one, too.
        let same = |address: &str| {
            address.parse::<IpAddr>().is_ok_and(|address| address == self.address || address.is_unspecified())
        };
        let found = taken.iter().find(|(host, _)| port != 0 && host.port == port && same(&host.address))?;
        Some(&found.1)
    }
}

/// The container that will be, and what to know before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub container: Container,
    /// Its variables, as a change of a container that has none.
    pub plan: Plan,
}

impl NewDeployment {
    /// What it will be. `release`: of the image itself once it is there, else its tag tells. `host`: bytes of memory of
    /// the Docker host, where it told.
    ///
    /// # Errors
    /// What cannot be, with its field.
    pub fn plan(&self, release: Option<Release>, host: Option<u64>) -> Result<Planned, Invalid> {
        pinned(&self.image, self.environment)?;
        let release = release.or(Release::of(None, Some(&self.image)));
        let mut container = self.container();
        let memory = MemoryWanted {
            heap: self.heap,
            page_cache: self.page_cache,
            limit: LimitWanted::Bytes(self.limit),
            transaction_total: None,
            exit_on_out_of_memory: Some(true),
        };
        let mut plan = plan_memory(&container, release.map(|release| release.version), host, &memory)?;
        let licence = match release.map(|release| release.edition) {
            Some(Edition::Enterprise) => accepted_licence(&container, self.accepts_licence)?,
            Some(Edition::Community) | None => None,
        };
        plan.differences.extend(licence);
        for difference in &plan.differences {
            let Difference::Variable { name, after: Some(value), .. } = difference else { continue };
            container.env.push((name.clone(), value.clone()));
        }
        Ok(Planned { container, plan })
    }

    /// Without variables.
    fn container(&self) -> Container {
        let volume = |volume: &VolumeName, at: &str| Mount {
            source: MountSource::Volume(volume.clone()),
            at: at.into(),
            writable: true,
        };
        let port = |container, port| {
            let address = self.published.address.to_string();
            Port { container, host: Some(HostPort { address, port }) }
        };
        Container {
            id: ContainerId(String::new()),
            name: self.name.to_string(),
            image: self.image.as_str().into(),
            image_id: ImageId(String::new()),
            image_digest: None,
            image_env: vec![],
            run: RunState::Running,
            started_at: None,
            labels: BTreeMap::new(),
            env: vec![],
            ports: vec![port(HTTP, self.published.http), port(BOLT, self.published.bolt)],
            mounts: vec![volume(&self.data_volume, DATA), volume(&self.logs_volume, LOGS)],
            networks: self.network.iter().map(|name| Network { name: name.clone(), ip: String::new() }).collect(),
            memory_limit: Some(self.limit),
            stop_timeout: Some(STOP_TIMEOUT),
            auto_remove: false,
            restart: RestartPolicy::UnlessStopped,
            restarts: 0,
            user: String::new(),
        }
    }
}

/// What `NEO4J_AUTH` can carry: it parts user and password at a slash (docs/neo4j-facts.md: First password).
///
/// # Errors
/// Of the field `password`.
pub fn first_password(password: &str) -> Result<(), Invalid> {
    let why = if password.chars().count() < 8 {
        "Neo4j takes no password shorter than 8 characters."
    } else if password == "neo4j" || password.contains('/') || password.chars().any(char::is_control) {
        "The first password of Neo4j can have no slash and no control characters."
    } else {
        return Ok(());
    };
    Err(Invalid::new("password", why))
}

#[cfg(test)]
mod tests;
