//! Trying the undo of a stuck job again.

use crate::error::Result;
use crate::store::{MarkRow, Store};
use chrono::{DateTime, Utc};
use domain::job::JobId;
use domain::plan::Mark;

/// The mark of the undo that a stuck job failed at.
pub(crate) async fn failed_undo(store: &Store, job: JobId) -> Result<Option<MarkRow>> {
    Ok(store.marks(job).await?.pop().filter(|last| last.mark == Mark::UndoFailed))
}

/// From here on the job runs; the runner must be woken.
pub(crate) async fn undo_again(
    store: &Store,
    job: JobId,
    failed: &MarkRow,
    why: &str,
    now: DateTime<Utc>,
) -> Result<()> {
    store.insert_mark(job, &failed.step, Mark::UndoStarted, why, now).await?;
    store.set_job_started(job, now).await
}
