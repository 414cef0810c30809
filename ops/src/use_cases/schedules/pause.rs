//! Pauses a schedule, or lets it run again.

use super::view::view;
use crate::console::context::{Change, Context};
use crate::error::Result;
use crate::store::ScheduleRow;
use domain::deployment::DeploymentName;
use domain::permission::Permission;
use domain::schedule::{ScheduleName, View};
use domain::scope::Subject;
use serde::{Deserialize, Serialize};

/// Pauses or resumes. What would have run while it was paused is not caught up.
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
