//! Schedules of a deployment: the list with what retention makes of the backups, one of them, and every change of them.

use crate::problem::ApiError;
use chrono::{DateTime, Utc};
use domain::calendar::MonthRecords;
use domain::retention::Decision;
use domain::schedule::View;
use domain::target::Target;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::request::*;
use domain::{
    Invalid,
    calendar::Month,
    deployment::DeploymentName,
    schedule::{Jitter, Keep, Kind, Recurrence, Schedule, ScheduleName},
    target::TargetName,
};
use ops::Error;
use ops::use_cases::{calendar, retention, schedules as use_case, targets};

/// What the pages of schedules show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plans {
    pub schedules: Vec<View>,
    /// All there are, the console's own first.
    pub targets: Vec<Target>,
    /// The backups that will go next, and those that stay though their time is past.
    pub decisions: Vec<Decision>,
    pub now: DateTime<Utc>,
}

/// Of thousands of backups, those whose decision somebody may wonder about.
const FATES: usize = 12;

fn parse(deployment: String) -> Result<DeploymentName, ApiError> {
    reply(DeploymentName::parse(&deployment).map_err(|_| Error::not_found("deployment", deployment)))
}

/// The schedules of a deployment, the targets and what retention removes next (`backup.view`).
pub async fn list_schedules(deployment: String) -> Result<Plans, ApiError> {
    let deployment = parse(deployment)?;
    let schedules = ask(use_case::ListSchedules { deployment: deployment.clone() }).await?;
    let targets = ask(targets::ListTargets {}).await?;
    let mut decisions = ask(retention::PreviewRetention { deployment }).await?;
    decisions.sort_by_key(|v| (v.goes_at.is_none(), v.goes_at));
    decisions.truncate(FATES);
    Ok(Plans { schedules, targets, decisions, now: reply(visitor())?.now })
}

/// A month of backups of a deployment (`backup.view`). `month` is like `2026-11`; else it is the present one.
pub async fn get_calendar(deployment: String, month: String) -> Result<super::Timed<MonthRecords>, ApiError> {
    let deployment = parse(deployment)?;
    // What is no month shows the present one.
    ask_timed(Ok(calendar::GetCalendar { deployment, month: Month::parse(&month).ok() })).await
}

/// Adds the schedules of the three-tier plan (`schedule.manage`). An empty `external` is the console's own target.
#[server(prefix = "/api/fn", endpoint = "add_plan")]
pub async fn add_plan(
    #[server(default)] deployment: String,
    #[server(default)] time_zone: String,
    #[server(default)] external: String,
) -> Result<(), ApiError> {
    let values = [("time_zone", time_zone.as_str()), ("external", external.as_str())];
    let done = async {
        let name = DeploymentName::parse(&deployment)?;
        let external = named("external", std::slice::from_ref(&external))?;
        perform(use_case::AddPlan { deployment: name.clone(), time_zone: time_zone.trim().into(), external }).await?;
        Ok(format!("/deployments/{name}/schedules?done=plan-added"))
    };
    answer_form::<AddPlan>(&values, done.await)
}

/// Names of targets from a form; empty words are no choice.
fn named(field: &str, names: &[String]) -> Result<Vec<TargetName>, Invalid> {
    let chosen = names.iter().filter(|name| !name.is_empty());
    chosen
        .map(|name| TargetName::parse(name).map_err(|_| Invalid::new(field, "Choose from the targets shown.")))
        .collect()
}

/// An empty field is no rule.
fn number(field: &str, text: &str) -> Result<Option<u32>, Invalid> {
    let text = text.trim();
    let wrong = |_| Invalid::new(field, "Write a whole number, or leave it empty.");
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(wrong) }
}

/// Adds a schedule, or changes the one named `old`.
#[server(prefix = "/api/fn", endpoint = "save_schedule")]
pub async fn save_schedule(
    #[server(default)] deployment: String,
    #[server(default)] old: String,
    #[server(default)] name: String,
    #[server(default)] often: String,
    #[server(default)] at: String,
    #[server(default)] weekday: String,
    #[server(default)] day: String,
    #[server(default)] cron: String,
    #[server(default)] time_zone: String,
    #[server(default)] jitter_minutes: String,
    #[server(default)] kind: String,
    #[server(default)] targets: Vec<String>,
    #[server(default)] keep_days: String,
    #[server(default)] keep_count: String,
) -> Result<(), ApiError> {
    let typed = [
        ("name", &name),
        ("often", &often),
        ("at", &at),
        ("weekday", &weekday),
        ("day", &day),
        ("cron", &cron),
        ("time_zone", &time_zone),
        ("jitter_minutes", &jitter_minutes),
        ("kind", &kind),
        ("keep_days", &keep_days),
        ("keep_count", &keep_count),
    ];
    let mut values: Vec<(&str, &str)> = typed.iter().map(|(field, value)| (*field, value.as_str())).collect();
    values.extend(ticks("targets", &targets));
    let done = async {
        let deployment = DeploymentName::parse(&deployment)?;
        let schedule = Schedule {
            name: ScheduleName::parse(if old.is_empty() { &name } else { &old })?,
            deployment: deployment.clone(),
            cron: Recurrence::parse(&often, &at, &weekday, &day, &cron)?.cron(),
            time_zone: time_zone.trim().into(),
            targets: named("targets", &targets)?,
            kind: Kind::of_form(&kind)?,
            keep: Keep::parse(number("keep_days", &keep_days)?, number("keep_count", &keep_count)?)?,
            paused: false,
            jitter: Jitter::parse(number("jitter_minutes", &jitter_minutes)?.unwrap_or_default())?,
        };
        save(&old, schedule).await?;
        Ok(format!("/deployments/{deployment}/schedules?done=schedule-saved"))
    };
    answer_form::<SaveSchedule>(&values, done.await)
}

async fn save(old: &str, s: Schedule) -> Result<View, Error> {
    if old.is_empty() {
        return perform(use_case::AddSchedule { schedule: s }).await;
    }
    let patch = use_case::SchedulePatch {
        cron: Some(s.cron),
        time_zone: Some(s.time_zone),
        targets: Some(s.targets),
        keep: Some(s.keep),
        jitter: Some(s.jitter),
        kind: Some(s.kind),
    };
    perform(use_case::ChangeSchedule { deployment: s.deployment, schedule: s.name, patch }).await
}

/// Pauses a schedule when `paused` is `true`, else resumes it (`schedule.manage`).
#[server(prefix = "/api/fn", endpoint = "pause_schedule")]
pub async fn pause_schedule(
    #[server(default)] deployment: String,
    #[server(default)] schedule: String,
    #[server(default)] paused: String,
) -> Result<(), ApiError> {
    let done = async {
        let (name, paused) = (DeploymentName::parse(&deployment)?, paused == "true");
        let change =
            use_case::PauseSchedule { deployment: name.clone(), schedule: ScheduleName::parse(&schedule)?, paused };
        perform(change).await?;
        Ok(format!(
            "/deployments/{name}/schedules?done={}",
            if paused { "schedule-paused" } else { "schedule-resumed" }
        ))
    };
    answer_form::<PauseSchedule>(&[], done.await)
}

/// Starts the backup of a schedule now and goes to its job (`backup.run`).
#[server(prefix = "/api/fn", endpoint = "run_schedule")]
pub async fn run_schedule(
    #[server(default)] deployment: String,
    #[server(default)] schedule: String,
) -> Result<(), ApiError> {
    let done = async {
        let run = use_case::RunScheduleNow {
            deployment: DeploymentName::parse(&deployment)?,
            schedule: ScheduleName::parse(&schedule)?,
        };
        Ok(format!("/jobs/{}", perform(run).await?))
    };
    answer_form::<RunSchedule>(&[], done.await)
}

/// Removes a schedule; its backups stay (`schedule.manage`).
#[server(prefix = "/api/fn", endpoint = "remove_schedule")]
pub async fn remove_schedule(
    #[server(default)] deployment: String,
    #[server(default)] schedule: String,
) -> Result<(), ApiError> {
    let done = async {
        let name = DeploymentName::parse(&deployment)?;
        perform(use_case::RemoveSchedule { deployment: name.clone(), schedule: ScheduleName::parse(&schedule)? })
            .await?;
        Ok(format!("/deployments/{name}/schedules?done=schedule-removed"))
    };
    answer_form::<RemoveSchedule>(&[], done.await)
}
