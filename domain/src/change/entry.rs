//! An entry in the history of changes.

use super::Plan;
use crate::deployment::DeploymentName;
use crate::job::{self, JobId};
use crate::text::Tone;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Number of a change, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChangeId(pub i64);

impl std::fmt::Display for ChangeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// How far a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state", content = "job_state")]
pub enum State {
    /// Nothing was done yet.
    Planned,
    /// Its job has this state.
    Asked(job::State),
}

impl State {
    /// As people read it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Planned => "Planned",
            Self::Asked(job::State::Succeeded) => "Applied",
            Self::Asked(state) => state.words(),
        }
    }

    /// Its tone on pages.
    pub const fn tone(self) -> Tone {
        match self {
            Self::Planned => Tone::Idle,
            Self::Asked(state) => state.tone(),
        }
    }

    /// The deployment has it, or had it until a later change.
    pub const fn is_applied(self) -> bool {
        matches!(self, Self::Asked(job::State::Succeeded))
    }
}

/// A change with all that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeEntry {
    pub id: ChangeId,
    pub deployment: DeploymentName,
    pub plan: Plan,
    /// Hexadecimal SHA-256 of the stored plan; what the audit log names.
    pub digest: String,
    pub by: String,
    pub reason: String,
    pub created_at: DateTime<Utc>,
    #[serde(flatten)]
    pub state: State,
    pub job: Option<JobId>,
    pub ended_at: Option<DateTime<Utc>>,
    /// How long Neo4j did not answer.
    pub offline_ms: Option<u64>,
    /// The change that it takes back.
    pub reverts: Option<ChangeId>,
}
