//! What the rules of retention would remove.

use crate::console::context::{Context, Query};
use crate::engine::retention::decisions;
use crate::error::Result;
use domain::deployment::DeploymentName;
use domain::permission::Permission;
use domain::retention::Decision;

/// What would go, when, and why.
pub struct PreviewRetention {
    pub deployment: DeploymentName,
}

impl Query for PreviewRetention {
    const NEEDS: Permission = Permission::BackupView;
    type Answer = Vec<Decision>;
    async fn answer(self, cx: &Context<'_>) -> Result<Vec<Decision>> {
        cx.store().deployment(&self.deployment).await?;
        decisions(cx.store(), &self.deployment, cx.now()).await
    }
}
