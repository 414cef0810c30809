//! A job: a crash-safe run of steps with undo. What pages and the API show of one.

mod kind;
mod operation;

pub use kind::Kind;
pub use operation::Operation;

use crate::deployment::DeploymentName;
use crate::text::Tone;
use crate::{Problem, backup::BackupId};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// Number of a job, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub i64);

impl std::fmt::Display for JobId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// The words of the API, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum State {
    Queued,
    Running,
    Succeeded,
    /// It failed before it changed anything.
    Failed,
    /// It failed, and everything it had changed is as before.
    RolledBack,
    /// An undo failed; a person must look.
    Stuck,
    /// A member cancelled it; everything it had changed is as before.
    Cancelled,
}

impl State {
    /// All of them.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The stored and serialised form.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The one with this name; none when there is no such.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    /// As people read it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Running => "Running",
            Self::Succeeded => "Done",
            Self::Failed => "Failed",
            Self::RolledBack => "Rolled back",
            Self::Stuck => "Stuck",
            Self::Cancelled => "Cancelled",
        }
    }

    /// Its tone on pages.
    pub const fn tone(self) -> Tone {
        match self {
            Self::Queued | Self::Running => Tone::Info,
            Self::Succeeded => Tone::Good,
            Self::Failed | Self::Stuck => Tone::Bad,
            Self::RolledBack => Tone::Warn,
            Self::Cancelled => Tone::Idle,
        }
    }

    /// It still holds its deployment: no other job may begin there. A stuck job does, until it is settled.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Queued | Self::Running | Self::Stuck)
    }
}

/// A job in a list or in the top bar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobBrief {
    pub id: JobId,
    pub kind: Kind,
    pub deployment: DeploymentName,
    pub state: State,
    pub by: String,
    pub reason: String,
    pub created_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    /// 0–100 of the whole, while running.
    pub percent: Option<u8>,
}

/// How far a step is, or its undoing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    Ahead,
    Running,
    Done,
    Failed,
    Undoing,
    Undone,
    UndoFailed,
}

/// A step of a job as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepView {
    /// Stable name, for example `stop`.
    pub name: String,
    /// In plain words, for example "Stop sales cleanly".
    pub title: String,
    pub state: StepState,
    pub took_ms: Option<u64>,
    /// One sentence on what came of it; may be empty.
    pub detail: String,
}

/// How far the present step is. Overwritten, never appended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    pub step: String,
    pub done: u64,
    /// 0 when not known.
    pub total: u64,
    /// Whether `done` and `total` are bytes.
    pub bytes: bool,
    /// Per second; 0 when not known.
    pub rate: u64,
    pub text: String,
}

impl Progress {
    /// 0 to 100; none where the total is not known.
    pub fn percent(&self) -> Option<u8> {
        (self.total > 0).then(|| (self.done.min(self.total) * 100 / self.total) as u8)
    }

    /// Seconds left at the present rate.
    pub fn seconds_left(&self) -> Option<u64> {
        (self.rate > 0 && self.total > self.done).then(|| (self.total - self.done).div_ceil(self.rate))
    }
}

/// One line of the log of a job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    pub at: DateTime<Utc>,
    pub tone: Option<Tone>,
    pub text: String,
}

/// A program that had connections to Neo4j.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Client {
    /// Without the port.
    pub address: String,
    /// As the driver calls itself: `neo4j-python/5.28.1 …`.
    pub agent: String,
    /// As whom it signed in.
    pub user: String,
}

/// What a job that succeeded can say for itself. Absent values are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The backup made, or restored from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backup: Option<BackupId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nodes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relationships: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// How long Neo4j did not answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offline_ms: Option<u64>,
    /// Whether the console's own credentials work after `system` was restored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials_work: Option<bool>,
    /// Who can sign in after `system` was restored: the Neo4j users of then, with their passwords of then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub neo4j_users: Vec<String>,
    /// The deployment that was made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deployment: Option<DeploymentName>,
    /// Who was connected before the stop. Their drivers hold bookmarks that are newer than what was restored, and wait
    /// for them in vain (`BookmarkTimeout`) until they are started again (docs/neo4j-facts.md: Bookmarks).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clients: Vec<Client>,
    /// Backups that were removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<u64>,
}

/// Everything the job page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobView {
    #[serde(flatten)]
    pub brief: JobBrief,
    pub started_at: Option<DateTime<Utc>>,
    pub steps: Vec<StepView>,
    pub progress: Option<Progress>,
    pub problem: Option<Problem>,
    pub result: Option<Outcome>,
    /// When Neo4j went offline and came back, as far as it did.
    pub offline_from: Option<DateTime<Utc>>,
    pub offline_to: Option<DateTime<Utc>>,
    pub log: Vec<LogLine>,
    pub can_cancel: bool,
    pub cancel_requested: bool,
    /// It has not begun: this one runs on the same Docker host and comes first.
    #[serde(default)]
    pub waits_for: Option<JobId>,
    /// Data that it set aside is still there, and may be removed.
    #[serde(default)]
    pub has_set_aside: bool,
    /// The restore whose previous data can still be brought back.
    pub can_undo_restore: bool,
    pub now: DateTime<Utc>,
}

impl JobView {
    /// "step 5 of 7".
    pub fn step_number(&self) -> Option<(usize, usize)> {
        let i = self.steps.iter().position(|s| matches!(s.state, StepState::Running | StepState::Undoing))?;
        Some((i + 1, self.steps.len()))
    }
}

/// The job that this queued one waits for, so that no more than so many heavy ones run on the host at once. Those that
/// have begun, or were queued before it, come first; a stuck one does nothing, so nobody waits for it. `live`: of all
/// deployments.
pub fn waits_for(job: JobId, live: &[JobBrief], at_once: usize) -> Option<JobId> {
    let this = live.iter().find(|j| j.id == job && j.state == State::Queued && j.kind.is_heavy())?;
    let before = |j: &&JobBrief| {
        j.kind.is_heavy() && (j.state == State::Running || (j.state == State::Queued && j.id < this.id))
    };
    let ahead: Vec<JobId> = live.iter().filter(before).map(|j| j.id).collect();
    (ahead.len() >= at_once.max(1)).then(|| ahead[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_left_follows_from_the_rate() {
        let p = Progress { step: "copy".into(), done: 62, total: 100, bytes: true, rate: 10, text: String::new() };
        assert_eq!((p.percent(), p.seconds_left()), (Some(62), Some(4)));
        let unknown = Progress { total: 0, rate: 0, ..p };
        assert_eq!((unknown.percent(), unknown.seconds_left()), (None, None));
    }

    #[test]
    fn heavy_jobs_take_turns_and_what_is_stuck_holds_nobody() {
        let job = |id, kind, state| JobBrief { id: JobId(id), ..crate::alarm::event::tests::job(kind, state) };
        let live = [
            job(1, Kind::Restore, State::Stuck),
            job(2, Kind::Backup, State::Running),
            job(3, Kind::Drill, State::Queued),
            job(4, Kind::Verify, State::Queued),
            job(5, Kind::Backup, State::Queued),
        ];
        let waits = |id, at_once| waits_for(JobId(id), &live, at_once).map(|j| j.0);
        assert_eq!([2, 3, 4, 5].map(|id| waits(id, 1)), [None, Some(2), None, Some(2)]);
        assert_eq!([2, 3, 4, 5].map(|id| waits(id, 2)), [None, None, None, Some(2)]);
        assert_eq!(waits(5, 3), None);
        assert_eq!(waits(3, 0), Some(2), "one always may");
    }

    #[test]
    fn states_and_kinds_are_read_as_they_are_written() {
        assert!(State::ALL.iter().all(|s| State::parse(s.as_str()) == Some(*s)));
        assert!(Kind::ALL.iter().all(|k| Kind::parse(k.as_str()) == Some(*k)));
    }
}
