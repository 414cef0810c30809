//! The ports: what a test cannot have for real in a millisecond. Nothing else is a trait.
//!
//! Every call is bounded by its adapter; none may hang. Adapters live in `server/adapters`, fakes in
//! [`crate::testing`]; both pass the same contract (`tests/contract.rs`).

mod message;

pub use message::{Body, Call, Mail, Mailer, MessageError, Webhook};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use domain::Problem;
use domain::bolt::EngineHost;
use domain::container::{Container, ContainerId, ImageId, RestartPolicy, VolumeName};
use domain::helper::HelperCommand;
use domain::problem::ProblemKind;
use domain::storage::RunAs;
use futures::stream::BoxStream;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::Duration;

/// On a server and its volume that the console made, and that stay: which console it was (docs/neo4j-facts.md: Owner,
/// `Container::owner`).
pub const OWNER_LABEL: &str = "neo4j-console.owner";

/// Pieces of a file in order. Never the whole.
pub type Bytestream = BoxStream<'static, std::io::Result<Bytes>>;

/// Why Docker did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// No answer, or no connection. Try again later.
    #[error("Docker did not answer: {0}")]
    Unreachable(String),
    /// 403, for example of a socket proxy: the right is missing. Its argument says which call.
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
                .means(format!("A socket proxy or the engine's rights forbid it: {what}"))
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
            Self::Failed(why) => Problem::new(ProblemKind::Unavailable, "Docker could not do it.")
                .means(why.clone())
                .next_step("Try again; if it fails again, look at the engine's log."),
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
    /// Ports of the container, each published on 127.0.0.1 at a port the engine chooses.
    pub published: Vec<u16>,
    /// Bytes.
    pub memory_limit: Option<u64>,
    /// Seconds.
    pub stop_timeout: u64,
    pub labels: BTreeMap<String, String>,
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
    async fn image_exists(&self, id: &ImageId) -> Result<bool, EngineError>;
    /// Starting a running container is fine.
    async fn start(&self, id: &ContainerId) -> Result<(), EngineError>;
    /// SIGTERM, then SIGKILL after `timeout`. Returns when it has stopped. Stopping a stopped one is fine.
    async fn stop(&self, id: &ContainerId, timeout: Duration) -> Result<(), EngineError>;
    /// Of a paused container.
    async fn unpause(&self, id: &ContainerId) -> Result<(), EngineError>;
    /// What the engine does by itself when the process has ended. Starts and stops nothing.
    async fn set_restart_policy(&self, id: &ContainerId, policy: RestartPolicy) -> Result<(), EngineError>;
    /// Names of the running containers that have this volume, or this directory of the host, mounted anywhere.
    async fn running_on(&self, volume: &str) -> Result<Vec<String>, EngineError>;
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
    /// Waits until a started container has ended. Bounded by `limit`; then `Failed`.
    async fn wait(&self, id: &ContainerId, limit: Duration) -> Result<i64, EngineError>;
    /// The last `lines` lines of output.
    async fn logs(&self, id: &ContainerId, lines: usize) -> Result<String, EngineError>;
    /// Kills if needed; never removes a volume. One that is gone is fine.
    async fn remove_helper(&self, name: &str) -> Result<(), EngineError>;
    /// With its labels; of anybody.
    async fn inspect_volume(&self, name: &VolumeName) -> Result<Leftover, EngineError>;
    /// One that exists is fine.
    async fn create_volume(&self, name: &VolumeName, labels: &BTreeMap<String, String>) -> Result<(), EngineError>;
    /// One that is gone is fine.
    async fn remove_volume(&self, name: &VolumeName) -> Result<(), EngineError>;
    /// Helpers with this label and value.
    async fn helpers(&self, label: &str, value: &str) -> Result<Vec<Leftover>, EngineError>;
    async fn volumes(&self, label: &str, value: &str) -> Result<Vec<Leftover>, EngineError>;
}

/// Why Neo4j did not answer a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// Nothing listens, or it does not speak Bolt. No password was sent.
    #[error("Bolt does not answer: {0}")]
    Unreachable(String),
    #[error("wrong user or password")]
    Unauthorized,
    /// Too many wrong tries; Neo4j locks the user for some seconds.
    #[error("too many wrong tries")]
    RateLimited,
    #[error("the password must be changed first")]
    PasswordChangeRequired,
    #[error("{code}: {message}")]
    Refused { code: String, message: String },
    #[error("Neo4j did not answer in time")]
    TimedOut,
    #[error("Neo4j answered with more than the console reads")]
    TooMuch,
}

impl GraphError {
    /// As people read it, with what to do.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Unreachable(why) => Problem::new(ProblemKind::Unavailable, "Neo4j does not answer over Bolt.")
                .means(format!("The container may still be starting, or Bolt is off or out of reach for the console. ({why})"))
                .next_step("Check that the container is running and its log says Started.")
                .next_step("The console and Neo4j must share a Docker network, or Bolt must be published on this host.")
                .next_step("Of an engine on another machine, Bolt must be published there on an address that the console reaches."),
            Self::Unauthorized => Problem::new(ProblemKind::Conflict, "Neo4j refused this user and password.")
                .means("It was tried once. Three wrong tries in a row lock the user for everybody for some seconds.")
                .next_step("Check the password. NEO4J_AUTH only counts at the very first start; later the password is what was set in Neo4j."),
            Self::RateLimited => Problem::new(ProblemKind::Conflict, "Neo4j has locked this user for a few seconds.")
                .means("There were too many wrong passwords in a row, from here or from another program.")
                .next_step("Wait ten seconds, check the password, then try once more."),
            Self::PasswordChangeRequired => Problem::new(ProblemKind::Conflict, "The password is right, but Neo4j wants a new one first.")
                .next_step("Sign in to Neo4j with this user, run ALTER CURRENT USER SET PASSWORD FROM 'old' TO 'new'.")
                .next_step("Then come back with the new password."),
            Self::Refused { code, message } => Problem::new(ProblemKind::Unavailable, format!("Neo4j refused: {message}")).means(format!("({code})")),
            Self::TimedOut => Problem::new(ProblemKind::Unavailable, "Neo4j did not answer in time.").next_step("Try again when it is less busy."),
            Self::TooMuch => Problem::new(ProblemKind::Unavailable, "Neo4j answered with more than the console reads.")
                .means("What it was asked for is never that long: something else answers, or the server was changed.")
                .next_step("Look at what listens there, and at the server's plugins."),
        }
    }
}

/// Where Bolt may listen and who signs in. The addresses are tried in order by TCP alone; the password is sent once.
#[derive(Clone, PartialEq, Eq)]
pub struct BoltServer {
    /// `host:port`.
    pub addresses: Vec<String>,
    /// Its certificate is not checked: it is made for the name that clients use, not for these addresses.
    pub tls: bool,
    pub user: String,
    pub password: String,
}

impl std::fmt::Debug for BoltServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BoltServer")
            .field("addresses", &self.addresses)
            .field("tls", &self.tls)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// One row of an answer, by column.
pub type Row = Map<String, Value>;

/// Neo4j over Bolt.
#[async_trait]
pub trait GraphServer: Send + Sync + 'static {
    /// Runs the statements one after the other in one connection to `database`, one sign-in, all bounded by `limit`.
    /// One list of rows a statement.
    async fn query(
        &self,
        server: &BoltServer,
        database: &str,
        statements: &[&str],
        limit: Duration,
    ) -> Result<Vec<Vec<Row>>, GraphError>;
}

/// Why a target did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    #[error("{0} is missing")]
    Missing(String),
    #[error("the target is full: {0}")]
    Full(String),
    #[error("the target failed: {0}")]
    Failed(String),
}

impl TargetError {
    /// As people read it, with what to do.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Missing(what) => Problem::new(ProblemKind::NotFound, format!("The target has no {what}."))
                .next_step("Choose another backup."),
            Self::Full(why) => Problem::new(ProblemKind::Unavailable, "The target of the backups is full.")
                .means(why.clone())
                .next_step("Free some space there, then try again."),
            Self::Failed(why) => Problem::new(ProblemKind::Unavailable, "The target of the backups failed.")
                .means(why.clone())
                .next_step("Check the directory's owner, mode and disk, then try again."),
        }
    }
}

/// What signs requests to an S3 store.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Keys {
    pub access_key: String,
    pub secret_key: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

/// Makes a target of a place. Connects to nothing yet.
pub trait OpenTarget: Send + Sync + 'static {
    fn open(
        &self,
        place: &domain::target::Place,
        keys: Option<&Keys>,
    ) -> Result<std::sync::Arc<dyn Target>, TargetError>;
}

/// Where backups go. A key is `backup-id/part`.
#[async_trait]
pub trait Target: Send + Sync + 'static {
    /// As words: `the directory /var/lib/console/backups`.
    fn location(&self) -> String;
    /// Writes all of it durably (synced) or nothing; returns the bytes written. Replaces what is there.
    async fn put(&self, key: &str, content: Bytestream) -> Result<u64, TargetError>;
    async fn get(&self, key: &str) -> Result<Bytestream, TargetError>;
    /// Bytes of one file, without reading it.
    async fn size(&self, key: &str) -> Result<u64, TargetError>;
    /// Removes everything below `prefix/`. Nothing there is fine.
    async fn remove(&self, prefix: &str) -> Result<(), TargetError>;
    /// Names of what lies directly below `prefix/`, sorted; of the target itself when it is empty. Only what is whole;
    /// nothing below is no names. `Missing` when the target itself is not there: that proves nothing about its backups.
    async fn list(&self, prefix: &str) -> Result<Vec<String>, TargetError>;
    /// Free bytes, when the target can tell.
    async fn free(&self) -> Result<Option<u64>, TargetError>;
}

/// The time, and waiting for it. The only source of either.
#[async_trait]
pub trait Clock: Send + Sync + 'static {
    fn now(&self) -> DateTime<Utc>;
    /// Since some moment before the console started. For waits and ages: whoever sets the clock does not move it.
    fn monotonic(&self) -> Duration;
    async fn sleep(&self, duration: Duration);
}

/// All ports together.
#[derive(Clone)]
pub struct Ports {
    pub engine: std::sync::Arc<dyn ContainerEngine>,
    pub graph: std::sync::Arc<dyn GraphServer>,
    /// The console's own directory, the target `local`.
    pub target: std::sync::Arc<dyn Target>,
    pub targets: std::sync::Arc<dyn OpenTarget>,
    pub mailer: std::sync::Arc<dyn Mailer>,
    pub webhook: std::sync::Arc<dyn Webhook>,
    pub clock: std::sync::Arc<dyn Clock>,
}
