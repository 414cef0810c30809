//! Deletes a deployment.

use crate::console::context::{Change, Context};
use crate::error::Result;
use crate::jobs::delete_deployment::{Params, is_backed_up, may_be_removed};
use crate::jobs::queue::queue;
use crate::use_cases::confirm;
use domain::deployment::DeploymentName;
use domain::job::JobId;
use domain::permission::Permission;
use domain::scope::Subject;
use domain::text::Reason;
use serde::{Deserialize, Serialize};

/// Its container, and its data where that is asked for. Its backups stay.
#[derive(Serialize, Deserialize)]
pub struct DeleteDeployment {
    pub deployment: DeploymentName,
    /// Wants a verified backup of the last 24 hours.
    pub with_data: bool,
    /// The deployment's name.
    pub confirm: String,
    pub reason: Reason,
}

impl Change for DeleteDeployment {
    const NAME: &'static str = "delete deployment";
    const NEEDS: &'static [Permission] = &[Permission::DeploymentAdopt];
    type Outcome = JobId;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        format!("{}{}", self.deployment, if self.with_data { " with its data" } else { "" })
    }
    fn reason(&self) -> String {
        self.reason.as_str().into()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<JobId> {
        let (row, container) = cx.with_container(&self.deployment).await?;
        confirm::typed(&row.name, &self.confirm)?;
        may_be_removed(&container)?;
        if self.with_data {
            is_backed_up(cx.store().last_verified(&row.name).await?.as_ref(), cx.now())?;
        }
        queue(cx, &self.deployment, &Params { with_data: self.with_data }, self.reason.as_str()).await
    }
}
