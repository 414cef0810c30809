//! Keeps a backup whatever the rules of retention say.

use crate::console::context::{Change, Context};
use crate::error::Result;
use domain::backup::BackupId;
use domain::permission::Permission;
use domain::scope::Subject;
use serde::{Deserialize, Serialize};

/// A pinned backup stays, whatever the rules of retention say, until it is unpinned.
#[derive(Serialize, Deserialize)]
pub struct PinBackup {
    pub backup: BackupId,
    pub pinned: bool,
}

impl Change for PinBackup {
    const NAME: &'static str = "pin backup";
    const NEEDS: &'static [Permission] = &[Permission::BackupPin];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Backup(self.backup.clone())
    }
    fn target(&self) -> String {
        self.backup.to_string()
    }
    fn reason(&self) -> String {
        if self.pinned { "pinned".into() } else { "unpinned".into() }
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        cx.store().backup(&self.backup).await?;
        cx.store().set_pinned(&self.backup, self.pinned).await
    }
}
