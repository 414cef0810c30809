//! Takes a restore back.

use crate::console::context::{Change, Context};
use crate::error::{Error, Result};
use crate::jobs::queue::queue;
use crate::jobs::undo_restore;
use crate::use_cases::confirm::typed;
use domain::deployment::DeploymentName;
use domain::job::JobId;
use domain::permission::Permission;
use domain::scope::Subject;
use domain::set_aside::LastRun;
use domain::text::Reason;
use serde::{Deserialize, Serialize};

/// Brings back the data from before the newest restore.
#[derive(Serialize, Deserialize)]
pub struct UndoRestore {
    pub deployment: DeploymentName,
    pub restore: JobId,
    pub confirm: String,
    pub reason: Reason,
}

impl Change for UndoRestore {
    const NAME: &'static str = "undo restore";
    const NEEDS: &'static [Permission] = &[Permission::RestoreUndo];
    type Outcome = JobId;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        format!("{} restore {}", self.deployment, self.restore)
    }
    fn reason(&self) -> String {
        self.reason.as_str().into()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<JobId> {
        typed(&self.deployment, &self.confirm)?;
        let row = cx.store().set_aside(self.restore, &self.deployment).await?;
        if cx.store().set_aside_jobs(&self.deployment).await?.first() != Some(&self.restore) {
            return Err(Error::conflict("There was a later restore. Undo that one first."));
        }
        if let Some(last_run) = &row.last_run {
            let (_, container) = cx.with_container(&self.deployment).await?;
            last_run.may_be_opened_by(&LastRun::of(&container))?;
        }
        let params = undo_restore::Params { restore: self.restore, databases: row.databases, directory: row.directory };
        queue(cx, &self.deployment, &params, self.reason.as_str()).await
    }
}
