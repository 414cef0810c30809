//! Rehearsing a planned change of the image on a copy.

use super::plan::{Wanted, keep, plan, release_of};
use crate::console::context::{Change, Context};
use crate::error::{Error, Result};
use crate::jobs::queue::queue;
use crate::jobs::rehearsal::Params;
use crate::store::DeploymentRow;
use crate::use_cases::drills::newest_drillable;
use chrono::TimeDelta;
use domain::change::{ChangeId, ImageWanted, Plan, WITHOUT_REHEARSAL, migrates};
use domain::container::Container;
use domain::deployment::DeploymentName;
use domain::job::JobId;
use domain::permission::Permission;
use domain::problem::ProblemKind;
use domain::scope::Subject;
use domain::text::Reason;
use domain::{Invalid, Problem};

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
    let Some(image) = plan.new_image() else { return Ok(false) };
    let engine = cx.ports().engines.of(&row.host)?;
    if !migrates(container, image.id.as_ref(), release_of(engine.as_ref(), image).await?)? {
        return Ok(false);
    }
    let rehearsed = cx.store().rehearsed_images(&row.name, cx.now() - FRESH).await?;
    Ok(!rehearsed.iter().any(|one| one.is_same(image)))
}

/// Refuses such a plan, unless somebody says why it is applied all the same.
pub(super) async fn require_rehearsal(
    cx: &Context<'_>,
    row: &DeploymentRow,
    container: &Container,
    plan: &Plan,
    without: &Reason,
) -> Result<()> {
    if !without.as_str().is_empty() || !is_unrehearsed(cx, row, container, plan).await? {
        return Ok(());
    }
    let mut problem = Problem::new(ProblemKind::Conflict, "This upgrade was not rehearsed in the last seven days.")
        .means(
            "The new version changes the data at its first start. A rehearsal shows on a copy what comes of it, without \
             an outage.",
        )
        .next_step("Rehearse it on a copy, then apply it.")
        .next_step("Or write why it is applied without a rehearsal.");
    problem.fields.push(Invalid::new(WITHOUT_REHEARSAL, "Write why, or rehearse the upgrade first."));
    Err(problem.into())
}

/// One that could still be applied.
async fn planned(cx: &Context<'_>, deployment: &DeploymentName, change: ChangeId) -> Result<ChangeId> {
    let entry = cx.store().change(deployment, change).await?;
    if entry.plan.new_image().is_none() {
        return Err(Error::conflict("Only a change of the image is rehearsed."));
    }
    let (_, container) = cx.with_container(deployment).await?;
    if entry.job.is_some() || entry.plan.is_stale(Some(&container)) {
        return Err(Plan::stale().into());
    }
    Ok(change)
}
