//! Changes from outside: seeing and accepting them. Reverting is a plan like any other.

use crate::console::context::{Change, Context, Query};
use crate::engine::drift;
use crate::error::{Error, Result};
use crate::use_cases::deployments::seen;
use domain::change::Drift;
use domain::deployment::DeploymentName;
use domain::permission::Permission;
use domain::scope::Subject;

/// What differs between the container as last seen and what the console knows of it.
pub struct ListDrift {
    pub deployment: DeploymentName,
}

impl Query for ListDrift {
    const NEEDS: &'static [Permission] = &[Permission::DeploymentView];
    type Answer = Vec<Drift>;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Vec<Drift>> {
        let row = cx.store().deployment(&self.deployment).await?;
        let seen = seen(cx, &row).await;
        drift::found(cx.store(), cx.seal(), &row.name, seen.container.as_ref()).await
    }
}

/// What the container is set to now is what is meant.
pub struct AcceptDrift {
    pub deployment: DeploymentName,
}

impl Change for AcceptDrift {
    const NAME: &'static str = "accept drift";
    const NEEDS: &'static [Permission] = &[Permission::ConfigChange];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        self.deployment.to_string()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        let (row, container) = cx.with_container(&self.deployment).await?;
        if drift::found(cx.store(), cx.seal(), &row.name, Some(&container)).await?.is_empty() {
            return Err(Error::conflict("There is nothing to accept: the container is as the console knows it."));
        }
        drift::know(cx.store(), cx.seal(), &row.name, &container, cx.now()).await
    }
}
