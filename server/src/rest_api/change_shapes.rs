//! Changes as the API sends them.

use super::words;
use chrono::{DateTime, Utc};
use domain::change::{ChangeEntry, Difference, Effect, Plan, State};
use serde::Serialize;
use utoipa::ToSchema;

/// The change that was planned, and the job that applies it.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueuedChange {
    pub change: i64,
    pub job: i64,
}

/// One part of the container with both sides; `null` is "not there", of a limit "none".
#[derive(Debug, Serialize, ToSchema)]
pub struct DifferenceShape {
    /// `image`, `variable`, `memory_limit` (bytes) or `stop_timeout` (seconds).
    part: &'static str,
    /// Of a variable.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    before: Option<String>,
    after: Option<String>,
}

impl From<&Difference> for DifferenceShape {
    fn from(difference: &Difference) -> Self {
        let text = |number: &Option<u64>| number.map(|number| number.to_string());
        let (part, name, before, after) = match difference {
            Difference::Image { before, after } => {
                ("image", None, Some(before.reference.clone()), Some(after.reference.clone()))
            }
            Difference::Variable { name, before, after } => {
                ("variable", Some(name.clone()), before.clone(), after.clone())
            }
            Difference::MemoryLimit { before, after } => ("memory_limit", None, text(before), text(after)),
            Difference::StopTimeout { before, after } => ("stop_timeout", None, text(before), text(after)),
        };
        Self { part, name, before, after }
    }
}

/// What a change does.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlanShape {
    /// `memory`, `image` or `revert`.
    kind: &'static str,
    summary: String,
    differences: Vec<DifferenceShape>,
    /// What to know before it is applied, as sentences.
    warnings: Vec<String>,
    /// Neo4j is stopped and started.
    restart: bool,
    /// The job of the upgrade that is taken back: the data that it set aside comes back. To apply it, send `confirm`.
    brings_back: Option<i64>,
}

impl From<&Plan> for PlanShape {
    fn from(plan: &Plan) -> Self {
        Self {
            kind: plan.kind.as_str(),
            summary: plan.summary.clone(),
            differences: plan.differences.iter().map(Into::into).collect(),
            warnings: plan.warnings.clone(),
            restart: plan.effect() == Effect::Recreate,
            brings_back: plan.brings_back.map(|job| job.0),
        }
    }
}

/// A change in the history.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChangeRow {
    id: i64,
    plan: PlanShape,
    /// Hexadecimal SHA-256 of the plan as it is kept.
    digest: String,
    /// `planned`, or the state of its job.
    #[schema(schema_with = words::change_states)]
    state: &'static str,
    /// A planned one that no longer fits what is there.
    stale: bool,
    by: String,
    reason: String,
    created_at: DateTime<Utc>,
    job: Option<i64>,
    ended_at: Option<DateTime<Utc>>,
    /// How long Neo4j did not answer.
    offline_seconds: Option<f64>,
    /// The change that it takes back.
    reverts: Option<i64>,
}

impl ChangeRow {
    /// With what was looked up beside it.
    pub const fn stale(mut self, stale: bool) -> Self {
        self.stale = stale;
        self
    }
}

impl From<ChangeEntry> for ChangeRow {
    fn from(entry: ChangeEntry) -> Self {
        Self {
            id: entry.id.0,
            plan: (&entry.plan).into(),
            digest: entry.digest,
            state: match entry.state {
                State::Planned => words::PLANNED,
                State::Asked(state) => state.as_str(),
            },
            stale: false,
            by: entry.by,
            reason: entry.reason,
            created_at: entry.created_at,
            job: entry.job.map(|job| job.0),
            ended_at: entry.ended_at,
            offline_seconds: entry.offline_ms.map(|ms| ms as f64 / 1000.0),
            reverts: entry.reverts.map(|id| id.0),
        }
    }
}
