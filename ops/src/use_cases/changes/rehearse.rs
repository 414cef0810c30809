//! Rehearsing a planned change of the image on a copy.

use super::plan::{Wanted, keep, plan, release_of};
use crate::console::context::{Change, Context};
use crate::error::{Error, Result};
use crate::jobs::queue::queue;
use crate::jobs::rehearsal::Params;
use crate::store::DeploymentRow;
use crate::use_cases::drills::newest_drillable;
use chrono::TimeDelta;
use domain::change::{ChangeId, ImageWanted, Plan, migrates};
use domain::container::Container;
use domain::deployment::DeploymentName;
use domain::job::JobId;
use domain::permission::Permission;
use domain::scope::Subject;
use domain::text::Reason;

/// What is rehearsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rehearse {
    Planned(ChangeId),
    /// Planned now; the plan can be applied afterwards.
    Image(ImageWanted),
}

/// Queues a rehearsal, with the newest verified backup that can be read without an identity.
pub struct StartRehearsal {
    pub deployment: DeploymentName,
    pub rehearse: Rehearse,
}

impl Change for StartRehearsal {
    const NAME: &'static str = "start rehearsal";
    const NEEDS: &'static [Permission] = &[Permission::ConfigChange];
    type Outcome = (ChangeId, JobId);
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        match &self.rehearse {
            Rehearse::Planned(change) => format!("change {change} of {}", self.deployment),
            Rehearse::Image(wanted) => format!("image of {}: {}", self.deployment, wanted.reference.as_str()),
        }
    }
    async fn apply(self, cx: &Context<'_>) -> Result<(ChangeId, JobId)> {
        let backup = newest_drillable(cx, &self.deployment).await?;
        if let Some(job) = cx.store().live_job(&self.deployment).await? {
            return Err(Error::Busy { job: job.id });
        }
        let change = match self.rehearse {
            Rehearse::Planned(change) => planned(cx, &self.deployment, change).await?,
            Rehearse::Image(wanted) => {
                let wanted = Wanted::Image(wanted);
                let plan = plan(cx, &self.deployment, &wanted).await?;
                keep(cx, &self.deployment, &wanted, &plan, &Reason::default()).await?
            }
        };
        let job = queue(cx, &self.deployment, &Params { change, backup }, "").await?;
        Ok((change, job))
    }
}

/// A rehearsal older than this says too little of the data as it is now.
const FRESH: TimeDelta = TimeDelta::days(7);

/// Whether a plan has the data changed by an image that nobody rehearsed lately.
pub(super) async fn is_unrehearsed(
    cx: &Context<'_>,
    row: &DeploymentRow,
    container: &Container,
    plan: &Plan,
) -> Result<bool> {
    let Some(image) = plan.new_image().filter(|_| plan.brings_back.is_none()) else { return Ok(false) };
    let engine = cx.ports().engines.of(&row.host)?;
    if !migrates(container, image.id.as_ref(), release_of(engine.as_ref(), image).await?)? {
        return Ok(false);
    }
    let rehearsed = cx.store().rehearsed_images(&row.name, cx.now() - FRESH).await?;
    Ok(!rehearsed.iter().any(|one| one.is_same(image)))
}

/// One that could still be applied.
async fn planned(cx: &Context<'_>, deployment: &DeploymentName, change: ChangeId) -> Result<ChangeId> {
    let entry = cx.store().change(deployment, change).await?;
    if entry.plan.new_image().is_none() || entry.plan.brings_back.is_some() {
        return Err(Error::conflict("Only a change to another image is rehearsed."));
    }
    let (_, container) = cx.with_container(deployment).await?;
    if entry.job.is_some() || entry.plan.is_stale(Some(&container)) {
        return Err(Plan::stale().into());
    }
    Ok(change)
}
