use crate::console::{Change, Query, Scene};
use crate::error::{Error, Result};
use domain::backup::{BackupId, Detail, Summary};
use domain::deployment::DeploymentName;
use domain::job::JobId;
use domain::page::Page;
use domain::permission::Permission;
use domain::text::Reason;

pub struct StartBackup {
    pub deployment: DeploymentName,
    pub reason: Reason,
}

impl Change for StartBackup {
    const NAME: &'static str = "start backup";
    const NEEDS: Permission = Permission::BackupRun;
    type Outcome = JobId;
    fn target(&self) -> String {
        self.deployment.to_string()
    }
    async fn apply(self, _scene: &Scene<'_>) -> Result<JobId> {
        Err(Error::conflict("not built yet"))
    }
}

pub struct DeleteBackup {
    pub backup: BackupId,
    pub confirm: String,
}

impl Change for DeleteBackup {
    const NAME: &'static str = "delete backup";
    const NEEDS: Permission = Permission::BackupDelete;
    type Outcome = ();
    fn target(&self) -> String {
        self.backup.to_string()
    }
    async fn apply(self, _scene: &Scene<'_>) -> Result<()> {
        Err(Error::conflict("not built yet"))
    }
}

pub struct ListBackups {
    pub deployment: Option<DeploymentName>,
    pub page: u32,
}

impl Query for ListBackups {
    const NEEDS: Permission = Permission::BackupView;
    type Answer = Page<Summary>;
    async fn answer(self, _scene: &Scene<'_>) -> Result<Page<Summary>> {
        Err(Error::conflict("not built yet"))
    }
}

pub struct GetBackup {
    pub backup: BackupId,
}

impl Query for GetBackup {
    const NEEDS: Permission = Permission::BackupView;
    type Answer = Detail;
    async fn answer(self, _scene: &Scene<'_>) -> Result<Detail> {
        Err(Error::conflict("not built yet"))
    }
}
