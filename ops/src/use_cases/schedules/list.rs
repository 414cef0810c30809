//! Schedules of a deployment.

use super::view::view;
use crate::console::context::{Context, Query};
use crate::error::Result;
use domain::deployment::DeploymentName;
use domain::permission::Permission;
use domain::schedule::View;
use domain::scope::Subject;

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
