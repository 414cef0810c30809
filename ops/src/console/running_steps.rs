//! Steps that this process has started and not finished.

use domain::job::JobId;
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Steps, and their undoing, whose first mark this process has written and whose last one not yet. A database that
/// cannot write for a while makes a step run again in the same process; that is no death of the console, of which
/// `plan::next` counts the marks.
#[derive(Default)]
pub(crate) struct RunningSteps(Mutex<HashSet<(JobId, &'static str, bool)>>);

impl RunningSteps {
    fn all(&self) -> MutexGuard<'_, HashSet<(JobId, &'static str, bool)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether this process has begun the step, or its undoing, and not ended it.
    pub fn contains(&self, job: JobId, step: &'static str, undo: bool) -> bool {
        self.all().contains(&(job, step, undo))
    }

    /// The first mark of the step, or of its undoing, is written.
    pub fn started(&self, job: JobId, step: &'static str, undo: bool) {
        self.all().insert((job, step, undo));
    }

    /// The last one is written too.
    pub fn ended(&self, job: JobId, step: &'static str, undo: bool) {
        self.all().remove(&(job, step, undo));
    }
}
