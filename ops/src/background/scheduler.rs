//! The scheduler: every 30 s it queues what is due, through `Console::perform`. It keeps no state; settled runs are in
//! `schedule_runs`, so a restart continues where the last one stopped. What is due is decided by `domain::schedule`.

use crate::actor::Actor;
use crate::console::Console;
use crate::console::context::{Change, Context};
use crate::engine::audit_log::New;
use crate::engine::timetable::Timetable;
use crate::error::{Error, Result};
use crate::jobs::queue;
use crate::jobs::{backup, prune};
use crate::store::ScheduleRow;
use chrono::{DateTime, TimeDelta, Utc};
use domain::audit::Outcome as Ended;
use domain::deployment::DeploymentName;
use domain::job::JobId;
use domain::member::Role;
use domain::permission::Permission;
use domain::schedule::{Due, Outcome, Run, Schedule, WINDOW, due};
use domain::scope::Subject;
use domain::text::{full_time, plural};
use std::collections::BTreeSet;
use std::time::Duration;

const INTERVAL: Duration = Duration::from_secs(30);
/// Old backups are looked for after each scheduled one, and at least so often.
const PRUNE_EVERY: TimeDelta = TimeDelta::hours(24);
/// A gap this long may mean that the clock jumped: pruning pauses for a day, so that somebody can put it right first.
const SILENCE: TimeDelta = TimeDelta::days(2);
const REST: TimeDelta = TimeDelta::hours(24);
/// The value that says until when, in milliseconds.
const RESTS_UNTIL: &str = "clean-up rests until";
/// The value that says when schedules were looked at, in milliseconds; noted once an hour.
const LOOKED_AT: &str = "schedules looked at";
const NOTE_EVERY: TimeDelta = TimeDelta::hours(1);

/// A look at once and every half minute. A failed one is logged.
pub(crate) async fn run_forever(console: Console) {
    loop {
        if let Err(error) = tick(&console).await {
            tracing::error!(%error, "could not evaluate the schedules");
        }
        console.state.ports.clock.sleep(INTERVAL).await;
    }
}

/// One look at everything. Nothing here is lost when it fails: the next look finds the same things due.
pub(crate) async fn tick(console: &Console) -> Result<()> {
    let (store, now) = (&console.state.store, console.state.ports.clock.now());
    store.correct_future_times(now).await?;
    rest_after_silence(console, now).await?;
    let rows = store.schedules(None).await?;
    for row in rows.iter().filter(|row| !row.schedule.paused) {
        if let Err(error) = settle(console, row, now).await {
            tracing::error!(deployment = %row.schedule.deployment, schedule = %row.schedule.name, %error, "could not evaluate a schedule");
        }
    }
    // Backups first: a deployment that has one waiting is busy now.
    for deployment in rows.iter().map(|row| &row.schedule.deployment).collect::<BTreeSet<_>>() {
        prune_if_due(console, deployment, now).await?;
    }
    Ok(())
}

/// Settles what is due of one schedule. A deployment with a live job is not in its way for long: it is tried again.
async fn settle(console: &Console, row: &ScheduleRow, now: DateTime<Utc>) -> Result<()> {
    let (store, schedule) = (&console.state.store, &row.schedule);
    let table = Timetable::parse(&schedule.cron, &schedule.time_zone)?;
    loop {
        let settled = store.last_run(&schedule.deployment, &schedule.name, now).await?;
        let last = settled.map_or(row.since, |run| run.planned_at.max(row.since));
        let (planned_at, outcome) = match due(schedule, |after| table.next(after), last, now, WINDOW) {
            Due::Wait(_) => return Ok(()),
            Due::Missed { from, to, runs } => {
                report(console, schedule, (from, to, runs)).await?;
                continue;
            }
            Due::Run(at) => (at, Outcome::Ran),
            Due::CatchUp(at) => (at, Outcome::CaughtUp),
        };
        if store.live_job(&schedule.deployment).await?.is_some() {
            return Ok(());
        }
        let note = match outcome {
            Outcome::CaughtUp => format!("Caught up: it was planned for {}.", full_time(planned_at)),
            Outcome::Ran | Outcome::Missed => String::new(),
        };
        let run = Run { schedule: schedule.name.clone(), planned_at, outcome, job: None, note };
        let who = Actor::schedule(format!("schedule {}", schedule.name), Role::Operator);
        match console.perform(&who, StartDue { schedule: schedule.clone(), run }).await {
            // Another request queued a job first.
            Err(Error::Busy { .. }) => return Ok(()),
            done => done.map(|_| ())?,
        }
    }
}

/// A run that will not be made is said in the audit log and beside the schedule, never swallowed.
async fn report(
    console: &Console,
    schedule: &Schedule,
    (from, to, runs): (DateTime<Utc>, DateTime<Utc>, u32),
) -> Result<()> {
    let (store, now) = (&console.state.store, console.state.ports.clock.now());
    let planned = if runs == 1 { full_time(to) } else { format!("{} to {}", full_time(from), full_time(to)) };
    let note = format!(
        "Missed {}, planned for {planned}: the console did not run, or another job held the deployment.",
        plural(runs.into(), "run", "runs")
    );
    tracing::warn!(deployment = %schedule.deployment, schedule = %schedule.name, runs, %from, %to, "missed scheduled backups");
    let who = Actor::schedule(format!("schedule {}", schedule.name), Role::Operator);
    let entry =
        New { actor: &who, act: StartDue::NAME, target: schedule.deployment.to_string(), detail: String::new() };
    console.state.audit_log().record(&entry, Ended::Failed, &note).await?;
    let run = Run { schedule: schedule.name.clone(), planned_at: to, outcome: Outcome::Missed, job: None, note };
    store.insert_missed(&schedule.deployment, &run, now).await
}

async fn prune_if_due(console: &Console, deployment: &DeploymentName, now: DateTime<Utc>) -> Result<()> {
    let state = console.state.store.prune_state(deployment).await?;
    // Before the first scheduled backup there is nothing to remove. A last time in the future is of a clock that was
    // wrong.
    let long_ago = state.last.is_some_and(|at| (now - at).abs() >= PRUNE_EVERY);
    if !(state.backup_since || long_ago) || console.state.store.live_job(deployment).await?.is_some() {
        return Ok(());
    }
    if rests(console, now).await? {
        return Ok(());
    }
    match console
        .perform(&Actor::schedule("retention", Role::Lead), StartPrune { deployment: deployment.clone() })
        .await
    {
        Err(Error::Busy { .. }) => Ok(()),
        done => done.map(|_| ()),
    }
}

/// Measured by the scheduler's own checks, since schedules may be paused or monthly.
async fn rest_after_silence(console: &Console, now: DateTime<Utc>) -> Result<()> {
    let store = &console.state.store;
    let last = store.value(LOOKED_AT).await?.and_then(|ms| DateTime::from_timestamp_millis(ms.parse().ok()?));
    let in_words = |at: DateTime<Utc>| at.timestamp_millis().to_string();
    if last.is_some_and(|last| now - last >= SILENCE) {
        store.set_value(RESTS_UNTIL, Some(&in_words(now + REST))).await?;
    }
    if last.is_none_or(|last| (now - last).abs() >= NOTE_EVERY) {
        store.set_value(LOOKED_AT, Some(&in_words(now))).await?;
    }
    Ok(())
}

/// An end further away than one pause was written while the clock was wrong: ignored.
async fn rests(console: &Console, now: DateTime<Utc>) -> Result<bool> {
    let until =
        console.state.store.value(RESTS_UNTIL).await?.and_then(|ms| DateTime::from_timestamp_millis(ms.parse().ok()?));
    Ok(until.is_some_and(|until| now < until && until - now <= REST))
}

/// Makes the backup of a planned run. None when the run was settled meanwhile.
struct StartDue {
    schedule: Schedule,
    run: Run,
}

impl Change for StartDue {
    const NAME: &'static str = "start scheduled backup";
    const NEEDS: &'static [Permission] = &[Permission::BackupRun];
    type Outcome = Option<JobId>;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.schedule.deployment.clone())
    }
    fn target(&self) -> String {
        self.schedule.deployment.to_string()
    }
    fn reason(&self) -> String {
        self.run.note.clone()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<Option<JobId>> {
        let backup = backup::Params::of(&self.schedule);
        let new = queue::new(cx, &self.schedule.deployment, &backup, &self.run.note)?;
        let job = cx.store().insert_run(&self.run, &new).await?;
        cx.wake_runner();
        Ok(job)
    }
}

/// Removes what no rule keeps.
pub(crate) struct StartPrune {
    pub deployment: DeploymentName,
}

impl Change for StartPrune {
    const NAME: &'static str = "clean up old backups";
    const NEEDS: &'static [Permission] = &[Permission::BackupDelete];
    type Outcome = JobId;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        self.deployment.to_string()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<JobId> {
        queue::queue(cx, &self.deployment, &prune::Params {}, "").await
    }
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod year;
