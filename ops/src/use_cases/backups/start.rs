//! Starts a backup.

use crate::console::context::{Change, Context};
use crate::error::Result;
use crate::jobs::backup as job;
use crate::jobs::queue::queue;
use domain::deployment::DeploymentName;
use domain::job::JobId;
use domain::permission::Permission;
use domain::scope::Subject;
use domain::target::TargetName;
use domain::text::Reason;
use domain::{Invalid, backup};
use serde::{Deserialize, Serialize};

/// Queues a backup.
#[derive(Serialize, Deserialize)]
pub struct StartBackup {
    pub deployment: DeploymentName,
    pub reason: Reason,
    /// Where to; the console's own directory when there is none.
    pub targets: Vec<TargetName>,
    pub kind: backup::Kind,
}

impl Change for StartBackup {
    const NAME: &'static str = "start backup";
    const NEEDS: &'static [Permission] = &[Permission::BackupRun];
    type Outcome = JobId;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        self.deployment.to_string()
    }
    fn reason(&self) -> String {
        self.reason.as_str().into()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<JobId> {
        cx.with_container(&self.deployment).await?;
        let mut targets = self.targets;
        targets.sort();
        targets.dedup();
        for name in targets.iter().filter(|name| !name.is_local()) {
            cx.store()
                .target(name)
                .await
                .map_err(|_| Invalid::new("targets", format!("There is no target {name}. Add it first.")))?;
        }
        queue(cx, &self.deployment, &job::Params { schedule: None, targets, kind: self.kind }, self.reason.as_str())
            .await
    }
}
