//! What the API sends, as types of its own: pages may change what they show, programs rely on this.

use super::words;
use crate::http::problem::Details;
use chrono::{DateTime, Utc};
use domain::drill::DrillResult;
use domain::job::{JobBrief, JobView, Progress, StepView};
use domain::{backup, overview};
use serde::Serialize;
use utoipa::ToSchema;

/// The job that was queued.
#[derive(Debug, Serialize, ToSchema)]
pub struct Queued {
    #[schema(example = 17)]
    pub job: i64,
}

/// One row of the list of deployments.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeploymentRow {
    name: String,
    /// `healthy`, `needs_attention`, `broken`, `stopped_uncleanly`, `stopped`, `running` (a job), `starting` or
    /// `unknown`.
    state: String,
    /// Whether Neo4j answers: `answers`, `starting`, `silent`, `credentials_refused`, `password_change_required`,
    /// `not_running`, `unknown`.
    health: String,
    version: Option<String>,
    edition: Option<String>,
    image: String,
    /// Who made the container: `console`, `compose`, `coolify` or `docker`.
    owner: Option<String>,
    /// `development`, `staging` or `production`.
    environment: String,
    last_verified_backup: Option<BackupBrief>,
    job: Option<JobRow>,
    seen_at: Option<DateTime<Utc>>,
}

/// A deployment in full.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeploymentDetail {
    name: String,
    /// As in the list.
    state: String,
    /// As in the list.
    health: String,
    version: Option<String>,
    edition: Option<String>,
    /// As it was asked for.
    image: String,
    /// `sha256:…` of the registry, when the image came from one.
    digest: Option<String>,
    owner: Option<String>,
    /// As in the list.
    environment: String,
    /// What is not as it should be, worst first.
    findings: Vec<Finding>,
    last_verified_backup: Option<BackupBrief>,
    /// Of the last verified backup; absent when there is none.
    backup_age_seconds: Option<u64>,
    /// There is no verified backup as young as allowed (`/deployments/{name}/alarm`).
    overdue: bool,
    /// In the default database, when Neo4j last answered.
    nodes: Option<u64>,
    relationships: Option<u64>,
    job: Option<JobRow>,
    /// The last drill that ended; it says when the deployment was last proven restorable.
    last_drill: Option<DrillRow>,
    seen_at: DateTime<Utc>,
    /// Why the last look failed; what is known from before stands beside it.
    problem: Option<Details>,
}

/// Something that is not as it should be, in one sentence, and why that matters.
#[derive(Debug, Serialize, ToSchema)]
pub struct Finding {
    /// Stable, for example `no_backup`.
    code: String,
    /// `good`, `info`, `idle`, `warn` or `bad`.
    tone: String,
    what: String,
    why: String,
}

/// The backup that is meant, by number, time and size.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackupBrief {
    id: String,
    made_at: DateTime<Utc>,
    bytes: u64,
}

/// One row of the list of backups.
#[derive(Debug, Serialize, ToSchema)]
pub struct BackupRow {
    id: String,
    made_at: DateTime<Utc>,
    /// `verified`, `unread` (found by a scan, no sha256 compared yet) or `broken`.
    state: String,
    /// Every part was read back from the target and its sha256 matched.
    verified: bool,
    bytes: u64,
    /// In all user databases.
    nodes: Option<u64>,
    version: Option<String>,
    by: String,
    reason: String,
    /// How long Neo4j did not answer for it.
    offline_ms: u64,
    /// The schedule it came from.
    schedule: Option<String>,
    /// It stays, whatever the rules of retention say.
    pinned: bool,
}

/// The job that runs on a deployment.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobRow {
    id: i64,
    #[schema(schema_with = words::job_kinds)]
    kind: String,
    #[schema(schema_with = words::job_states)]
    state: String,
    percent: Option<u8>,
}

/// A job in full.
#[derive(Debug, Serialize, ToSchema)]
pub struct Job {
    id: i64,
    #[schema(schema_with = words::job_kinds)]
    kind: String,
    deployment: String,
    #[schema(schema_with = words::job_states)]
    state: String,
    steps: Vec<Step>,
    /// Of the present step, while it runs.
    progress: Option<JobProgress>,
    /// What went wrong, once it has.
    problem: Option<Details>,
    /// What came of it, once it has succeeded: `backup`, `nodes`, `relationships`, `bytes`, `offline_ms`,
    /// `credentials_work`, `neo4j_users` (who can sign in after they were restored), `deployment` (the one that was
    /// made), `removed`, as far as they apply.
    #[schema(value_type = Option<Object>)]
    result: Option<domain::job::Outcome>,
}

/// One step of a job.
#[derive(Debug, Serialize, ToSchema)]
pub struct Step {
    /// Stable, for example `stop`.
    name: String,
    title: String,
    /// `ahead`, `running`, `done`, `failed`, `undoing`, `undone` or `undo_failed`.
    state: String,
    took_ms: Option<u64>,
    detail: String,
}

/// How far a step is.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobProgress {
    step: String,
    done: u64,
    /// 0 when not known.
    total: u64,
    /// Whether `done`, `total` and `rate` are bytes.
    bytes: bool,
    /// Per second; 0 when not known.
    rate: u64,
    percent: Option<u8>,
    seconds_left: Option<u64>,
    text: String,
}

/// The word serde writes for a plain enum.
fn word(value: impl Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

impl From<overview::Summary> for DeploymentRow {
    fn from(row: overview::Summary) -> Self {
        Self {
            name: row.name.to_string(),
            state: word(row.state),
            health: row.health.as_str().into(),
            version: row.version.map(|v| v.to_string()),
            edition: row.edition.map(word),
            image: row.image,
            owner: row.owner.map(|o| o.as_str().into()),
            environment: row.environment.as_str().into(),
            last_verified_backup: row.last_verified.map(Into::into),
            job: row.job.map(Into::into),
            seen_at: row.seen_at,
        }
    }
}

impl From<overview::Overview> for DeploymentDetail {
    fn from(overview: overview::Overview) -> Self {
        let (image, digest) = overview.seen.container.map_or_else(Default::default, |c| (c.image, c.image_digest));
        Self {
            name: overview.name.to_string(),
            state: word(overview.state),
            health: overview.seen.health.as_str().into(),
            version: overview.seen.server.version.map(|v| v.to_string()),
            edition: overview.seen.server.edition.map(word),
            image,
            digest,
            owner: overview.owner.map(|o| o.as_str().into()),
            environment: overview.environment.as_str().into(),
            findings: overview.findings.into_iter().map(Into::into).collect(),
            last_verified_backup: overview.last_verified.map(Into::into),
            backup_age_seconds: overview.freshness.age_seconds(),
            overdue: overview.freshness.is_overdue(),
            nodes: overview.seen.server.nodes,
            relationships: overview.seen.server.relationships,
            job: overview.job.map(Into::into),
            last_drill: overview.drills.last_failed.or(overview.drills.last_passed).map(Into::into),
            seen_at: overview.seen.at,
            problem: overview.seen.problem.map(problem),
        }
    }
}

impl From<domain::finding::Finding> for Finding {
    fn from(f: domain::finding::Finding) -> Self {
        Self { code: f.code, tone: f.tone.as_str().into(), what: f.what, why: f.why }
    }
}

impl From<backup::Brief> for BackupBrief {
    fn from(brief: backup::Brief) -> Self {
        Self { id: brief.id.to_string(), made_at: brief.made_at, bytes: brief.bytes }
    }
}

impl From<backup::views::Summary> for BackupRow {
    fn from(row: backup::views::Summary) -> Self {
        Self {
            id: row.brief.id.to_string(),
            made_at: row.brief.made_at,
            state: word(row.brief.state),
            verified: row.brief.state == backup::State::Verified,
            bytes: row.brief.bytes,
            nodes: row.brief.nodes,
            version: row.version.map(|v| v.to_string()),
            by: row.by,
            reason: row.reason,
            offline_ms: row.offline_ms,
            schedule: row.schedule.map(|s| s.to_string()),
            pinned: row.pinned,
        }
    }
}

impl From<JobBrief> for JobRow {
    fn from(job: JobBrief) -> Self {
        Self { id: job.id.0, kind: job.kind.as_str().into(), state: job.state.as_str().into(), percent: job.percent }
    }
}

fn problem(problem: domain::Problem) -> Details {
    let status = problem.kind.status();
    Details::new(problem, status)
}

impl From<JobView> for Job {
    fn from(view: JobView) -> Self {
        Self {
            id: view.brief.id.0,
            kind: view.brief.kind.as_str().into(),
            deployment: view.brief.deployment.to_string(),
            state: view.brief.state.as_str().into(),
            steps: view.steps.into_iter().map(Into::into).collect(),
            progress: view.progress.map(Into::into),
            problem: view.problem.map(problem),
            result: view.result,
        }
    }
}

impl From<StepView> for Step {
    fn from(step: StepView) -> Self {
        Self { name: step.name, title: step.title, state: word(step.state), took_ms: step.took_ms, detail: step.detail }
    }
}

impl From<Progress> for JobProgress {
    fn from(p: Progress) -> Self {
        let (percent, seconds_left) = (p.percent(), p.seconds_left());
        Self {
            step: p.step,
            done: p.done,
            total: p.total,
            bytes: p.bytes,
            rate: p.rate,
            percent,
            seconds_left,
            text: p.text,
        }
    }
}

/// Whether a backup could be restored when it was tried.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = VerdictRow)]
pub struct DrillRow {
    job: i64,
    backup: Option<String>,
    /// State of the job; `succeeded` is a pass.
    state: String,
    passed: bool,
    started_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    seconds: Option<i64>,
    nodes: Option<u64>,
    relationships: Option<u64>,
    problem: Option<String>,
}

impl From<DrillResult> for DrillRow {
    fn from(v: DrillResult) -> Self {
        Self {
            job: v.job.0,
            passed: v.passed(),
            state: v.state.as_str().into(),
            backup: v.backup.map(|b| b.to_string()),
            started_at: v.started_at,
            ended_at: v.ended_at,
            seconds: v.ended_at.map(|end| (end - v.started_at).num_seconds()),
            nodes: v.nodes,
            relationships: v.relationships,
            problem: v.problem.map(|p| p.to_string()),
        }
    }
}
