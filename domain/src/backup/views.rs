//! What lists and pages show of a backup.

use super::{Brief, Content, Manifest, Origin, Proof, State};
use crate::deployment::DeploymentName;
use crate::image::Version;
use crate::schedule::ScheduleName;
use crate::target::BackupCopy;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// One row of the list of backups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    #[serde(flatten)]
    pub brief: Brief,
    pub deployment: DeploymentName,
    pub version: Option<Version>,
    pub by: String,
    pub reason: String,
    /// How long the server was offline for it.
    pub offline_ms: u64,
    /// The schedule it came from.
    #[serde(default)]
    pub schedule: Option<ScheduleName>,
    /// It stays, whatever the rules of retention say.
    #[serde(default)]
    pub pinned: bool,
    pub origin: Origin,
}

/// A whole backup for its page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    pub manifest: Manifest,
    pub state: State,
    pub origin: Origin,
    /// What was counted on a copy of it, once one was made.
    #[serde(default)]
    pub proof: Option<Proof>,
    /// What a later reading found, when broken.
    pub problem: Option<String>,
    /// Where it lies, as words: the target's name and the directory.
    pub location: String,
    /// On each target, the console's own first.
    pub copies: Vec<BackupCopy>,
    pub verified_at: DateTime<Utc>,
    /// Whether the container is still adopted.
    pub deployment_known: bool,
    /// The schedule it came from.
    #[serde(default)]
    pub schedule: Option<ScheduleName>,
    /// It stays, whatever the rules of retention say.
    #[serde(default)]
    pub pinned: bool,
}

impl Detail {
    /// What is in it, by the best that is known.
    pub fn databases(&self) -> &[Content] {
        self.proof.as_ref().map_or(&self.manifest.databases, |proof| &proof.databases)
    }

    /// Of all databases, by the best that is known.
    pub fn nodes(&self) -> u64 {
        self.databases().iter().map(|d| d.nodes).sum()
    }
}
