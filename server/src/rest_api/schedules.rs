//! Schedules of a deployment, what they keep, and pins.

use super::body::Body;
use super::shapes::Queued;
use super::{Answer, deployment};
use crate::http::problem::Details;
use crate::site::Site;
use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use domain::Invalid;
use domain::backup::BackupId;
use domain::retention::Decision;
use domain::schedule::{Jitter, Keep, Kind, Schedule, ScheduleName, View};
use domain::target::TargetName;
use ops::Actor;
use ops::use_cases::backups::PinBackup;
use ops::use_cases::retention::PreviewRetention;
use ops::use_cases::schedules::{
    AddSchedule, ChangeSchedule, ListSchedules, PauseSchedule, RemoveSchedule, RunScheduleNow, SchedulePatch,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long backups are kept. A backup goes only when every rule given here lets it go; without any, all are kept.
#[derive(Debug, Default, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeepRules {
    /// Those of the last so many days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    days: Option<u32>,
    /// The last so many verified ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1)]
    count: Option<u32>,
}

/// A schedule to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSchedule {
    /// Small letters, digits and dashes.
    #[schema(example = "daily")]
    name: String,
    /// Minute, hour, day of the month, month, day of the week.
    #[schema(example = "15 3 * * *")]
    cron: String,
    /// By its IANA name.
    #[schema(example = "Europe/Berlin")]
    time_zone: String,
    /// Names of targets; empty is the console's own.
    #[serde(default)]
    targets: Vec<String>,
    /// `dump`, `short_outage_dump` or `offline_dump`, as of a backup.
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    keep: KeepRules,
    /// Runs begin up to so many minutes later, each time by another amount.
    #[serde(default)]
    jitter_minutes: u32,
    #[serde(default)]
    paused: bool,
}

/// What is left out stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ScheduleChange {
    #[serde(default)]
    cron: Option<String>,
    #[serde(default)]
    time_zone: Option<String>,
    #[serde(default)]
    targets: Option<Vec<String>>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    keep: Option<KeepRules>,
    #[serde(default)]
    jitter_minutes: Option<u32>,
    #[serde(default)]
    paused: Option<bool>,
}

/// A schedule.
#[derive(Serialize, ToSchema)]
pub struct ScheduleDetail {
    name: String,
    deployment: String,
    cron: String,
    time_zone: String,
    targets: Vec<String>,
    kind: String,
    keep: KeepRules,
    jitter_minutes: u16,
    paused: bool,
    /// Five; none while it is paused.
    next_runs: Vec<DateTime<Utc>>,
    last_run: Option<ScheduleRun>,
}

/// A planned run that was settled.
#[derive(Serialize, ToSchema)]
pub struct ScheduleRun {
    planned_at: DateTime<Utc>,
    /// `ran`, `caught_up` or `missed`.
    outcome: String,
    job: Option<i64>,
    note: String,
}

/// What becomes of a backup.
#[derive(Serialize, ToSchema)]
pub struct RetentionDecision {
    backup: String,
    made_at: DateTime<Utc>,
    schedule: Option<String>,
    verified: bool,
    pinned: bool,
    /// The next clean-up removes it.
    goes: bool,
    /// When it will go, if the schedules run as planned; absent when it stays or nobody can tell.
    goes_at: Option<DateTime<Utc>>,
    why: String,
}

impl KeepRules {
    fn parse(&self) -> Answer<Keep> {
        Ok(Keep::parse(self.days, self.count)?)
    }
}

impl From<View> for ScheduleDetail {
    fn from(view: View) -> Self {
        let s = view.schedule;
        let run = |r: domain::schedule::Run| ScheduleRun {
            planned_at: r.planned_at,
            outcome: r.outcome.as_str().into(),
            job: r.job.map(|j| j.0),
            note: r.note,
        };
        Self {
            name: s.name.to_string(),
            deployment: s.deployment.to_string(),
            cron: s.cron,
            time_zone: s.time_zone,
            targets: s.targets.into_iter().map(String::from).collect(),
            kind: s.kind.as_str().into(),
            keep: KeepRules { days: s.keep.days, count: s.keep.count },
            jitter_minutes: s.jitter.minutes(),
            paused: s.paused,
            next_runs: view.next_runs.into_iter().map(|n| n.at).collect(),
            last_run: view.last_run.map(run),
        }
    }
}

impl From<Decision> for RetentionDecision {
    fn from(v: Decision) -> Self {
        Self {
            backup: v.id.to_string(),
            made_at: v.made_at,
            schedule: v.schedule.map(|s| s.to_string()),
            verified: v.verified,
            pinned: v.pinned,
            goes: v.goes,
            goes_at: v.goes_at,
            why: v.why,
        }
    }
}

/// A name that cannot exist does not exist.
fn schedule(name: &str) -> Answer<ScheduleName> {
    Ok(ScheduleName::parse(name).map_err(|_| ops::Error::not_found("schedule", name))?)
}

fn backup(id: &str) -> Answer<BackupId> {
    Ok(BackupId::parse(id).map_err(|_| ops::Error::not_found("backup", id))?)
}

/// Schedules of a deployment, by name.
#[utoipa::path(get, path = "/deployments/{name}/schedules", tag = "schedules", params(("name" = String, Path, description = "Of the deployment")), responses((status = 200, body = [ScheduleDetail]), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn list(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
) -> Answer<Json<Vec<ScheduleDetail>>> {
    let all = site.console.ask(&actor, ListSchedules { deployment: deployment(&name)? }).await?;
    Ok(Json(all.into_iter().map(Into::into).collect()))
}

fn targets(names: &[String]) -> Result<Vec<TargetName>, Invalid> {
    let wrong = |name: &str| {
        Invalid::new(
            "targets",
            format!(
                "There is no target {}. Write names of targets.",
                name.chars().filter(|c| !c.is_control()).take(60).collect::<String>()
            ),
        )
    };
    names.iter().map(|name| TargetName::parse(name).map_err(|_| wrong(name))).collect()
}

/// Add a schedule.
#[utoipa::path(post, path = "/deployments/{name}/schedules", tag = "schedules", params(("name" = String, Path, description = "Of the deployment")), request_body = NewSchedule, responses((status = 201, body = ScheduleDetail, headers(("Location" = String))), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn add(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    Body(new): Body<NewSchedule>,
) -> Answer<impl IntoResponse> {
    let schedule = Schedule {
        name: ScheduleName::parse(&new.name)?,
        deployment: deployment(&name)?,
        cron: new.cron.trim().into(),
        time_zone: new.time_zone.trim().into(),
        targets: targets(&new.targets)?,
        kind: new.kind.as_deref().map_or(Ok(Kind::Dump), Kind::parse)?,
        keep: new.keep.parse()?,
        paused: new.paused,
        jitter: Jitter::parse(new.jitter_minutes)?,
    };
    let location = format!("/api/v1/deployments/{name}/schedules/{}", schedule.name);
    let view = site.console.perform(&actor, AddSchedule { schedule }).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(ScheduleDetail::from(view))))
}

/// Change, pause or resume a schedule.
#[utoipa::path(patch, path = "/deployments/{name}/schedules/{schedule}", tag = "schedules", params(("name" = String, Path, description = "Of the deployment"), ("schedule" = String, Path, description = "Its name")), request_body = ScheduleChange, responses((status = 200, body = ScheduleDetail), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn change(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path((name, of)): Path<(String, String)>,
    Body(change): Body<ScheduleChange>,
) -> Answer<Json<ScheduleDetail>> {
    let (deployment, schedule) = (deployment(&name)?, schedule(&of)?);
    let patch = SchedulePatch {
        cron: change.cron.map(|c| c.trim().into()),
        time_zone: change.time_zone.map(|z| z.trim().into()),
        targets: change.targets.as_deref().map(targets).transpose()?,
        kind: change.kind.as_deref().map(Kind::parse).transpose()?,
        keep: change.keep.map(|k| k.parse()).transpose()?,
        jitter: change.jitter_minutes.map(Jitter::parse).transpose()?,
    };
    let whole = patch == SchedulePatch::default();
    let resting = PauseSchedule {
        deployment: deployment.clone(),
        schedule: schedule.clone(),
        paused: change.paused.unwrap_or_default(),
    };
    let changing = ChangeSchedule { deployment, schedule, patch };
    let view = match change.paused {
        None => site.console.perform(&actor, changing).await?,
        Some(_) if whole => site.console.perform(&actor, resting).await?,
        Some(_) => {
            site.console.perform(&actor, changing).await?;
            site.console.perform(&actor, resting).await?
        }
    };
    Ok(Json(view.into()))
}

/// Remove a schedule. Its backups stay until somebody deletes them.
#[utoipa::path(delete, path = "/deployments/{name}/schedules/{schedule}", tag = "schedules", params(("name" = String, Path, description = "Of the deployment"), ("schedule" = String, Path, description = "Its name")), responses((status = 204), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn remove(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path((name, of)): Path<(String, String)>,
) -> Answer<StatusCode> {
    site.console.perform(&actor, RemoveSchedule { deployment: deployment(&name)?, schedule: schedule(&of)? }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Take the backup of a schedule now.
#[utoipa::path(post, path = "/deployments/{name}/schedules/{schedule}/run", tag = "schedules", params(("name" = String, Path, description = "Of the deployment"), ("schedule" = String, Path, description = "Its name")), responses((status = 202, body = Queued), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn run(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path((name, of)): Path<(String, String)>,
) -> Answer<impl IntoResponse> {
    let job = site
        .console
        .perform(&actor, RunScheduleNow { deployment: deployment(&name)?, schedule: schedule(&of)? })
        .await?;
    Ok((StatusCode::ACCEPTED, Json(Queued { job: job.0 })))
}

/// What would go, when and why; newest first.
#[utoipa::path(get, path = "/deployments/{name}/retention", tag = "schedules", params(("name" = String, Path, description = "Of the deployment")), responses((status = 200, body = [RetentionDecision]), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn retention(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
) -> Answer<Json<Vec<RetentionDecision>>> {
    let all = site.console.ask(&actor, PreviewRetention { deployment: deployment(&name)? }).await?;
    Ok(Json(all.into_iter().map(Into::into).collect()))
}

/// Keep a backup, whatever the rules of retention say.
#[utoipa::path(put, path = "/backups/{id}/pin", tag = "backups", params(("id" = String, Path, description = "Of the backup")), responses((status = 204), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn pin(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    site.console.perform(&actor, PinBackup { backup: backup(&id)?, pinned: true }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Leave it to the rules again.
#[utoipa::path(delete, path = "/backups/{id}/pin", tag = "backups", params(("id" = String, Path, description = "Of the backup")), responses((status = 204), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn unpin(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Answer<StatusCode> {
    site.console.perform(&actor, PinBackup { backup: backup(&id)?, pinned: false }).await?;
    Ok(StatusCode::NO_CONTENT)
}
