//! Rehearsing a planned change of the image on a copy.

use super::plan::{Wanted, keep};
use crate::console::context::{Change, Context};
use crate::error::{Error, Result};
use crate::jobs::queue::queue;
use crate::jobs::rehearsal::Params;
use crate::use_cases::drills::newest_drillable;
use domain::change::{ChangeId, ImageWanted, Plan};
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
            Rehearse::Image(wanted) => keep(cx, &self.deployment, &Wanted::Image(wanted), &Reason::default()).await?,
        };
        let job = queue(cx, &self.deployment, &Params { change, backup }, "").await?;
        Ok((change, job))
    }
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
