//! The calendar of a deployment's backups.

use crate::console::context::{Context, Query};
use crate::engine::timetable::Timetable;
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::calendar::{Month, MonthRecords};
use domain::deployment::DeploymentName;
use domain::permission::Permission;
use domain::scope::Subject;

/// What was made, failed and was missed in a month.
pub struct GetCalendar {
    pub deployment: DeploymentName,
    /// The present one when absent.
    pub month: Option<Month>,
}

impl Query for GetCalendar {
    const NEEDS: &'static [Permission] = &[Permission::BackupView];
    type Answer = MonthRecords;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<MonthRecords> {
        let (store, name) = (cx.store(), &self.deployment);
        store.deployment(name).await?;
        let month = self.month.unwrap_or_else(|| Month::of(cx.now()));
        let (from, to) = (month.begins(), month.next().begins());
        Ok(MonthRecords {
            month,
            backups: store.backups_between(name, from, to).await?,
            failed: store.failed_backups_between(name, from, to).await?,
            missed: store.missed_between(name, from, to).await?,
            planned: planned(cx, name, to).await?,
        })
    }
}

/// A month of one run an hour; of what runs more often the calendar says no more.
const MOST: usize = 750;

/// Runs to come before `to`.
async fn planned(cx: &Context<'_>, name: &DeploymentName, to: DateTime<Utc>) -> Result<Vec<DateTime<Utc>>> {
    let now = cx.now();
    let mut runs = Vec::new();
    for row in cx.store().schedules(Some(name)).await?.into_iter().filter(|row| !row.schedule.paused && now < to) {
        // One whose calendar cannot be read any more plans nothing; its page says why.
        if let Ok(table) = Timetable::parse(&row.schedule.cron, &row.schedule.time_zone) {
            runs.extend(table.runs(now, MOST).into_iter().take_while(|at| *at < to));
        }
    }
    Ok(runs)
}
