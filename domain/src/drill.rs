//! A drill's verdict: whether a backup could be restored when it was tried, and how long that took.

use crate::Problem;
use crate::backup::BackupId;
use crate::job::{JobId, State};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub job: JobId,
    pub backup: Option<BackupId>,
    pub state: State,
    pub started_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    /// Counted on the copy, when it passed.
    pub nodes: Option<u64>,
    pub relationships: Option<u64>,
    pub problem: Option<Problem>,
}

impl Verdict {
    /// Loaded, checked, started and counted as the backup says.
    pub fn passed(&self) -> bool {
        self.state == State::Succeeded
    }
}
