//! Takes a container into the console's care.

use super::credentials::{running, try_credentials};
use super::discover::proposed;
use crate::console::context::{Change, Context};
use crate::engine::credentials::seal_context;
use crate::error::{Error, Result};
use crate::store::DeploymentRow;
use domain::Invalid;
use domain::container::Container;
use domain::deployment::DeploymentName;
use domain::environment::Environment;
use domain::host::HostId;
use domain::permission::Permission;
use domain::scope::Subject;

/// Takes a running container into the console's care. Its Neo4j credentials are tried once.
pub struct AdoptDeployment {
    /// Whose engine runs the container.
    pub host: HostId,
    pub container: String,
    pub user: String,
    pub password: String,
    /// Made from the container's name when absent.
    pub name: Option<DeploymentName>,
    pub environment: Environment,
}

impl Change for AdoptDeployment {
    const NAME: &'static str = "adopt deployment";
    const NEEDS: &'static [Permission] = &[Permission::DeploymentAdopt];
    type Outcome = DeploymentName;
    fn subject(&self) -> Subject {
        Subject::Host(self.host.clone())
    }
    fn target(&self) -> String {
        self.container.clone()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<DeploymentName> {
        let container = running(cx, &self.host, &self.container).await?;
        let name = match self.name {
            Some(name) => name,
            None => DeploymentName::parse(&proposed(&container.name))?,
        };
        free(cx, &name, &self.host, &container).await?;
        try_credentials(cx, &self.host, &container, &self.user, &self.password).await?;
        let sealed_password = cx.seal().seal(&seal_context(&name), &self.password)?;
        let row = DeploymentRow {
            name: name.clone(),
            host: self.host,
            container: container.name,
            neo4j_user: self.user.trim().into(),
            sealed_password,
            environment: self.environment,
        };
        cx.store().insert_deployment(&row, cx.now()).await?;
        cx.observer().refresh(&row, cx.seal()).await;
        Ok(name)
    }
}

/// Refused before the password is tried, so that a typing mistake in the name costs no try.
async fn free(cx: &Context<'_>, name: &DeploymentName, host: &HostId, container: &Container) -> Result<()> {
    let rows = cx.store().deployments().await?;
    if let Some(row) = rows.iter().find(|r| &r.host == host && r.container == container.name) {
        return Err(Error::conflict(format!("The container {} is already adopted as {}.", container.name, row.name)));
    }
    if rows.iter().any(|r| &r.name == name) {
        return Err(Invalid::new("name", "There is already a deployment with this name. Choose another one.").into());
    }
    Ok(())
}
