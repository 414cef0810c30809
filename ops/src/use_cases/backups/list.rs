//! Backups of one deployment or of all.

use crate::console::context::{Context, Query};
use crate::error::Result;
use domain::backup::Search;
use domain::backup::views::Summary;
use domain::deployment::DeploymentName;
use domain::page::Page;
use domain::permission::Permission;
use domain::scope::Subject;

/// A page of the backups, newest first.
pub struct ListBackups {
    /// Of all deployments when absent.
    pub deployment: Option<DeploymentName>,
    pub search: Search,
    pub page: u32,
}

impl Query for ListBackups {
    const NEEDS: &'static [Permission] = &[Permission::BackupView];
    type Answer = Page<Summary>;
    fn subject(&self) -> Subject {
        Subject::of(self.deployment.as_ref())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Page<Summary>> {
        if let Some(name) = &self.deployment {
            cx.store().deployment(name).await?;
        }
        cx.store().backup_page(self.deployment.as_ref(), &self.search, self.page).await
    }
}

/// Wherever it stands in the list.
pub struct GetLastVerified {
    pub deployment: DeploymentName,
}

impl Query for GetLastVerified {
    const NEEDS: &'static [Permission] = &[Permission::BackupView];
    type Answer = Option<Summary>;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Option<Summary>> {
        cx.store().last_verified_summary(&self.deployment).await
    }
}
