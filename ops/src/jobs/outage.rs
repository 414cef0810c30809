//! When Neo4j did not answer, by the marks of the steps that begin and end the outage.

use crate::store::MarkRow;
use chrono::{DateTime, Utc};
use domain::plan::{Mark, Outage, Step, outage_step};

/// When the step of this plan that begins or ends the outage left this mark.
pub(crate) fn marked_at(plan: &[Step], marks: &[MarkRow], outage: Outage, mark: Mark) -> Option<DateTime<Utc>> {
    let step = outage_step(plan, outage)?;
    marks.iter().find(|m| m.step == step && m.mark == mark).map(|m| m.at)
}
