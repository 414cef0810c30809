//! Takes a deployment out of the console.

use crate::console::context::{Change, Context};
use crate::error::{Error, Result};
use domain::deployment::DeploymentName;
use domain::permission::Permission;
use domain::scope::Subject;
use serde::{Deserialize, Serialize};

/// The console only: container, data and backups stay as they are.
#[derive(Serialize, Deserialize)]
pub struct ForgetDeployment {
    pub deployment: DeploymentName,
}

impl Change for ForgetDeployment {
    const NAME: &'static str = "forget deployment";
    const NEEDS: &'static [Permission] = &[Permission::DeploymentAdopt];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        self.deployment.to_string()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        let row = cx.store().deployment(&self.deployment).await?;
        if let Some(job) = cx.store().live_job(&row.name).await? {
            return Err(Error::Busy { job: job.id });
        }
        cx.store().delete_deployment(&row.name).await?;
        cx.observer().forget(&row.name);
        Ok(())
    }
}
