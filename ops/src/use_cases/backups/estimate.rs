//! What a backup will take.

use crate::console::context::{Context, Query};
use crate::error::Result;
use domain::backup::BackupEstimate;
use domain::deployment::DeploymentName;
use domain::permission::Permission;
use domain::scope::Subject;

/// What the last verified backup of a deployment tells of the next one: which way it went, why, and the outage to
/// expect.
pub struct EstimateBackup {
    pub deployment: DeploymentName,
}

impl Query for EstimateBackup {
    const NEEDS: &'static [Permission] = &[Permission::BackupView];
    type Answer = Option<BackupEstimate>;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Option<BackupEstimate>> {
        cx.store().deployment(&self.deployment).await?;
        let Some(last) = cx.store().last_verified(&self.deployment).await? else { return Ok(None) };
        let manifest = cx.store().backup(&last.id).await?.manifest;
        Ok(Some(BackupEstimate {
            backup: last.id,
            made_at: manifest.made_at,
            kind: manifest.kind,
            how: manifest.how,
            offline_ms: manifest.offline_ms,
        }))
    }
}
