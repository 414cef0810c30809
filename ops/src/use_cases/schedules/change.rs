//! Changes a schedule.

use super::view::read;
use super::view::view;
use crate::console::context::{Change, Context};
use crate::error::Result;
use crate::store::ScheduleRow;
use domain::deployment::DeploymentName;
use domain::permission::Permission;
use domain::schedule::{Jitter, Keep, Kind, Schedule, ScheduleName, View};
use domain::scope::Subject;
use domain::target::TargetName;
use serde::{Deserialize, Serialize};

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
