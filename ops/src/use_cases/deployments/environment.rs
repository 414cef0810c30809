//! Says what a deployment is for.

use crate::console::context::{Change, Context};
use crate::error::Result;
use domain::deployment::DeploymentName;
use domain::environment::Environment;
use domain::permission::Permission;
use domain::scope::Subject;
use serde::{Deserialize, Serialize};

/// Touches nothing of Neo4j; how strict the console is from now on follows from it.
#[derive(Serialize, Deserialize)]
pub struct SetEnvironment {
    pub deployment: DeploymentName,
    pub environment: Environment,
}

impl Change for SetEnvironment {
    const NAME: &'static str = "set environment";
    const NEEDS: &'static [Permission] = &[Permission::DeploymentAdopt];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        format!("{} is {}", self.deployment, self.environment.as_str())
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        let row = cx.store().deployment(&self.deployment).await?;
        cx.store().set_environment(&row.name, self.environment).await
    }
}
