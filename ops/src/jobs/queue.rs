//! Queueing a job.

use crate::console::context::Context;
use crate::error::Result;
use crate::store::NewJob;
use domain::deployment::DeploymentName;
use domain::job::{JobId, Kind};
use serde::Serialize;

/// Queues a job for an adopted deployment and wakes the runner. Fails with `Busy` when one is live there.
pub(crate) async fn queue(cx: &Context<'_>, kind: Kind, deployment: &DeploymentName, params: &impl Serialize, reason: &str) -> Result<JobId> {
    cx.store().deployment(deployment).await?;
    let params = serde_json::to_string(params)?;
    let new = NewJob { kind, deployment, params, by: &cx.actor.name, reason, at: cx.now() };
    let job = cx.store().insert_job(&new).await?;
    cx.wake_runner();
    Ok(job)
}
