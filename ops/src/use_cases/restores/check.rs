//! What a restore will do, and whether it may.

use crate::console::context::{Context, Query};
use crate::error::Result;
use crate::jobs::restore_check;
use crate::use_cases::backups::detail;
use domain::backup::BackupId;
use domain::deployment::DeploymentName;
use domain::gate::{IdentityNeed, NewServer, RestoreCheck};
use domain::job::Kind;
use domain::permission::Permission;
use domain::scope::Subject;

/// The wizard's checks, from a look at the deployment now; the job checks again.
pub struct CheckRestore {
    pub deployment: DeploymentName,
    pub backup: BackupId,
    /// As a new deployment, of a name that is not known yet.
    pub as_new: bool,
}

impl Query for CheckRestore {
    const NEEDS: &'static [Permission] = &[Permission::BackupView];
    type Answer = RestoreCheck;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<RestoreCheck> {
        let row = cx.store().deployment(&self.deployment).await?;
        let backup = cx.store().backup(&self.backup).await?;
        let seen = cx.observer().refresh_and_measure(&row, cx.seal()).await;
        let identity_need = restore_check::identity_need(cx.store(), &self.backup).await?;
        let seen_need = if identity_need == IdentityNeed::Missing { IdentityNeed::AskedLater } else { identity_need };
        Ok(RestoreCheck {
            gates: match self.as_new {
                true => {
                    let new = NewServer { memory: seen.server.memory, ..NewServer::default() };
                    restore_check::gates_seen_as_new(&backup, &row.name, &seen, seen_need, &new)
                }
                false => restore_check::gates_seen(&backup, &row.name, &seen, seen_need),
            },
            identity_need,
            backup: detail(cx, &self.backup).await?,
            offline_ms: cx.store().last_offline_ms(&row.name, Kind::Restore).await?,
            nodes_now: seen.server.nodes,
            relationships_now: seen.server.relationships,
            default_database: seen.server.databases.iter().find(|d| d.default).map(|d| d.name.clone()),
        })
    }
}
