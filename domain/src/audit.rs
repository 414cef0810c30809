//! The audit log: every act and every refused act.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

/// How an act ended. `Begun` without an end is the trace of a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Outcome {
    Begun,
    Done,
    Denied,
    Failed,
}

impl Outcome {
    /// The stored and serialised form.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The one with this name; none when there is no such.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// One entry, as pages show it. Holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub id: i64,
    pub at: DateTime<Utc>,
    /// Member's name, `schedule`, or `console`.
    pub who: String,
    /// How they came: `browser`, `api`, `command line`.
    pub via: String,
    pub address: String,
    /// The use case's name, verb first: `start backup`.
    pub act: String,
    /// What it was done to; may be empty.
    pub target: String,
    pub outcome: Outcome,
    /// Reason given, or why it was refused.
    pub detail: String,
}
