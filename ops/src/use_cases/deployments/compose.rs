//! A deployment as a Compose file.

use crate::console::context::{Context, Query};
use crate::error::Result;
use domain::compose::compose_file;
use domain::deployment::DeploymentName;
use domain::permission::Permission;
use domain::scope::Subject;

/// What its container is now, without secrets.
pub struct GetComposeFile {
    pub deployment: DeploymentName,
}

impl Query for GetComposeFile {
    /// The variables of a container are for those who change them.
    const NEEDS: &'static [Permission] = &[Permission::ConfigChange];
    type Answer = String;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<String> {
        let (_, container) = cx.with_container(&self.deployment).await?;
        Ok(compose_file(&container))
    }
}
