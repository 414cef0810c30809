//! The container engine: what is asked of Docker.

use super::Bytestream;
use super::container::Stats;
use super::log::{LogLine, LogsFrom};
use super::pull::PullProgress;
use async_trait::async_trait;
use domain::Problem;
use domain::bolt::EngineHost;
use domain::change::Difference;
use domain::container::{Container, ContainerId, HostPort, ImageId, RestartPolicy, VolumeName};
use domain::helper::HelperCommand;
use domain::image::{FoundImage, ImageReference};
use domain::problem::ProblemKind;
use domain::registry_sign_in::RegistrySignIn;
use domain::storage::RunAs;
use futures::stream::BoxStream;
use std::collections::BTreeMap;
use std::time::Duration;

/// On a server and its volume that the console made, and that stay: which console it was (docs/neo4j-facts.md: Owner,
/// `Container::owner`).
pub const OWNER_LABEL: &str = "neo4j-console.owner";

/// Why Docker did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// No answer, or no connection. Try again later.
    #[error("Docker did not answer: {0}")]
    Unreachable(String),
    /// 403, for example of a socket proxy: the right is missing. Its argument says which call. Also of an image's
    /// registry that wants a sign-in.
    #[error("Docker refused: {0}")]
    Denied(String),
    /// 404. Its argument names the thing.
    #[error("{0}")]
    NotFound(String),
    /// 409.
    #[error("{0}")]
    Conflict(String),
    #[error("the disk of the Docker host is full: {0}")]
    DiskFull(String),
    /// A port of the host that the container publishes.
    #[error("a port is taken: {0}")]
    PortTaken(String),
    /// The image of a container has not the program that it is to run.
    #[error("the program is not in the image: {0}")]
    NoProgram(String),
    #[error("Docker failed: {0}")]
    Failed(String),
}

impl EngineError {
    /// As people read it, with what to do.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Unreachable(why) => Problem::new(ProblemKind::Unavailable, "Docker did not answer.")
                .means(format!("The console cannot see or change containers now. What runs, runs on. ({why})"))
                .next_step("Check that the Docker Engine runs and that the console may use its socket.")
                .next_step("Try again."),
            Self::Denied(what) => Problem::new(ProblemKind::Unavailable, "Docker refused what the console asked for.")
                .means(format!("A socket proxy, the engine's rights or an image's registry forbid it: {what}"))
                .next_step("Allow the call in the proxy; docs/install.md lists what the console needs."),
            Self::NotFound(what) => {
                Problem::new(ProblemKind::NotFound, format!("Docker does not have it any more: {what}"))
                    .next_step("Check whether it was removed, then try again.")
            }
            Self::Conflict(why) => {
                Problem::new(ProblemKind::Conflict, format!("Docker says it is not possible now: {why}"))
            }
            Self::DiskFull(why) => Problem::new(ProblemKind::Unavailable, "The disk of the Docker host is full.")
                .means(why.clone())
                .next_step("Free some space, then try again."),
            Self::PortTaken(why) => {
                Problem::new(ProblemKind::Conflict, "A port that the container publishes is taken.")
                    .means(why.clone())
                    .next_step("Find out which container or program has it, end that, then try again.")
            }
            Self::NoProgram(why) => {
                Problem::new(ProblemKind::Conflict, "The image does not have the program that the console runs in it.")
                    .means(why.clone())
                    .next_step("Check which image the deployment has; the console needs one of Neo4j.")
            }
            Self::Failed(why) => Problem::new(ProblemKind::Unavailable, "Docker could not do it.")
                .means(why.clone())
                .next_step("Try again; if it fails again, check the engine's log."),
        }
    }
}

/// A helper to create. Its name and labels make it findable after a crash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelperSpec {
    /// Unique on the engine; carries the job's id, so that a repeat finds its own work.
    pub name: String,
    pub image: ImageId,
    /// But for a server, which changes to its own.
    pub user: RunAs,
    pub act: HelperCommand,
    /// Volume and the path it is mounted at. By name, never "volumes from": that can delete them (docs/neo4j-facts.md:
    /// Helpers).
    pub mounts: Vec<HelperMount>,
    pub labels: BTreeMap<String, String>,
}

/// A volume, or a directory of the host, that a helper mounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HelperMount {
    /// Volume name, or a directory of the host when the deployment's data is a bind.
    pub source: String,
    pub at: String,
    pub writable: bool,
}

/// A Neo4j server to create, that stays. See `jobs::new_server` for what it takes over from another.
#[derive(Clone, PartialEq, Eq)]
pub struct ServerSpec {
    pub name: String,
    /// The words the image is known by; the container carries them where they still mean `image_id`, and the id where
    /// they do not.
    pub image: String,
    pub image_id: ImageId,
    pub env: Vec<(String, String)>,
    pub mounts: Vec<HelperMount>,
    /// By name; none means the engine's own.
    pub networks: Vec<String>,
    /// What is published where. Port 0 of the host: the engine takes a free one, at each start.
    pub published: Vec<(u16, HostPort)>,
    /// Bytes.
    pub memory_limit: Option<u64>,
    /// Seconds.
    pub stop_timeout: u64,
    pub labels: BTreeMap<String, String>,
}

/// A container to make from another's description: it gets all the other has, also what the console does not know, but
/// for the differences. Its volumes are the other's own, nameless ones too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recreation {
    /// Whose description it starts from. It is not touched, and may run.
    pub of: ContainerId,
    /// Of the new one, until it takes the other's place by [`ContainerEngine::rename`].
    pub name: String,
    pub differences: Vec<Difference>,
}

/// What is left of a helper or volume of ours.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    pub name: String,
    pub labels: BTreeMap<String, String>,
}

/// How a command inside a container ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExecResult {
    pub exit_code: i64,
    /// Both streams in the order they came, at most 1 MiB.
    pub output: String,
}

/// A file inside a container or volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    pub bytes: u64,
}

/// A container's lines as they come. The last item may be an error; dropping it lets the engine go.
pub type LogStream = BoxStream<'static, Result<LogLine, EngineError>>;

/// How far a pull is. At its end the image is there; the last item may be an error. Dropping it ends the pull.
pub type PullStream = BoxStream<'static, Result<PullProgress, EngineError>>;

/// The container engine (Docker). Streams are pulled by the caller, so memory stays flat.
#[async_trait]
pub trait ContainerEngine: Send + Sync + 'static {
    /// Version text, for example `20.10.24 (API 1.41)`.
    async fn ping(&self) -> Result<String, EngineError>;
    /// Where it is, seen from the console.
    async fn host(&self) -> EngineHost;
    /// All Neo4j containers, running and stopped ([`Container::is_neo4j`]).
    async fn neo4j_containers(&self) -> Result<Vec<Container>, EngineError>;
    /// By name or id.
    async fn inspect(&self, id: &ContainerId) -> Result<Container, EngineError>;
    /// The engine's own description of a container, every field as it is, also those the console does not know: what a
    /// re-creation that must lose nothing starts from. Its shape is the engine's (Docker Engine API, container
    /// inspect), in the newest version it speaks.
    async fn inspect_raw(&self, id: &ContainerId) -> Result<serde_json::Value, EngineError>;
    /// One reading, at once. `Conflict` when the container is not running; a paused one is.
    async fn stats(&self, id: &ContainerId) -> Result<Stats, EngineError>;
    /// By id, or by the name people write. `None`: the engine does not have it.
    async fn find_image(&self, image: &str) -> Result<Option<FoundImage>, EngineError>;
    /// Tags that the engine has of the image's repository, sorted; the reference's own plays no part.
    async fn local_tags(&self, image: &ImageReference) -> Result<Vec<String>, EngineError>;
    /// From its registry, with the sign-in for it; without one the engine has none of its own either. `image` as people
    /// write it; without a tag it is `latest`. One that is there is fine, and is brought up to date. `NotFound` also
    /// when the registry hides what is private, `Denied` when it wants another sign-in, `Unreachable` when the registry
    /// is, `DiskFull`; an error may also come in the stream.
    async fn pull(&self, image: &str, sign_in: Option<&RegistrySignIn>) -> Result<PullStream, EngineError>;
    /// Starting a running container is fine.
    async fn start(&self, id: &ContainerId) -> Result<(), EngineError>;
    /// SIGTERM, then SIGKILL after `timeout`. Returns when it has stopped. Stopping a stopped one is fine.
    async fn stop(&self, id: &ContainerId, timeout: Duration) -> Result<(), EngineError>;
    /// Of a paused container.
    async fn unpause(&self, id: &ContainerId) -> Result<(), EngineError>;
    /// What the engine does by itself when the process has ended. Starts and stops nothing.
    async fn set_restart_policy(&self, id: &ContainerId, policy: RestartPolicy) -> Result<(), EngineError>;
    /// Running or not. `Conflict` when another has the name; its own is fine. Its id stays.
    async fn rename(&self, id: &ContainerId, name: &str) -> Result<(), EngineError>;
    /// Running or not. `network` by name or id; the container answers to `aliases` there besides its name, which only a
    /// network somebody made allows. One that is connected is fine, and keeps the aliases it has. `NotFound` when there
    /// is no such network.
    async fn connect_network(&self, id: &ContainerId, network: &str, aliases: &[String]) -> Result<(), EngineError>;
    /// Running or not. One that is not connected is fine; `NotFound` when there is no such network.
    async fn disconnect_network(&self, id: &ContainerId, network: &str) -> Result<(), EngineError>;
    /// Names of the running containers that have this volume, or this directory of the host, mounted anywhere.
    async fn running_on(&self, volume: &str) -> Result<Vec<String>, EngineError>;
    /// What running containers publish on the host over TCP, with the name of each one.
    async fn published_ports(&self) -> Result<Vec<(HostPort, String)>, EngineError>;
    /// By name or id.
    async fn has_network(&self, name: &str) -> Result<bool, EngineError>;
    /// Runs a command inside a running container as its server does (never as root), bounded by `limit`.
    async fn exec(&self, id: &ContainerId, command: &[&str], limit: Duration) -> Result<ExecResult, EngineError>;
    /// One file as a stream, from a running, stopped or only created container, through its volumes. With its size.
    async fn read_file(&self, id: &ContainerId, path: &str) -> Result<(FileFacts, Bytestream), EngineError>;
    /// Writes one file of exactly `bytes` bytes as 7474:7474, making its directory (one level), where everybody in a
    /// container may write. A stream that is shorter fails and leaves no usable file.
    async fn write_file(
        &self,
        id: &ContainerId,
        path: &str,
        bytes: u64,
        content: Bytestream,
    ) -> Result<(), EngineError>;
    /// Makes a directory below an existing one, where everybody in a container may write. One that exists is fine.
    async fn make_directory(&self, id: &ContainerId, path: &str) -> Result<(), EngineError>;
    /// Creates and does not start it; no network, no auto-remove. One of the same name is removed first.
    async fn create_helper(&self, spec: &HelperSpec) -> Result<ContainerId, EngineError>;
    /// Creates and does not start it; it comes back with the engine unless it was stopped. `Conflict` when the name is
    /// taken.
    async fn create_server(&self, spec: &ServerSpec) -> Result<ContainerId, EngineError>;
    /// Kills if needed; only one with the label [`OWNER_LABEL`]. Its named volumes stay, its nameless ones go. One that
    /// is gone is fine.
    async fn remove_server(&self, name: &str) -> Result<(), EngineError>;
    /// Creates and does not start it, on all networks of the other with its own names and addresses there. `Conflict`
    /// when the name is taken, `NotFound` when the other or an image is gone.
    async fn recreate(&self, wanted: &Recreation) -> Result<ContainerId, EngineError>;
    /// At once, whether it runs or not; `None` is no limit. Swap keeps its relation to memory. `Conflict` where the
    /// engine cannot, for example below what is in use.
    async fn set_memory_limit(&self, id: &ContainerId, bytes: Option<u64>) -> Result<(), EngineError>;
    /// `Conflict` when it runs. All its volumes stay, nameless ones too: another container may have them now. One that
    /// is gone is fine.
    async fn remove_stopped(&self, id: &ContainerId) -> Result<(), EngineError>;
    /// Bytes of the engine's host.
    async fn host_memory(&self) -> Result<u64, EngineError>;
    /// Waits until a started container has ended. Bounded by `limit`; then `Failed`.
    async fn wait(&self, id: &ContainerId, limit: Duration) -> Result<i64, EngineError>;
    /// The last `lines` lines of output.
    async fn logs(&self, id: &ContainerId, lines: usize) -> Result<String, EngineError>;
    /// What it printed and what it prints, until it ends. One that does not run ends at once after what it printed. A
    /// quiet container is waited for without a limit, an engine that is gone is not.
    async fn follow_logs(&self, id: &ContainerId, from: LogsFrom) -> Result<LogStream, EngineError>;
    /// Kills if needed; never removes a volume. One that is gone is fine.
    async fn remove_helper(&self, name: &str) -> Result<(), EngineError>;
    /// With its labels; of anybody.
    async fn inspect_volume(&self, name: &VolumeName) -> Result<Leftover, EngineError>;
    /// One that exists is fine.
    async fn create_volume(&self, name: &VolumeName, labels: &BTreeMap<String, String>) -> Result<(), EngineError>;
    /// Also one that the console did not make, with all that is in it. One that is gone is fine. `Conflict` while any
    /// container has it.
    async fn remove_foreign_volume(&self, name: &VolumeName) -> Result<(), EngineError>;
    /// Only one of the console's own. One that is gone is fine.
    async fn remove_volume(&self, name: &VolumeName) -> Result<(), EngineError>;
    /// Helpers with this label and value.
    async fn helpers(&self, label: &str, value: &str) -> Result<Vec<Leftover>, EngineError>;
    async fn volumes(&self, label: &str, value: &str) -> Result<Vec<Leftover>, EngineError>;
}
