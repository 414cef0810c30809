use crate::console::{Change, Query, Scene};
use crate::error::{Error, Result};
use domain::backup::BackupId;
use domain::deployment::DeploymentName;
use domain::gate::RestoreCheck;
use domain::job::{JobBrief, JobId};
use domain::permission::Permission;
use domain::text::Reason;

pub struct StartRestore {
    pub deployment: DeploymentName,
    pub backup: BackupId,
    pub confirm: String,
    pub reason: Reason,
    pub include_users: bool,
}

impl Change for StartRestore {
    const NAME: &'static str = "start restore";
    const NEEDS: Permission = Permission::RestoreRequest;
    type Outcome = JobId;
    fn target(&self) -> String {
        self.deployment.to_string()
    }
    async fn apply(self, _scene: &Scene<'_>) -> Result<JobId> {
        Err(Error::conflict("not built yet"))
    }
}

pub struct UndoRestore {
    pub deployment: DeploymentName,
    pub restore: JobId,
    pub confirm: String,
    pub reason: Reason,
}

impl Change for UndoRestore {
    const NAME: &'static str = "undo restore";
    const NEEDS: Permission = Permission::RestoreUndo;
    type Outcome = JobId;
    fn target(&self) -> String {
        self.deployment.to_string()
    }
    async fn apply(self, _scene: &Scene<'_>) -> Result<JobId> {
        Err(Error::conflict("not built yet"))
    }
}

pub struct RemoveSetAside {
    pub deployment: DeploymentName,
    pub restore: JobId,
    pub confirm: String,
}

impl Change for RemoveSetAside {
    const NAME: &'static str = "remove set-aside data";
    const NEEDS: Permission = Permission::RestoreUndo;
    type Outcome = JobId;
    fn target(&self) -> String {
        self.deployment.to_string()
    }
    async fn apply(self, _scene: &Scene<'_>) -> Result<JobId> {
        Err(Error::conflict("not built yet"))
    }
}

pub struct CheckRestore {
    pub deployment: DeploymentName,
    pub backup: BackupId,
}

impl Query for CheckRestore {
    const NEEDS: Permission = Permission::BackupView;
    type Answer = RestoreCheck;
    async fn answer(self, _scene: &Scene<'_>) -> Result<RestoreCheck> {
        Err(Error::conflict("not built yet"))
    }
}

pub struct ListUndoable {
    pub deployment: DeploymentName,
}

impl Query for ListUndoable {
    const NEEDS: Permission = Permission::JobView;
    type Answer = Vec<JobBrief>;
    async fn answer(self, _scene: &Scene<'_>) -> Result<Vec<JobBrief>> {
        Err(Error::conflict("not built yet"))
    }
}
