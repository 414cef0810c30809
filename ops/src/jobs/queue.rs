//! Queueing a job.

use super::job::Job;
use crate::console::context::Context;
use crate::error::Result;
use crate::store::NewJob;
use domain::deployment::DeploymentName;
use domain::job::JobId;

/// Queues a job for an adopted deployment and wakes the runner. Fails with `Busy` when one is live there.
pub(crate) async fn queue<J: Job>(
    cx: &Context<'_>,
    deployment: &DeploymentName,
    job: &J,
    reason: &str,
) -> Result<JobId> {
    cx.store().deployment(deployment).await?;
    let id = cx.store().insert_job(&new(cx, deployment, job, reason)?).await?;
    cx.wake_runner();
    Ok(id)
}

/// The row of a job that is queued together with something else.
pub(crate) fn new<'a, J: Job>(
    cx: &Context<'a>,
    deployment: &'a DeploymentName,
    job: &'a J,
    reason: &'a str,
) -> Result<NewJob<'a>> {
    let params = serde_json::to_string(job)?;
    let (backup, schedule) = (job.backup(), job.schedule());
    Ok(NewJob { kind: J::KIND, deployment, params, backup, schedule, by: &cx.actor.name, reason, at: cx.now() })
}
