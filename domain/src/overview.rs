//! How a deployment is: its state from what was seen, one row of the list, the whole overview.

use crate::container::Owner;
use crate::deployment::{DeploymentName, Health, Observation};
use crate::environment::Environment;
use crate::finding::Finding;
use crate::freshness::Freshness;
use crate::image::{Edition, Version};
use crate::job::JobBrief;
use crate::replaced::Replaced;
use crate::text::Tone;
use crate::{backup, drill};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A deployment's state is its worst finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Healthy,
    NeedsAttention,
    Broken,
    StoppedUncleanly,
    Stopped,
    /// A job runs on it.
    Running,
    Starting,
    Unknown,
}

impl State {
    /// As people read it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Healthy => "Healthy",
            Self::NeedsAttention => "Needs attention",
            Self::Broken => "Broken",
            Self::StoppedUncleanly => "Stopped uncleanly",
            Self::Stopped => "Stopped",
            Self::Running => "Running",
            Self::Starting => "Starting",
            Self::Unknown => "Unknown",
        }
    }

    /// Its tone on pages.
    pub const fn tone(self) -> Tone {
        match self {
            Self::Healthy => Tone::Good,
            Self::NeedsAttention => Tone::Warn,
            Self::Broken | Self::StoppedUncleanly => Tone::Bad,
            Self::Stopped | Self::Unknown => Tone::Idle,
            Self::Running | Self::Starting => Tone::Info,
        }
    }

    /// From what was seen, the findings and whether a job runs.
    pub fn of(seen: &Observation, findings: &[Finding], job_runs: bool) -> Self {
        if job_runs {
            return Self::Running;
        }
        let Some(container) = &seen.container else {
            return if seen.problem.is_some() { Self::Unknown } else { Self::Broken };
        };
        if seen.problem.is_some() || matches!(seen.health, Health::Unknown(_)) {
            return Self::Unknown;
        }
        if container.run.stopped_uncleanly() && seen.health == Health::NotRunning {
            return Self::StoppedUncleanly;
        }
        match &seen.health {
            Health::NotRunning => return Self::Stopped,
            Health::Starting => return Self::Starting,
            Health::Silent(_) | Health::KeepsRestarting(_) => return Self::Broken,
            Health::Answers | Health::CredentialsRefused | Health::PasswordChangeRequired | Health::Unknown(_) => {}
        }
        match findings.iter().map(|f| f.tone).max() {
            Some(Tone::Bad) => Self::Broken,
            Some(Tone::Warn) => Self::NeedsAttention,
            _ => Self::Healthy,
        }
    }
}

/// One row of the list of deployments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Summary {
    pub name: DeploymentName,
    pub state: State,
    pub health: Health,
    pub version: Option<Version>,
    pub edition: Option<Edition>,
    pub image: String,
    pub owner: Option<Owner>,
    pub environment: Environment,
    /// Words of the worst finding, when there is one worse than Good.
    pub worst: Option<String>,
    pub last_verified: Option<backup::Brief>,
    pub freshness: Freshness,
    pub drills: drill::DrillStatus,
    pub job: Option<JobBrief>,
    pub seen_at: Option<DateTime<Utc>>,
}

/// Everything the overview page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    pub name: DeploymentName,
    pub container_name: String,
    /// The Neo4j user the console signs in as.
    pub neo4j_user: String,
    pub environment: Environment,
    pub state: State,
    pub findings: Vec<Finding>,
    /// Its backups are of other data.
    #[serde(default)]
    pub replaced: Option<Replaced>,
    pub seen: Observation,
    pub owner: Option<Owner>,
    pub last_verified: Option<backup::Brief>,
    pub freshness: Freshness,
    pub drills: drill::DrillStatus,
    pub backups: u64,
    /// Of these. Not the ones known to be broken, nor those from outside that nobody accepted.
    #[serde(default)]
    pub restorable: u64,
    pub job: Option<JobBrief>,
    pub recent_jobs: Vec<JobBrief>,
    /// The server clock when this was put together; ages are counted from it.
    pub now: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deployment::tests::seen;
    use crate::{Problem, container};

    #[test]
    fn no_answer_is_unknown_never_healthy_or_broken() {
        let mut s = seen(Some(container::tests::sample()), Health::Answers);
        assert_eq!(State::of(&s, &[], false), State::Healthy);
        s.problem = Some(Problem::new(crate::problem::ProblemKind::Unavailable, "Docker did not answer."));
        assert_eq!(State::of(&s, &[], false), State::Unknown);
        assert_eq!(State::of(&s, &[], true), State::Running, "a running job explains itself");
    }

    #[test]
    fn a_killed_server_is_stopped_uncleanly() {
        let mut c = container::tests::sample();
        c.run = container::RunState::Stopped { exit_code: 137, out_of_memory: false };
        assert_eq!(State::of(&seen(Some(c.clone()), Health::NotRunning), &[], false), State::StoppedUncleanly);
        c.run = container::RunState::Stopped { exit_code: 0, out_of_memory: false };
        assert_eq!(State::of(&seen(Some(c), Health::NotRunning), &[], false), State::Stopped);
    }
}
