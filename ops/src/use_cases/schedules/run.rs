//! Runs a schedule now.

use crate::console::context::{Change, Context};
use crate::error::Result;
use crate::jobs::backup;
use crate::jobs::queue::queue;
use domain::deployment::DeploymentName;
use domain::job::JobId;
use domain::permission::Permission;
use domain::schedule::ScheduleName;
use domain::scope::Subject;
use serde::{Deserialize, Serialize};

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
