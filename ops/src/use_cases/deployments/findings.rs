//! Everything that is to be said of a deployment.

use crate::console::context::Context;
use crate::engine::drift;
use crate::error::Result;
use domain::deployment::{DeploymentName, Observation};
use domain::finding::{Finding, findings};
use domain::freshness::Freshness;
use domain::replaced::Replaced;

/// The worst first; of equal ones, data that is not that of the backups before all else.
pub(super) async fn of(
    cx: &Context<'_>,
    name: &DeploymentName,
    seen: &Observation,
    freshness: &Freshness,
    replaced: Option<&Replaced>,
) -> Result<Vec<Finding>> {
    let changed = drift::found(cx.store(), cx.seal(), name, seen.container.as_ref()).await?;
    let found = findings(seen, freshness).into_iter().chain(drift::finding(&changed));
    let mut all: Vec<Finding> = replaced.map(Replaced::finding).into_iter().chain(found).collect();
    all.sort_by_key(|finding| std::cmp::Reverse(finding.tone));
    Ok(all)
}
