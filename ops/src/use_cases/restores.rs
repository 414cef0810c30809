//! Restores: the checks, starting one, undoing it, removing what it set aside.

use crate::console::context::{Change, Context, Query};
use crate::engine::credentials::password;
use crate::engine::encryption::Keys;
use crate::error::{Error, Result};
use crate::jobs::queue::queue;
use crate::jobs::{remove_set_aside, restore, restore_as_new, restore_check, undo_restore};
use crate::store::BackupRow;
use crate::use_cases::backups::detail;
use crate::use_cases::confirm::typed;
use domain::backup::BackupId;
use domain::deployment::DeploymentName;
use domain::encryption::{Identity, Recipient};
use domain::gate::{Gate, Lock, NewServer, RestoreCheck, all_pass};
use domain::job::{JobBrief, JobId, Kind};
use domain::permission::Permission;
use domain::problem::ProblemKind;
use domain::scope::Subject;
use domain::text::{Reason, Tone};
use domain::{Invalid, Problem};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

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
        let seen = cx.observer().look_and_measure(&row, cx.seal()).await;
        let (lock, sealed_identity) = unlock(cx, &self.backup, self.identity.as_ref()).await?;
        pass(&restore_check::gates_seen(&backup, &row.name, &seen, lock))?;
        let params = restore::Params {
            backup: self.backup,
            include_users: self.include_users,
            prefer_remote: false,
            sealed_identity,
            volume: None,
        };
        queue(cx, &self.deployment, &params, self.reason.as_str()).await
    }
}

/// Whether the backup can be read, and the identity sealed for the job where a copy needs one. A wrong one is refused
/// at once.
async fn unlock(cx: &Context<'_>, backup: &BackupId, identity: Option<&Identity>) -> Result<(Lock, Option<String>)> {
    let lock = restore_check::lock(cx.store(), backup).await?;
    let Some(identity) = identity else {
        if lock == Lock::Locked {
            return Err(Invalid::new(
                "age_identity",
                "All copies of this backup are encrypted. Give the identity (AGE-SECRET-KEY-1…) of one of its keys.",
            )
            .into());
        }
        return Ok((lock, None));
    };
    let keys = Keys::of(identity)?;
    if lock == Lock::Open {
        return Ok((lock, None));
    }
    let copies = cx.store().copies(backup).await?;
    let recipients: Vec<Recipient> =
        copies.into_iter().filter_map(|copy| copy.encrypted).flat_map(|encrypted| encrypted.recipients).collect();
    if !keys.open_some(&recipients) {
        let of = |all: Vec<String>| all.join(", ");
        let to: BTreeSet<String> = recipients.iter().map(ToString::to_string).collect();
        let why = format!(
            "This identity is of {}. The backup is encrypted to {}.",
            of(keys.recipients()),
            of(to.into_iter().collect())
        );
        return Err(Invalid::new("age_identity", why).into());
    }
    let sealed = cx.seal().seal(&restore::identity_about(backup), identity.expose())?;
    Ok((if lock == Lock::Locked { Lock::Opened } else { lock }, Some(sealed)))
}

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
        if let Some(what) = restore_as_new::taken(cx.state(), &row.host, &self.name).await? {
            return Err(Invalid::new("name", format!("{what} Choose another name.")).into());
        }
        let seen = cx.observer().look_and_measure(&row, cx.seal()).await;
        let new = NewServer {
            name: Some(&self.name),
            include_users: Some(self.include_users),
            memory: seen.server.memory,
            ..NewServer::default()
        };
        let (lock, sealed_identity) = unlock(cx, &self.backup, self.identity.as_ref()).await?;
        pass(&restore_check::gates_seen_as_new(&backup, &row.name, &seen, lock, &new))?;
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

/// A bare dump is nothing to restore before somebody counted it, and has no users.
fn holds(backup: &BackupRow, include_users: bool) -> Result<()> {
    if backup.is_unproven_dump() {
        return Err(Error::conflict("This dump has not been verified yet. Verify it on its page first."));
    }
    if include_users && !backup.manifest.has_users() {
        return Err(Invalid::new(
            "include_users",
            "It was uploaded as a bare dump, which has no Neo4j users. Restore the data only.",
        )
        .into());
    }
    Ok(())
}

fn with_users(include: bool) -> &'static str {
    if include { " with Neo4j users" } else { "" }
}

fn pass(gates: &[Gate]) -> Result<()> {
    if all_pass(gates) {
        return Ok(());
    }
    let red = gates.iter().filter(|g| g.tone == Tone::Bad).map(|g| format!("{}: {}", g.name, g.says));
    let mut problem =
        Problem::new(ProblemKind::Conflict, "This backup cannot be restored here.").means("Nothing was changed.");
    problem.next_steps = red.collect();
    Err(problem.into())
}

/// Brings back the data from before the newest restore.
#[derive(Serialize, Deserialize)]
pub struct UndoRestore {
    pub deployment: DeploymentName,
    pub restore: JobId,
    pub confirm: String,
    pub reason: Reason,
}

impl Change for UndoRestore {
    const NAME: &'static str = "undo restore";
    const NEEDS: &'static [Permission] = &[Permission::RestoreUndo];
    type Outcome = JobId;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        format!("{} restore {}", self.deployment, self.restore)
    }
    fn reason(&self) -> String {
        self.reason.as_str().into()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<JobId> {
        typed(&self.deployment, &self.confirm)?;
        let row = cx.store().set_aside(self.restore, &self.deployment).await?;
        if cx.store().set_aside_jobs(&self.deployment).await?.first() != Some(&self.restore) {
            return Err(Error::conflict("There was a later restore. Undo that one first."));
        }
        let params = undo_restore::Params { restore: self.restore, databases: row.databases, directory: row.directory };
        queue(cx, &self.deployment, &params, self.reason.as_str()).await
    }
}

/// Frees the space of the previous data; the restore cannot be undone after that.
#[derive(Serialize, Deserialize)]
pub struct RemoveSetAside {
    pub deployment: DeploymentName,
    pub restore: JobId,
    pub confirm: String,
}

impl Change for RemoveSetAside {
    const NAME: &'static str = "remove set-aside data";
    const NEEDS: &'static [Permission] = &[Permission::RestoreUndo];
    type Outcome = JobId;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        format!("{} restore {}", self.deployment, self.restore)
    }
    async fn apply(self, cx: &Context<'_>) -> Result<JobId> {
        typed(&self.deployment, &self.confirm)?;
        let row = cx.store().set_aside(self.restore, &self.deployment).await?;
        let params = remove_set_aside::Params { restore: self.restore, directory: row.directory };
        queue(cx, &self.deployment, &params, "").await
    }
}

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
        let seen = cx.observer().look_and_measure(&row, cx.seal()).await;
        let lock = restore_check::lock(cx.store(), &self.backup).await?;
        let seen_lock = if lock == Lock::Locked { Lock::Asked } else { lock };
        Ok(RestoreCheck {
            gates: match self.as_new {
                true => {
                    let new = NewServer { memory: seen.server.memory, ..NewServer::default() };
                    restore_check::gates_seen_as_new(&backup, &row.name, &seen, seen_lock, &new)
                }
                false => restore_check::gates_seen(&backup, &row.name, &seen, seen_lock),
            },
            lock,
            backup: detail(cx, &self.backup).await?,
            offline_ms: cx.store().last_offline_ms(&row.name, Kind::Restore).await?,
            nodes_now: seen.server.nodes,
            relationships_now: seen.server.relationships,
            default_database: seen.server.databases.iter().find(|d| d.default).map(|d| d.name.clone()),
        })
    }
}

/// Restores whose previous data is still set aside, newest first.
pub struct ListUndoable {
    pub deployment: DeploymentName,
}

impl Query for ListUndoable {
    const NEEDS: &'static [Permission] = &[Permission::JobView];
    type Answer = Vec<JobBrief>;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Vec<JobBrief>> {
        let mut all = Vec::new();
        for id in cx.store().set_aside_jobs(&self.deployment).await? {
            all.push(cx.store().job(id).await?.brief);
        }
        Ok(all)
    }
}
