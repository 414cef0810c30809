//! The data that restores set aside.

use crate::console::context::{Change, Context, Query};
use crate::error::Result;
use crate::jobs::queue::queue;
use crate::jobs::remove_set_aside;
use crate::use_cases::confirm::typed;
use domain::deployment::DeploymentName;
use domain::job::{JobBrief, JobId};
use domain::permission::Permission;
use domain::scope::Subject;
use serde::{Deserialize, Serialize};

/// Frees the space of the previous data; the restore cannot be undone after that.
#[derive(Serialize, Deserialize)]
pub struct RemoveSetAside {
    pub deployment: DeploymentName,
    pub restore: JobId,
    pub confirm: String,
}

impl Change for RemoveSetAside {
    const NAME: &'static str = "remove set-aside data";
    const NEEDS: &'static [Permission] = &[Permission::RestoreUndo];
    type Outcome = JobId;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        format!("{} restore {}", self.deployment, self.restore)
    }
    async fn apply(self, cx: &Context<'_>) -> Result<JobId> {
        typed(&self.deployment, &self.confirm)?;
        let row = cx.store().set_aside(self.restore, &self.deployment).await?;
        let params = remove_set_aside::Params { restore: self.restore, directory: row.directory };
        queue(cx, &self.deployment, &params, "").await
    }
}

/// Restores whose previous data is still set aside, newest first.
pub struct ListUndoable {
    pub deployment: DeploymentName,
}

impl Query for ListUndoable {
    const NEEDS: &'static [Permission] = &[Permission::JobView];
    type Answer = Vec<JobBrief>;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Vec<JobBrief>> {
        let mut all = Vec::new();
        for id in cx.store().set_aside_jobs(&self.deployment).await? {
            all.push(cx.store().job(id).await?.brief);
        }
        Ok(all)
    }
}
