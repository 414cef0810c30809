//! Reads a backup back.

use crate::console::context::{Change, Context};
use crate::error::{Error, Result};
use crate::jobs::queue::queue;
use crate::jobs::{prove_dump, verify_backup};
use domain::backup::{BackupId, Manifest, Origin};
use domain::encryption::Encrypted;
use domain::job::JobId;
use domain::permission::Permission;
use domain::scope::Subject;
use domain::target::{BackupCopy, CopyState, TargetName};
use serde::{Deserialize, Serialize};

/// Reads a backup back from every target it should be on, and writes down what is whole, changed or missing. A bare
/// dump that nobody counted yet is proven instead.
#[derive(Serialize, Deserialize)]
pub struct VerifyBackup {
    pub backup: BackupId,
}

impl Change for VerifyBackup {
    const NAME: &'static str = "verify backup";
    const NEEDS: &'static [Permission] = &[Permission::BackupRun];
    type Outcome = JobId;
    fn subject(&self) -> Subject {
        Subject::Backup(self.backup.clone())
    }
    fn target(&self) -> String {
        self.backup.to_string()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<JobId> {
        let row = cx.store().backup(&self.backup).await?;
        let deployment = &row.manifest.deployment;
        if row.is_unproven_dump() {
            return queue(cx, deployment, &prove_dump::Params { backup: self.backup }, "").await;
        }
        queue(cx, deployment, &verify_backup::Params { backup: self.backup }, "").await
    }
}

/// Writes down a bundle that lies whole on a target as far as sizes tell, and of which no sha256 was compared there.
pub(crate) async fn note_unread(
    cx: &Context<'_>,
    target: &TargetName,
    manifest: &Manifest,
    (manifest_sha256, origin): (&str, Origin),
    encrypted: Option<Encrypted>,
) -> Result<()> {
    cx.store().insert_unread_backup(manifest, manifest_sha256, origin, cx.now()).await?;
    let bytes = encrypted.as_ref().map_or_else(|| manifest.bytes(), Encrypted::bytes);
    let copy = BackupCopy {
        target: target.clone(),
        state: CopyState::Unread,
        bytes,
        problem: None,
        encrypted,
        checked_at: cx.now(),
    };
    cx.store().set_copy(&manifest.id, &copy).await
}

/// Queues the reading of a backup; none when its deployment is not adopted, or busy: then the weekly reading finds it.
pub(crate) async fn read_back(cx: &Context<'_>, backup: BackupId) -> Result<Option<JobId>> {
    match (VerifyBackup { backup }).apply(cx).await {
        Ok(job) => Ok(Some(job)),
        Err(Error::NotFound { .. } | Error::Busy { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
