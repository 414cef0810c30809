//! Restores in place.

use super::read_access::holds;
use super::read_access::pass;
use super::read_access::read_access;
use super::read_access::with_users;
use crate::console::context::{Change, Context};
use crate::error::Result;
use crate::jobs::queue::queue;
use crate::jobs::{restore, restore_check};
use crate::use_cases::confirm::typed;
use domain::backup::BackupId;
use domain::deployment::DeploymentName;
use domain::encryption::Identity;
use domain::job::JobId;
use domain::permission::Permission;
use domain::scope::Subject;
use domain::text::Reason;
use serde::{Deserialize, Serialize};

/// Queues a restore in place.
#[derive(Serialize, Deserialize)]
pub struct StartRestore {
    pub deployment: DeploymentName,
    pub backup: BackupId,
    /// The deployment's name, typed.
    pub confirm: String,
    pub reason: Reason,
    pub include_users: bool,
    /// To copies that are encrypted; kept for this job only.
    /// It is not stored with the change.
    #[serde(skip)]
    pub identity: Option<Identity>,
}

impl Change for StartRestore {
    const NAME: &'static str = "start restore";
    const NEEDS: &'static [Permission] = &[Permission::RestoreRequest];
    type Outcome = JobId;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        format!("{} from {}{}", self.deployment, self.backup, with_users(self.include_users))
    }
    fn reason(&self) -> String {
        self.reason.as_str().into()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<JobId> {
        typed(&self.deployment, &self.confirm)?;
        let (row, _) = cx.with_container(&self.deployment).await?;
        let backup = cx.store().backup(&self.backup).await?;
        holds(&backup, self.include_users)?;
        let seen = cx.observer().refresh_and_measure(&row, cx.seal()).await;
        let (identity_need, sealed_identity) = read_access(cx, &self.backup, self.identity.as_ref()).await?;
        pass(&restore_check::gates_seen(&backup, &row.name, &seen, identity_need))?;
        let params = restore::Params {
            backup: self.backup,
            include_users: self.include_users,
            prefer_remote: false,
            sealed_identity,
            volume: None,
            trial: None,
        };
        queue(cx, &self.deployment, &params, self.reason.as_str()).await
    }
}
