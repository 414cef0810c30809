//! Removes a backup.

use crate::console::context::{Change, Context};
use crate::error::{Error, Result};
use crate::jobs::copies;
use crate::use_cases::confirm::typed;
use domain::Problem;
use domain::backup::BackupId;
use domain::permission::Permission;
use domain::problem::ProblemKind;
use domain::scope::Subject;
use serde::{Deserialize, Serialize};

/// Removes the bundle from its target, then the row.
#[derive(Serialize, Deserialize)]
pub struct DeleteBackup {
    pub backup: BackupId,
    /// The deployment's name, typed.
    pub confirm: String,
}

impl Change for DeleteBackup {
    const NAME: &'static str = "delete backup";
    const NEEDS: &'static [Permission] = &[Permission::BackupDelete];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Backup(self.backup.clone())
    }
    fn target(&self) -> String {
        self.backup.to_string()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        let row = cx.store().backup(&self.backup).await?;
        let manifest = row.manifest;
        typed(&manifest.deployment, &self.confirm)?;
        if row.pinned {
            return Err(Error::conflict(format!("{} is pinned. Unpin it first, then delete it.", self.backup)));
        }
        // A restore may be reading it.
        if let Some(job) = cx.store().live_job(&manifest.deployment).await? {
            return Err(Error::Busy { job: job.id });
        }
        // Each target first, the row last: what cannot be deleted now stays visible.
        let mut left = Vec::new();
        for copy in cx.store().copies(&self.backup).await? {
            if let Err(error) = copies::remove_copy(cx.state(), &self.backup, &copy.target).await {
                left.push(format!("{}: {error}", copy.target));
            }
        }
        if !left.is_empty() {
            return Err(Problem::new(ProblemKind::Unavailable, "The backup could not be deleted everywhere.")
                .means(format!("{} What could be reached is deleted; the list shows the rest.", left.join(" ")))
                .next_step("Test the target, then delete the backup again.")
                .next_step("If the target will not come back, remove it and forget its copies.")
                .into());
        }
        cx.store().delete_backup(&self.backup).await
    }
}
