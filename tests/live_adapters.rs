//! The adapters against the world they adapt to: a real Docker Engine, a real Neo4j, a real disk. What the jobs rely on
//! is proven here call by call; whole jobs are in `live_jobs`.

mod bolt;
mod directory;
mod engine;
mod files;
mod helpers;
mod hung_directory;
mod memory;
mod reach;
mod recreation;
mod registry;
mod unreachable;

use adapters::docker::DockerEngine;
use domain::container::{Container, ContainerId, ImageId, VolumeName};
use domain::helper::HelperCommand;
use ports::{ContainerEngine, HelperMount, HelperSpec};
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU32, Ordering};
use tests::docker::docker;
use tests::neo4j::Neo4j;
use tests::turns::{Shared, Turn};

pub(crate) const IMAGE: &str = "fast/neo4j:5.26.5-community";
const LABEL: &str = "neo4j-console.test";

static ADAPTERS: Shared = Shared::new("adapters");

pub(crate) async fn shared_neo4j() -> (&'static Neo4j, Turn) {
    ADAPTERS.take().await
}

pub(crate) fn engine() -> DockerEngine {
    DockerEngine::connect(None).expect("the default socket")
}

fn pid() -> String {
    std::process::id().to_string()
}

fn labels() -> BTreeMap<String, String> {
    BTreeMap::from([(LABEL.to_string(), pid())])
}

/// As jobs give it: by id, never by name.
pub(crate) fn image_id() -> ImageId {
    ImageId(docker().run(&["image", "inspect", "--format", "{{.Id}}", IMAGE]).trim().into())
}

/// A name nobody else uses.
pub(crate) fn unique(what: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("test-{what}-{}-{}", pid(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A container made with the command line, as a person would; removed with its anonymous volumes when the test ends,
/// however.
struct ByHand(String);

impl ByHand {
    /// `docker <verb> --name … <args>`.
    fn new(verb: &[&str], args: &[&str]) -> Self {
        let container = Self(unique("by-hand"));
        let label = format!("{LABEL}={}", pid());
        docker().run(&[verb, &["--name", &container.0, "--label", &label], args].concat());
        container
    }

    fn id(&self) -> ContainerId {
        ContainerId(self.0.clone())
    }

    fn exists(&self) -> bool {
        docker().run(&["ps", "-aq", "--filter", &format!("name=^{}$", self.0)]).trim() != ""
    }
}

impl Drop for ByHand {
    fn drop(&mut self) {
        if self.exists() {
            docker().run(&["rm", "-f", "-v", &self.0]);
        }
    }
}

/// A volume, removed when the test ends.
struct Volume(String);

impl Volume {
    fn by_hand(options: &[&str]) -> Self {
        let volume = Self(unique("volume"));
        docker().run(&[&["volume", "create", "--label", "com.example=foreign"], options, &[&volume.0]].concat());
        volume
    }

    async fn ours(engine: &DockerEngine) -> Self {
        let volume = Self(unique("volume"));
        engine.create_volume(&volume.name(), &labels()).await.expect("a volume");
        volume
    }

    fn name(&self) -> VolumeName {
        VolumeName(self.0.clone())
    }

    fn exists(&self) -> bool {
        docker().run(&["volume", "ls", "-q"]).lines().any(|name| name == self.0)
    }
}

impl Drop for Volume {
    fn drop(&mut self) {
        if self.exists() {
            docker().run(&["volume", "rm", "-f", &self.0]);
        }
    }
}

/// A helper made by the adapter. Declare it after its volumes: what is declared last is dropped first.
struct Made {
    id: ContainerId,
    name: String,
}

impl Made {
    async fn new(engine: &DockerEngine, act: HelperCommand, mounts: &[(&str, &str)]) -> Self {
        let spec = HelperSpec {
            name: unique("helper"),
            image: image_id(),
            user: Default::default(),
            act,
            mounts: mounts
                .iter()
                .map(|(source, at)| HelperMount { source: (*source).into(), at: (*at).into(), writable: true })
                .collect(),
            labels: labels(),
        };
        let id = engine.create_helper(&spec).await.expect("a helper");
        Self { id, name: spec.name }
    }

    fn inspect(&self, format: &str) -> String {
        docker().run(&["inspect", "--format", format, &self.name]).trim().to_string()
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        if docker().run(&["ps", "-aq", "--filter", &format!("name=^{}$", self.name)]).trim() != "" {
            docker().run(&["rm", "-f", &self.name]);
        }
    }
}

fn names(containers: &[Container]) -> Vec<&str> {
    containers.iter().map(|c| c.name.as_str()).collect()
}
