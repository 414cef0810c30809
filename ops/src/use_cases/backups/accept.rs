//! Accepts a backup that is from outside.

use crate::console::context::{Change, Context};
use crate::error::{Error, Result};
use domain::backup::{BackupId, Origin};
use domain::permission::Permission;
use domain::scope::Subject;
use serde::{Deserialize, Serialize};

/// From outside: it may be restored from now on, and drilled when somebody asks for it.
#[derive(Serialize, Deserialize)]
pub struct AcceptBackup {
    pub backup: BackupId,
}

impl Change for AcceptBackup {
    const NAME: &'static str = "accept backup";
    const NEEDS: &'static [Permission] = &[Permission::BackupAccept];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Backup(self.backup.clone())
    }
    fn target(&self) -> String {
        self.backup.to_string()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        match cx.store().backup(&self.backup).await?.origin {
            Origin::Own => Err(Error::conflict("There is nothing to accept: this console made the backup.")),
            Origin::Outside | Origin::Accepted => cx.store().accept_backup(&self.backup).await,
        }
    }
}
