//! What the schedules of a deployment keep: the preview, and what the clean-up job rests on.

use super::timetable::Timetable;
use crate::error::Result;
use crate::store::Store;
use chrono::{DateTime, Utc};
use domain::deployment::DeploymentName;
use domain::retention::{Decision, Rule, Rules, decide};

/// Forecasts by count look at most so many runs ahead.
const AHEAD: u32 = 400;

/// The rules of a deployment's schedules. One whose calendar cannot be read any more keeps its rule and forecasts
/// nothing.
async fn rules(store: &Store, deployment: &DeploymentName, now: DateTime<Utc>) -> Result<Rules> {
    let rule = |schedule: domain::schedule::Schedule| {
        let count = if schedule.paused { 0 } else { schedule.keep.count.unwrap_or(1).min(AHEAD) };
        let table = Timetable::parse(&schedule.cron, &schedule.time_zone);
        let coming = table.map(|t| t.runs(now, count as usize)).unwrap_or_default();
        (schedule.name, Rule { keep: schedule.keep, coming })
    };
    Ok(store.schedules(Some(deployment)).await?.into_iter().map(|row| rule(row.schedule)).collect())
}

/// What becomes of each backup of a deployment, newest first.
pub(crate) async fn decisions(store: &Store, deployment: &DeploymentName, now: DateTime<Utc>) -> Result<Vec<Decision>> {
    let stored = store.stored_backups(deployment).await?;
    Ok(decide(&stored, &rules(store, deployment, now).await?, now))
}
