//! Backups: starting one, listing, looking into one, deleting.

use crate::console::context::{Change, Context, Query};
use crate::error::{Error, Result};
use crate::jobs::queue::queue;
use crate::jobs::{backup as job, copies, prove_dump, verify_backup};
use crate::use_cases::confirm::typed;
use domain::backup::views::{Detail, Summary};
use domain::backup::{BackupEstimate, BackupId, Manifest, Origin, Search};
use domain::deployment::DeploymentName;
use domain::encryption::Encrypted;
use domain::job::JobId;
use domain::page::Page;
use domain::permission::Permission;
use domain::problem::ProblemKind;
use domain::scope::Subject;
use domain::target::{BackupCopy, CopyState, TargetName};
use domain::text::Reason;
use domain::{Invalid, Problem, backup};
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

/// A page of the backups, newest first.
pub struct ListBackups {
    /// Of all deployments when absent.
    pub deployment: Option<DeploymentName>,
    pub search: Search,
    pub page: u32,
}

impl Query for ListBackups {
    const NEEDS: &'static [Permission] = &[Permission::BackupView];
    type Answer = Page<Summary>;
    fn subject(&self) -> Subject {
        Subject::of(self.deployment.as_ref())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Page<Summary>> {
        if let Some(name) = &self.deployment {
            cx.store().deployment(name).await?;
        }
        cx.store().backup_page(self.deployment.as_ref(), &self.search, self.page).await
    }
}

/// Wherever it stands in the list.
pub struct GetLastVerified {
    pub deployment: DeploymentName,
}

impl Query for GetLastVerified {
    const NEEDS: &'static [Permission] = &[Permission::BackupView];
    type Answer = Option<Summary>;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Option<Summary>> {
        cx.store().last_verified_summary(&self.deployment).await
    }
}

/// What the last verified backup of a deployment tells of the next one: which way it went, why, and the outage to
/// expect.
pub struct EstimateBackup {
    pub deployment: DeploymentName,
}

impl Query for EstimateBackup {
    const NEEDS: &'static [Permission] = &[Permission::BackupView];
    type Answer = Option<BackupEstimate>;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Option<BackupEstimate>> {
        cx.store().deployment(&self.deployment).await?;
        let Some(last) = cx.store().last_verified(&self.deployment).await? else { return Ok(None) };
        let manifest = cx.store().backup(&last.id).await?.manifest;
        Ok(Some(BackupEstimate {
            backup: last.id,
            made_at: manifest.made_at,
            kind: manifest.kind,
            how: manifest.how,
            offline_ms: manifest.offline_ms,
        }))
    }
}

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
