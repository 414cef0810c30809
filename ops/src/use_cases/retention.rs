//! What the rules of retention would remove.

use crate::console::context::{Context, Query};
use crate::engine::retention::decisions;
use crate::error::Result;
use domain::deployment::DeploymentName;
use domain::permission::Permission;
use domain::retention::Decision;
use domain::scope::Subject;

/// What would go, when, and why.
pub struct PreviewRetention {
    pub deployment: DeploymentName,
}

impl Query for PreviewRetention {
    const NEEDS: &'static [Permission] = &[Permission::BackupView];
    type Answer = Vec<Decision>;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Vec<Decision>> {
        cx.store().deployment(&self.deployment).await?;
        decisions(cx.store(), &self.deployment, cx.now()).await
    }
}
