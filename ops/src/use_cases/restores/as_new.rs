//! Restores as a new deployment.

use super::read_access::holds;
use super::read_access::pass;
use super::read_access::read_access;
use super::read_access::with_users;
use crate::console::context::{Change, Context};
use crate::engine::credentials::password;
use crate::error::Result;
use crate::jobs::queue::queue;
use crate::jobs::{name_in_use, restore_as_new, restore_check};
use domain::Invalid;
use domain::backup::BackupId;
use domain::deployment::DeploymentName;
use domain::encryption::Identity;
use domain::gate::NewServer;
use domain::job::JobId;
use domain::permission::Permission;
use domain::scope::Subject;
use domain::text::Reason;
use serde::{Deserialize, Serialize};

/// Into a server of its own beside the one the backup is from, which runs on untouched.
#[derive(Serialize, Deserialize)]
pub struct RestoreAsNew {
    pub deployment: DeploymentName,
    pub backup: BackupId,
    /// Of the new deployment, its container and its volume.
    pub name: DeploymentName,
    pub reason: Reason,
    pub include_users: bool,
    /// To read a copy that is encrypted.
    /// It is not stored with the change.
    #[serde(skip)]
    pub identity: Option<Identity>,
}

impl Change for RestoreAsNew {
    const NAME: &'static str = "restore as new deployment";
    /// A new deployment with the data of another is both.
    const NEEDS: &'static [Permission] = &[Permission::DeploymentAdopt, Permission::RestoreRequest];
    type Outcome = JobId;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        format!("{} from {} as {}{}", self.deployment, self.backup, self.name, with_users(self.include_users))
    }
    fn reason(&self) -> String {
        self.reason.as_str().into()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<JobId> {
        let (row, container) = cx.with_container(&self.deployment).await?;
        let backup = cx.store().backup(&self.backup).await?;
        holds(&backup, self.include_users)?;
        if let Some(what) = name_in_use::with_volume(cx.state(), &row.host, &self.name).await? {
            return Err(Invalid::new("name", format!("{what} Choose another name.")).into());
        }
        let seen = cx.observer().refresh_and_measure(&row, cx.seal()).await;
        let new = NewServer {
            name: Some(&self.name),
            include_users: Some(self.include_users),
            memory: seen.server.memory,
            ..NewServer::default()
        };
        let (identity_need, sealed_identity) = read_access(cx, &self.backup, self.identity.as_ref()).await?;
        pass(&restore_check::gates_seen_as_new(&backup, &row.name, &seen, identity_need, &new))?;
        if !self.include_users && container.env_value("NEO4J_AUTH") != Some("none") {
            restore_as_new::first_password(&password(&row, cx.seal())?)?;
        }
        let params = restore_as_new::Params {
            backup: self.backup,
            include_users: self.include_users,
            name: self.name,
            sealed_identity,
        };
        queue(cx, &self.deployment, &params, self.reason.as_str()).await
    }
}
