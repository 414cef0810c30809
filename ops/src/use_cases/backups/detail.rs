//! One backup.

use crate::console::context::{Context, Query};
use crate::error::Result;
use domain::backup::BackupId;
use domain::backup::views::Detail;
use domain::permission::Permission;
use domain::scope::Subject;
use domain::target::BackupCopy;

/// One backup with its copies.
pub struct GetBackup {
    pub backup: BackupId,
}

impl Query for GetBackup {
    const NEEDS: &'static [Permission] = &[Permission::BackupView];
    type Answer = Detail;
    fn subject(&self) -> Subject {
        Subject::Backup(self.backup.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Detail> {
        detail(cx, &self.backup).await
    }
}

/// The backup with its copies and where it lies, for whoever may see it.
pub(crate) async fn detail(cx: &Context<'_>, id: &BackupId) -> Result<Detail> {
    let row = cx.store().backup(id).await?;
    let deployment_known = cx.store().deployment(&row.manifest.deployment).await.is_ok();
    let copies = cx.store().copies(id).await?;
    Ok(Detail {
        location: location(cx, id, &copies).await,
        copies,
        state: row.state,
        origin: row.origin,
        proof: row.proof,
        problem: row.problem,
        verified_at: row.verified_at,
        deployment_known,
        schedule: row.schedule,
        pinned: row.pinned,
        manifest: row.manifest,
    })
}

/// Where it is whole, as words; a target whose settings are gone is named only.
async fn location(cx: &Context<'_>, id: &BackupId, copies: &[BackupCopy]) -> String {
    let mut places = Vec::new();
    for copy in copies.iter().filter(|c| c.state.may_be_whole()) {
        places.push(match cx.open_target(&copy.target).await {
            Ok(target) => format!("{}, {id}", target.location()),
            Err(_) => format!("the target {}", copy.target),
        });
    }
    if places.is_empty() { "nowhere any more".into() } else { places.join("; ") }
}
