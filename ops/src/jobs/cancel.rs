//! Whether a job can still be cancelled.

use super::registry::plan_of;
use crate::error::Result;
use crate::store::Store;
use domain::job::{JobId, Kind};
use domain::plan::{Mark, past_last_change};

/// Of a job, in their order.
pub(crate) async fn marks_of(store: &Store, job: JobId) -> Result<Vec<(String, Mark)>> {
    Ok(store.marks(job).await?.into_iter().map(|m| (m.step, m.mark)).collect())
}

/// Whether a cancel request still counts.
pub(crate) fn may_be_cancelled(kind: Kind, cx: &str, marks: &[(String, Mark)]) -> bool {
    !(kind.change_is_final() && past_last_change(&plan_of(kind, cx), marks))
}
