//! Schedules of backups: adding, changing, pausing, running one now, what comes next. What makes them run is in
//! [`watch`], the calendar in [`timetable`], what they keep in [`retention`].

use crate::console::context::{Change, Context, Query};
use crate::engine::timetable::Timetable;
use crate::error::Result;
use crate::jobs::backup;
use crate::jobs::queue::queue;
use crate::store::ScheduleRow;
use chrono::TimeDelta;
use domain::Invalid;
use domain::deployment::DeploymentName;
use domain::job::JobId;
use domain::permission::Permission;
use domain::schedule::{self, Jitter, Keep, Kind, Schedule, ScheduleName, View};
use domain::scope::Subject;
use domain::target::TargetName;
use serde::{Deserialize, Serialize};

/// Of the runs to come, so many are shown.
const NEXT_RUNS: usize = 5;

/// Whether a schedule may be stored.
async fn read(cx: &Context<'_>, schedule: &Schedule) -> Result<()> {
    known_targets(cx, &schedule.targets).await?;
    let now = cx.now();
    let table = Timetable::parse(&schedule.cron, &schedule.time_zone)?;
    let runs = table.runs(now, 400);
    let shortest = runs.windows(2).map(|two| (two[1] - two[0]).num_minutes()).min().unwrap_or(i64::MAX);
    if i64::from(schedule.jitter.minutes()) >= shortest {
        return Err(Invalid::new(
            "jitter_minutes",
            format!("Its runs come as close as {shortest} minutes: spread them by less than that."),
        )
        .into());
    }
    Ok(())
}

/// Rejects unknown targets instead of silently falling back.
async fn known_targets(cx: &Context<'_>, names: &[TargetName]) -> Result<()> {
    for name in names.iter().filter(|name| !name.is_local()) {
        if cx.store().target(name).await.is_err() {
            return Err(Invalid::new(
                "targets",
                format!(
                    "There is no target {name}. Leave targets empty for the console's own, or add the target first."
                ),
            )
            .into());
        }
    }
    Ok(())
}

async fn view(cx: &Context<'_>, schedule: Schedule) -> Result<View> {
    let now = cx.now();
    let last_run = cx.store().last_run(&schedule.deployment, &schedule.name, now).await?;
    let mut next_runs = Vec::new();
    if let (false, Ok(table)) = (schedule.paused, Timetable::parse(&schedule.cron, &schedule.time_zone)) {
        // A run planned before now may still begin, by its jitter.
        let begin = now - TimeDelta::minutes(schedule.jitter.minutes().into());
        let after = last_run.as_ref().map_or(begin, |run| run.planned_at.max(begin));
        let runs = table.runs(after, 2 * NEXT_RUNS).into_iter().map(|at| schedule.start(at)).filter(|at| *at > now);
        next_runs = runs.take(NEXT_RUNS).map(|at| table.shown(at)).collect();
    }
    Ok(View { schedule, next_runs, last_run })
}

/// Adds a schedule.
#[derive(Serialize, Deserialize)]
pub struct AddSchedule {
    pub schedule: Schedule,
}

impl Change for AddSchedule {
    const NAME: &'static str = "add schedule";
    const NEEDS: &'static [Permission] = &[Permission::ScheduleManage];
    type Outcome = View;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.schedule.deployment.clone())
    }
    fn target(&self) -> String {
        format!("{} {}", self.schedule.deployment, self.schedule.name)
    }
    fn reason(&self) -> String {
        words(&self.schedule)
    }
    async fn apply(self, cx: &Context<'_>) -> Result<View> {
        cx.store().deployment(&self.schedule.deployment).await?;
        read(cx, &self.schedule).await?;
        cx.store().insert_schedule(&self.schedule, cx.now()).await?;
        view(cx, self.schedule).await
    }
}

fn words(s: &Schedule) -> String {
    format!("{} {}, keeps {}", s.cron, s.time_zone, s.keep.words())
}

/// The guideline's three schedules at once: all of them or none.
#[derive(Serialize, Deserialize)]
pub struct AddPlan {
    pub deployment: DeploymentName,
    pub time_zone: String,
    /// Targets of the weekly and the monthly ones.
    pub external: Vec<TargetName>,
}

impl Change for AddPlan {
    const NAME: &'static str = "add the guideline's schedules";
    const NEEDS: &'static [Permission] = &[Permission::ScheduleManage];
    type Outcome = Vec<View>;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        self.deployment.to_string()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<Vec<View>> {
        cx.store().deployment(&self.deployment).await?;
        let plan = schedule::plan(&self.deployment, &self.time_zone, &self.external);
        let present = cx.store().schedules(Some(&self.deployment)).await?;
        for one in &plan {
            read(cx, one).await?;
            if present.iter().any(|row| row.schedule.name == one.name) {
                return Err(Invalid::new(
                    "name",
                    format!("There is already a schedule {}. Remove it first, or add the others one by one.", one.name),
                )
                .into());
            }
        }
        let mut views = Vec::new();
        for one in plan {
            cx.store().insert_schedule(&one, cx.now()).await?;
            views.push(view(cx, one).await?);
        }
        Ok(views)
    }
}

/// What is left out stays as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchedulePatch {
    pub cron: Option<String>,
    pub time_zone: Option<String>,
    pub targets: Option<Vec<TargetName>>,
    pub kind: Option<Kind>,
    pub keep: Option<Keep>,
    pub jitter: Option<Jitter>,
}

impl SchedulePatch {
    fn apply_to(self, old: &Schedule) -> Schedule {
        Schedule {
            cron: self.cron.unwrap_or_else(|| old.cron.clone()),
            time_zone: self.time_zone.unwrap_or_else(|| old.time_zone.clone()),
            targets: self.targets.unwrap_or_else(|| old.targets.clone()),
            kind: self.kind.unwrap_or(old.kind),
            keep: self.keep.unwrap_or(old.keep),
            jitter: self.jitter.unwrap_or(old.jitter),
            ..old.clone()
        }
    }
}

/// Changes a schedule; what is absent stays as it is.
#[derive(Serialize, Deserialize)]
pub struct ChangeSchedule {
    pub deployment: DeploymentName,
    pub schedule: ScheduleName,
    pub patch: SchedulePatch,
}

impl Change for ChangeSchedule {
    const NAME: &'static str = "change schedule";
    const NEEDS: &'static [Permission] = &[Permission::ScheduleManage];
    type Outcome = View;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        format!("{} {}", self.deployment, self.schedule)
    }
    async fn apply(self, cx: &Context<'_>) -> Result<View> {
        let ScheduleRow { schedule: old, since } = cx.store().schedule(&self.deployment, &self.schedule).await?;
        let new = self.patch.apply_to(&old);
        read(cx, &new).await?;
        // Times of the new calendar that are already past were never planned.
        let moved = (&new.cron, &new.time_zone) != (&old.cron, &old.time_zone);
        cx.store().update_schedule(&new, if moved { cx.now() } else { since }).await?;
        view(cx, new).await
    }
}

/// Pauses or resumes. What would have run while it was paused is not made up for.
#[derive(Serialize, Deserialize)]
pub struct PauseSchedule {
    pub deployment: DeploymentName,
    pub schedule: ScheduleName,
    pub paused: bool,
}

impl Change for PauseSchedule {
    const NAME: &'static str = "pause schedule";
    const NEEDS: &'static [Permission] = &[Permission::ScheduleManage];
    type Outcome = View;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        format!("{} {}", self.deployment, self.schedule)
    }
    fn reason(&self) -> String {
        if self.paused { "paused".into() } else { "resumed".into() }
    }
    async fn apply(self, cx: &Context<'_>) -> Result<View> {
        let ScheduleRow { mut schedule, since } = cx.store().schedule(&self.deployment, &self.schedule).await?;
        let resumed = schedule.paused && !self.paused;
        schedule.paused = self.paused;
        cx.store().update_schedule(&schedule, if resumed { cx.now() } else { since }).await?;
        view(cx, schedule).await
    }
}

/// Its backups stay, from then on as if made by hand.
#[derive(Serialize, Deserialize)]
pub struct RemoveSchedule {
    pub deployment: DeploymentName,
    pub schedule: ScheduleName,
}

impl Change for RemoveSchedule {
    const NAME: &'static str = "remove schedule";
    const NEEDS: &'static [Permission] = &[Permission::ScheduleManage];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        format!("{} {}", self.deployment, self.schedule)
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        cx.store().schedule(&self.deployment, &self.schedule).await?;
        cx.store().delete_schedule(&self.deployment, &self.schedule).await
    }
}

/// Makes its backup now; the planned runs stay as they are.
#[derive(Serialize, Deserialize)]
pub struct RunScheduleNow {
    pub deployment: DeploymentName,
    pub schedule: ScheduleName,
}

impl Change for RunScheduleNow {
    const NAME: &'static str = "run schedule now";
    const NEEDS: &'static [Permission] = &[Permission::BackupRun];
    type Outcome = JobId;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        format!("{} {}", self.deployment, self.schedule)
    }
    async fn apply(self, cx: &Context<'_>) -> Result<JobId> {
        let schedule = cx.store().schedule(&self.deployment, &self.schedule).await?.schedule;
        cx.with_container(&self.deployment).await?;
        let reason = format!("Schedule {}, run now.", schedule.name);
        queue(cx, &self.deployment, &backup::Params::of(&schedule), &reason).await
    }
}

/// The schedules of a deployment, with their last and next runs.
pub struct ListSchedules {
    pub deployment: DeploymentName,
}

impl Query for ListSchedules {
    const NEEDS: &'static [Permission] = &[Permission::BackupView];
    type Answer = Vec<View>;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Vec<View>> {
        cx.store().deployment(&self.deployment).await?;
        let mut all = Vec::new();
        for row in cx.store().schedules(Some(&self.deployment)).await? {
            all.push(view(cx, row.schedule).await?);
        }
        Ok(all)
    }
}
