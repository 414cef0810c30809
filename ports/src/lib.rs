//! The ports: what a test cannot have for real in a millisecond. Nothing else is a trait.
//!
//! Every call is bounded by its adapter; none may hang. Adapters live in `adapters`, fakes in `fakes`; both pass the
//! same contract (`tests/live_contract.rs`). This crate knows `domain` only, and they know nothing of `ops`.

// A new variant must be thought of wherever its enum is matched.
#![deny(clippy::wildcard_enum_match_arm)]

mod container;
mod engine;
mod engines;
mod error_chain;
mod graph;
mod log;
mod message;
mod pull;
mod registry;
mod target;

pub use container::{DiskBytes, NetworkBytes, Stats};
pub use engine::{
    ContainerEngine, EngineError, ExecResult, FileFacts, HelperMount, HelperSpec, Leftover, LogStream, OWNER_LABEL,
    PullStream, Recreation, ServerSpec,
};
pub use engines::Engines;
pub use error_chain::error_chain;
pub use graph::{BoltServer, GraphError, GraphServer, Row};
pub use log::{LONGEST_LINE, LogLine, LogSource, LogsFrom};
pub use message::{Body, Call, Mail, Mailer, MessageError, Webhook};
pub use pull::PullProgress;
pub use registry::{Registry, RegistryError};
pub use target::{Keys, OpenTarget, Target, TargetError};

use async_trait::async_trait;
use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::stream::BoxStream;
use std::time::Duration;

/// Pieces of a file in order. Never the whole.
pub type Bytestream = BoxStream<'static, std::io::Result<Bytes>>;

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
    pub engines: Engines,
    pub graph: std::sync::Arc<dyn GraphServer>,
    /// The console's own directory, the target `local`.
    pub target: std::sync::Arc<dyn Target>,
    pub targets: std::sync::Arc<dyn OpenTarget>,
    pub mailer: std::sync::Arc<dyn Mailer>,
    pub webhook: std::sync::Arc<dyn Webhook>,
    pub registry: std::sync::Arc<dyn Registry>,
    pub clock: std::sync::Arc<dyn Clock>,
}
