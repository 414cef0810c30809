use crate::console::{Change, Query, Scene};
use crate::error::{Error, Result};
use domain::permission::Permission;
pub mod runner;
use domain::deployment::DeploymentName;
use domain::job::{JobBrief, JobId, JobView};
use domain::page::Page;
#[derive(Debug, Clone, Default)]
pub struct Patience {}

pub struct CancelJob {
    pub job: JobId,
}

impl Change for CancelJob {
    const NAME: &'static str = "cancel job";
    const NEEDS: Permission = Permission::JobCancel;
    type Outcome = ();
    fn target(&self) -> String {
        self.job.to_string()
    }
    async fn apply(self, _scene: &Scene<'_>) -> Result<()> {
        Err(Error::conflict("not built yet"))
    }
}

pub struct RetryUndo {
    pub job: JobId,
}

impl Change for RetryUndo {
    const NAME: &'static str = "retry undo";
    const NEEDS: Permission = Permission::JobCancel;
    type Outcome = ();
    fn target(&self) -> String {
        self.job.to_string()
    }
    async fn apply(self, _scene: &Scene<'_>) -> Result<()> {
        Err(Error::conflict("not built yet"))
    }
}

pub struct ListJobs {
    pub deployment: Option<DeploymentName>,
    pub page: u32,
}

impl Query for ListJobs {
    const NEEDS: Permission = Permission::JobView;
    type Answer = Page<JobBrief>;
    async fn answer(self, _scene: &Scene<'_>) -> Result<Page<JobBrief>> {
        Err(Error::conflict("not built yet"))
    }
}

pub struct RunningJobs {}

impl Query for RunningJobs {
    const NEEDS: Permission = Permission::JobView;
    type Answer = Vec<JobBrief>;
    async fn answer(self, _scene: &Scene<'_>) -> Result<Vec<JobBrief>> {
        Err(Error::conflict("not built yet"))
    }
}

pub struct GetJob {
    pub job: JobId,
}

impl Query for GetJob {
    const NEEDS: Permission = Permission::JobView;
    type Answer = JobView;
    async fn answer(self, _scene: &Scene<'_>) -> Result<JobView> {
        Err(Error::conflict("not built yet"))
    }
}
