//! Removes a schedule.

use crate::console::context::{Change, Context};
use crate::error::Result;
use domain::deployment::DeploymentName;
use domain::permission::Permission;
use domain::schedule::ScheduleName;
use domain::scope::Subject;
use serde::{Deserialize, Serialize};

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
