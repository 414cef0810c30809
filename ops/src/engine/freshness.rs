//! How old the last verified backup of a deployment is.

use crate::error::Result;
use crate::store::Store;
use chrono::{DateTime, Utc};
use domain::backup;
use domain::deployment::DeploymentName;
use domain::freshness::Freshness;

/// The one place where a deployment's last verified backup meets what is allowed.
pub(crate) async fn freshness(
    store: &Store,
    name: &DeploymentName,
    now: DateTime<Utc>,
) -> Result<(Freshness, Option<backup::Brief>)> {
    let last = store.last_verified(name).await?;
    let allowance = store.alarm_settings(name).await?.allowance;
    Ok((Freshness::compute(last.as_ref().map(|b| b.made_at), allowance, now), last))
}
