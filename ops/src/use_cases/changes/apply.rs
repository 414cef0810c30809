//! Applying a plan, as a job.

use super::consent::Consent;
use super::plan::{Wanted, keep, plan};
use crate::console::context::{Change, Context};
use crate::error::{Error, Result};
use crate::jobs::change::Params;
use crate::jobs::queue::new;
use domain::change::{ChangeId, Plan};
use domain::deployment::DeploymentName;
use domain::job::JobId;
use domain::permission::Permission;
use domain::scope::Subject;
use domain::text::Reason;

async fn queue(cx: &Context<'_>, deployment: &DeploymentName, change: ChangeId, reason: &str) -> Result<JobId> {
    let job = cx.store().apply_change(change, &new(cx, deployment, &Params { change }, reason)?).await?;
    cx.wake_runner();
    Ok(job)
}

/// Applies a plan that was kept. What is applied is what was shown: its digest is that of the plan.
pub struct ApplyChange {
    pub deployment: DeploymentName,
    pub change: ChangeId,
    pub digest: String,
    pub consent: Consent,
}

impl Change for ApplyChange {
    const NAME: &'static str = "apply change";
    const NEEDS: &'static [Permission] = &[Permission::ConfigChange];
    type Outcome = JobId;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        format!("change {} of {}, plan {}", self.change, self.deployment, self.digest)
    }
    fn reason(&self) -> String {
        self.consent.words().unwrap_or_default()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<JobId> {
        let entry = cx.store().change(&self.deployment, self.change).await?;
        if entry.digest != self.digest {
            return Err(Error::conflict("This is not the plan of that change. Open the change again."));
        }
        let (row, container) = cx.with_container(&self.deployment).await?;
        container.owner().applies_changes()?;
        if entry.job.is_none() && entry.plan.is_stale(Some(&container)) {
            return Err(Plan::stale().into());
        }
        self.consent.suffices(cx, &row, &container, &entry.plan).await?;
        queue(cx, &self.deployment, self.change, &entry.reason).await
    }
}

/// Plans and applies at once, for programs.
pub struct StartChange {
    pub deployment: DeploymentName,
    pub wanted: Wanted,
    pub reason: Reason,
    pub consent: Consent,
}

impl Change for StartChange {
    const NAME: &'static str = "start change";
    const NEEDS: &'static [Permission] = &[Permission::ConfigChange];
    type Outcome = (ChangeId, JobId);
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        self.wanted.target(&self.deployment)
    }
    fn reason(&self) -> String {
        let reasons = [Some(self.reason.as_str().to_owned()), self.consent.words()];
        reasons.into_iter().flatten().filter(|reason| !reason.is_empty()).collect::<Vec<_>>().join(" ")
    }
    async fn apply(self, cx: &Context<'_>) -> Result<(ChangeId, JobId)> {
        // Before a plan is kept that nobody could apply.
        let (row, container) = cx.with_container(&self.deployment).await?;
        container.owner().applies_changes()?;
        if let Some(job) = cx.store().live_job(&self.deployment).await? {
            return Err(Error::Busy { job: job.id });
        }
        let plan = plan(cx, &self.deployment, &self.wanted).await?;
        self.consent.suffices(cx, &row, &container, &plan).await?;
        let change = keep(cx, &self.deployment, &self.wanted, &plan, &self.reason).await?;
        // It was planned just now; the job looks again whether it is stale.
        Ok((change, queue(cx, &self.deployment, change, self.reason.as_str()).await?))
    }
}
