//! A schedule as people see it, and whether it can be one.

use crate::console::context::Context;
use crate::engine::timetable::Timetable;
use crate::error::Result;
use chrono::TimeDelta;
use domain::Invalid;
use domain::schedule::{Schedule, View};
use domain::target::TargetName;

/// Of the runs to come, so many are shown.
const NEXT_RUNS: usize = 5;

/// Whether a schedule may be stored.
pub(super) async fn read(cx: &Context<'_>, schedule: &Schedule) -> Result<()> {
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

pub(super) async fn view(cx: &Context<'_>, schedule: Schedule) -> Result<View> {
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

pub(super) fn words(s: &Schedule) -> String {
    format!("{} {}, keeps {}", s.cron, s.time_zone, s.keep.words())
}
