//! The calendar of a deployment's backups.

use crate::console::{Query, Scene};
use crate::error::Result;
use crate::schedules::timetable::Timetable;
use chrono::{DateTime, Utc};
use domain::calendar::{Found, Month};
use domain::deployment::DeploymentName;
use domain::permission::Permission;

/// What was made, failed and was missed in a month.
pub struct GetCalendar {
    pub deployment: DeploymentName,
    /// The present one when absent.
    pub month: Option<Month>,
}

impl Query for GetCalendar {
    const NEEDS: Permission = Permission::BackupView;
    type Answer = Found;
    async fn answer(self, scene: &Scene<'_>) -> Result<Found> {
        let (store, name) = (scene.store(), &self.deployment);
        store.deployment(name).await?;
        let month = self.month.unwrap_or_else(|| Month::of(scene.now()));
        let (from, to) = (month.begins(), month.next().begins());
        Ok(Found {
            month,
            backups: store.backups_between(name, from, to).await?,
            failed: store.failed_backups_between(name, from, to).await?,
            missed: store.missed_between(name, from, to).await?,
            planned: planned(scene, name, to).await?,
        })
    }
}

/// A month of one run an hour; of what runs more often the calendar says no more.
const MOST: usize = 750;

/// Runs to come before `to`.
async fn planned(scene: &Scene<'_>, name: &DeploymentName, to: DateTime<Utc>) -> Result<Vec<DateTime<Utc>>> {
    let now = scene.now();
    let mut runs = Vec::new();
    for row in scene.store().schedules(Some(name)).await?.into_iter().filter(|row| !row.schedule.paused && now < to) {
        // One whose calendar cannot be read any more plans nothing; its page says why.
        if let Ok(table) = Timetable::parse(&row.schedule.cron, &row.schedule.time_zone) {
            runs.extend(table.runs(now, MOST).into_iter().take_while(|at| *at < to));
        }
    }
    Ok(runs)
}
