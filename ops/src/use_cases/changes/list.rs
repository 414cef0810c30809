//! The history of changes.

use crate::console::context::{Context, Query};
use crate::error::Result;
use domain::change::ChangeEntry;
use domain::deployment::DeploymentName;
use domain::page::Page;
use domain::permission::Permission;
use domain::scope::Subject;

const PER_PAGE: u32 = 50;

/// Newest first. `page` counts from 1.
pub struct ListChanges {
    pub deployment: DeploymentName,
    pub page: u32,
}

impl Query for ListChanges {
    const NEEDS: &'static [Permission] = &[Permission::DeploymentView];
    type Answer = Page<ChangeEntry>;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Page<ChangeEntry>> {
        cx.store().change_page(&self.deployment, self.page, PER_PAGE).await
    }
}
