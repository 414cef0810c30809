//! Jobs: crash-safe runs of steps with undo. One kind of job a file; what they share is in [`server`] and [`helpers`];
//! the decisions are in `domain::plan`; [`runner`] asks, acts and records.

pub mod backup;
pub(crate) mod begun;
pub mod copies;
pub mod describe;
pub mod drill;
#[cfg(feature = "fault-points")]
pub mod fault_point;
pub mod helpers;
pub mod new_server;
pub mod offline;
pub mod operate;
pub mod prove_dump;
pub mod prune;
pub mod remove_set_aside;
pub mod restore;
pub mod restore_as_new;
pub mod restore_check;
pub mod runner;
pub mod server;
pub mod undo_restore;
pub mod verify_backup;
mod view;
pub mod work;

pub use view::{GetJob, ListJobs, RunningJobs};

use crate::console::{Change, Scene};
use crate::error::{Error, Result};
use crate::store::{MarkRow, NewJob, Store};
use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::deployment::DeploymentName;
use domain::job::{JobId, Kind, Outcome};
use domain::permission::Permission;
use domain::plan::{Mark, Step, past_last_change};
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use work::Work;

/// How long the console waits for Neo4j. Tests shorten it.
#[derive(Debug, Clone)]
pub struct Patience {
    /// From SIGTERM to SIGKILL, at least; a container's own longer stop timeout wins.
    pub stop: Duration,
    /// From start until Bolt answers; recovery or a store upgrade can take minutes.
    pub ready: Duration,
    /// Between two looks.
    pub poll: Duration,
    /// One run of `neo4j-admin`.
    pub helper: Duration,
    /// Heavy jobs that may run on the Docker host at the same time ([`Kind::is_heavy`]).
    pub heavy_at_once: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            stop: Duration::from_secs(180),
            ready: Duration::from_secs(600),
            poll: Duration::from_millis(250),
            helper: Duration::from_secs(6 * 3600),
            heavy_at_once: 1,
        }
    }
}

/// A kind of job. Every step may fail, be repeated, or be cut short by a crash after any mark:
/// `run` means "make it so" and looks before it acts; `undo` is safe when nothing was done.
#[async_trait]
pub trait Job: Send + Sync {
    fn plan(&self) -> &'static [Step];
    /// Returns one sentence on what came of it; may be empty.
    async fn run(&self, step: &str, work: &Arc<Work>) -> Result<String>;
    async fn undo(&self, step: &str, work: &Arc<Work>) -> Result<String>;
    /// What the job says for itself once it has succeeded.
    async fn outcome(&self, work: &Arc<Work>) -> Result<Outcome>;
}

/// The job of a kind, with its stored parameters.
pub(crate) fn job_of(kind: Kind, params: &str) -> Result<Box<dyn Job>> {
    Ok(match kind {
        Kind::Backup => Box::new(serde_json::from_str::<backup::Params>(params)?),
        Kind::Restore => Box::new(serde_json::from_str::<restore::Params>(params)?),
        Kind::RestoreAsNew => Box::new(serde_json::from_str::<restore_as_new::Params>(params)?),
        Kind::UndoRestore => Box::new(serde_json::from_str::<undo_restore::Params>(params)?),
        Kind::RemoveSetAside => Box::new(serde_json::from_str::<remove_set_aside::Params>(params)?),
        Kind::Verify => Box::new(serde_json::from_str::<verify_backup::Params>(params)?),
        Kind::Drill => Box::new(serde_json::from_str::<drill::Params>(params)?),
        Kind::ProveDump => Box::new(serde_json::from_str::<prove_dump::Params>(params)?),
        Kind::Start => Box::new(operate::Start),
        Kind::Stop => Box::new(operate::Stop),
        Kind::Restart => Box::new(operate::Restart),
        Kind::Prune => Box::new(serde_json::from_str::<prune::Params>(params)?),
    })
}

/// The plan of a kind, also of jobs long over. `work`: what its steps have kept so far.
pub(crate) fn plan_of(kind: Kind, work: &str) -> &'static [Step] {
    match kind {
        Kind::Backup => backup::plan(work),
        Kind::Restore => &restore::PLAN,
        Kind::RestoreAsNew => &restore_as_new::PLAN,
        Kind::UndoRestore => &undo_restore::PLAN,
        Kind::RemoveSetAside => &remove_set_aside::PLAN,
        Kind::Verify => &verify_backup::PLAN,
        Kind::Drill => &drill::PLAN,
        Kind::ProveDump => &prove_dump::PLAN,
        Kind::Start => &operate::START,
        Kind::Stop => &operate::STOP,
        Kind::Restart => &operate::RESTART,
        Kind::Prune => &prune::PLAN,
    }
}

/// Of a job, in their order.
pub(crate) async fn marks_of(store: &Store, job: JobId) -> Result<Vec<(String, Mark)>> {
    Ok(store.marks(job).await?.into_iter().map(|m| (m.step, m.mark)).collect())
}

/// Whether a wish to cancel still counts.
pub(crate) fn may_be_cancelled(kind: Kind, work: &str, marks: &[(String, Mark)]) -> bool {
    !(kind.change_is_final() && past_last_change(plan_of(kind, work), marks))
}

/// Queues a job for an adopted deployment and wakes the runner. Fails with `Busy` when one is live there.
pub(crate) async fn queue(scene: &Scene<'_>, kind: Kind, deployment: &DeploymentName, params: &impl Serialize, reason: &str) -> Result<JobId> {
    scene.store().deployment(deployment).await?;
    let params = serde_json::to_string(params)?;
    let new = NewJob { kind, deployment, params, by: &scene.actor.name, reason, at: scene.now() };
    let job = scene.store().insert_job(&new).await?;
    scene.wake_runner();
    Ok(job)
}

/// Asks a job to stop at the next boundary between steps; what it did is undone.
pub struct CancelJob {
    pub job: JobId,
}

impl Change for CancelJob {
    const NAME: &'static str = "cancel job";
    const NEEDS: Permission = Permission::JobCancel;
    type Outcome = ();
    fn target(&self) -> String {
        self.job.to_string()
    }
    async fn apply(self, scene: &Scene<'_>) -> Result<()> {
        let row = scene.store().job(self.job).await?;
        let marks = marks_of(scene.store(), self.job).await?;
        if !may_be_cancelled(row.brief.kind, &row.work, &marks) {
            return Err(Error::conflict(format!("Job {} has made all its changes. Let it end, then undo it.", self.job)));
        }
        if !scene.store().request_cancel(self.job).await? {
            return Err(Error::conflict(format!("Job {} has already ended.", self.job)));
        }
        scene.wake_runner();
        Ok(())
    }
}

/// Tries the undo a stuck job failed at once more.
pub struct RetryUndo {
    pub job: JobId,
}

impl Change for RetryUndo {
    const NAME: &'static str = "retry undo";
    const NEEDS: Permission = Permission::JobCancel;
    type Outcome = ();
    fn target(&self) -> String {
        self.job.to_string()
    }
    async fn apply(self, scene: &Scene<'_>) -> Result<()> {
        let Some(failed) = failed_undo(scene.store(), self.job).await? else {
            return Err(Error::conflict(format!("Job {} is not stuck.", self.job)));
        };
        undo_again(scene.store(), self.job, &failed, "tried again", scene.now()).await?;
        scene.wake_runner();
        Ok(())
    }
}

/// The mark of the undo that a stuck job failed at.
async fn failed_undo(store: &Store, job: JobId) -> Result<Option<MarkRow>> {
    Ok(store.marks(job).await?.pop().filter(|last| last.mark == Mark::UndoFailed))
}

/// From here on the job runs; the runner must be woken.
async fn undo_again(store: &Store, job: JobId, failed: &MarkRow, why: &str, now: DateTime<Utc>) -> Result<()> {
    store.insert_mark(job, &failed.step, Mark::UndoStarted, why, now).await?;
    store.set_job_started(job, now).await
}

#[cfg(test)]
mod as_new_tests;
#[cfg(test)]
mod bad_days;
#[cfg(test)]
mod bad_state_tests;
#[cfg(test)]
mod busy_tests;
#[cfg(test)]
mod copies_tests;
#[cfg(test)]
mod encryption_tests;
#[cfg(test)]
mod offline_tests;
#[cfg(test)]
mod prove_dump_tests;
#[cfg(test)]
mod set_up_tests;
#[cfg(test)]
pub(crate) mod stage;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod undo_tests;
