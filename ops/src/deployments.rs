use crate::console::{Change, Query, Scene};
use crate::error::{Error, Result};
use domain::deployment::{DeploymentName, Found, Overview, Summary};
use domain::job::JobId;
use domain::permission::Permission;
use domain::text::Reason;
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Start,
    Stop,
    Restart,
}

pub struct AdoptDeployment {
    pub container: String,
    pub user: String,
    pub password: String,
    pub name: Option<DeploymentName>,
}

impl Change for AdoptDeployment {
    const NAME: &'static str = "adopt deployment";
    const NEEDS: Permission = Permission::DeploymentAdopt;
    type Outcome = DeploymentName;
    fn target(&self) -> String {
        self.container.clone()
    }
    async fn apply(self, _scene: &Scene<'_>) -> Result<DeploymentName> {
        Err(Error::conflict("not built yet"))
    }
}

pub struct RenewCredentials {
    pub deployment: DeploymentName,
    pub user: String,
    pub password: String,
}

impl Change for RenewCredentials {
    const NAME: &'static str = "renew credentials";
    const NEEDS: Permission = Permission::DeploymentAdopt;
    type Outcome = ();
    fn target(&self) -> String {
        self.deployment.to_string()
    }
    async fn apply(self, _scene: &Scene<'_>) -> Result<()> {
        Err(Error::conflict("not built yet"))
    }
}

pub struct ForgetDeployment {
    pub deployment: DeploymentName,
}

impl Change for ForgetDeployment {
    const NAME: &'static str = "forget deployment";
    const NEEDS: Permission = Permission::DeploymentAdopt;
    type Outcome = ();
    fn target(&self) -> String {
        self.deployment.to_string()
    }
    async fn apply(self, _scene: &Scene<'_>) -> Result<()> {
        Err(Error::conflict("not built yet"))
    }
}

pub struct OperateDeployment {
    pub deployment: DeploymentName,
    pub operation: Operation,
    pub reason: Reason,
}

impl Change for OperateDeployment {
    const NAME: &'static str = "operate deployment";
    const NEEDS: Permission = Permission::DeploymentOperate;
    type Outcome = JobId;
    fn target(&self) -> String {
        self.deployment.to_string()
    }
    async fn apply(self, _scene: &Scene<'_>) -> Result<JobId> {
        Err(Error::conflict("not built yet"))
    }
}

pub struct ListDeployments {}

impl Query for ListDeployments {
    const NEEDS: Permission = Permission::DeploymentView;
    type Answer = Vec<Summary>;
    async fn answer(self, _scene: &Scene<'_>) -> Result<Vec<Summary>> {
        Err(Error::conflict("not built yet"))
    }
}

pub struct Discover {}

impl Query for Discover {
    const NEEDS: Permission = Permission::DeploymentAdopt;
    type Answer = Vec<Found>;
    async fn answer(self, _scene: &Scene<'_>) -> Result<Vec<Found>> {
        Err(Error::conflict("not built yet"))
    }
}

pub struct GetOverview {
    pub deployment: DeploymentName,
}

impl Query for GetOverview {
    const NEEDS: Permission = Permission::DeploymentView;
    type Answer = Overview;
    async fn answer(self, _scene: &Scene<'_>) -> Result<Overview> {
        Err(Error::conflict("not built yet"))
    }
}

pub struct LookAgain {
    pub deployment: DeploymentName,
}

impl Query for LookAgain {
    const NEEDS: Permission = Permission::DeploymentView;
    type Answer = ();
    async fn answer(self, _scene: &Scene<'_>) -> Result<()> {
        Err(Error::conflict("not built yet"))
    }
}
