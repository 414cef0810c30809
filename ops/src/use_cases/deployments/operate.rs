//! Starts, stops and restarts.

use crate::console::context::{Change, Context};
use crate::error::Result;
use crate::jobs::operate;
use crate::jobs::queue::queue;
use domain::deployment::DeploymentName;
use domain::job::JobId;
use domain::job::Operation;
use domain::permission::Permission;
use domain::scope::Subject;
use domain::text::Reason;
use serde::{Deserialize, Serialize};

/// Starts, stops or restarts with the clean-stop guard, as a job.
#[derive(Serialize, Deserialize)]
pub struct OperateDeployment {
    pub deployment: DeploymentName,
    pub operation: Operation,
    pub reason: Reason,
}

impl Change for OperateDeployment {
    const NAME: &'static str = "operate deployment";
    const NEEDS: &'static [Permission] = &[Permission::DeploymentOperate];
    type Outcome = JobId;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        format!("{} {}", self.operation.kind().as_str(), self.deployment)
    }
    fn reason(&self) -> String {
        self.reason.as_str().into()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<JobId> {
        match self.operation {
            Operation::Start => queue(cx, &self.deployment, &operate::Start {}, self.reason.as_str()).await,
            Operation::Stop => queue(cx, &self.deployment, &operate::Stop {}, self.reason.as_str()).await,
            Operation::Restart => queue(cx, &self.deployment, &operate::Restart {}, self.reason.as_str()).await,
        }
    }
}
