//! Making a plan. It is looked at anew what there is; nothing is touched.

use crate::console::context::{Change, Context, Query};
use crate::engine::drift;
use crate::error::{Error, Result};
use crate::store::{DeploymentRow, NewChange};
use domain::change::{
    ChangeId, Effect, ImageUse, ImageWanted, KnownImage, MemoryWanted, Plan, can_open, plan_back, plan_image,
    plan_memory, plan_revert,
};
use domain::container::Container;
use domain::deployment::DeploymentName;
use domain::image::{ImageReference, Release};
use domain::permission::Permission;
use domain::scope::Subject;
use domain::text::Reason;
use ports::ContainerEngine;
use std::time::Duration;

/// What is to be changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    Memory(MemoryWanted),
    Image(ImageWanted),
    /// An applied change is taken back.
    Revert(ChangeId),
    /// What was changed from outside is put back.
    RevertDrift,
}

impl Wanted {
    pub(super) const fn reverts(&self) -> Option<ChangeId> {
        match self {
            Self::Memory(_) | Self::Image(_) | Self::RevertDrift => None,
            Self::Revert(id) => Some(*id),
        }
    }

    /// For the audit log.
    pub(super) fn target(&self, deployment: &DeploymentName) -> String {
        match self {
            Self::Memory(_) => format!("memory of {deployment}"),
            Self::Image(wanted) => format!("image of {deployment}: {}", wanted.reference.as_str()),
            Self::Revert(id) => format!("revert of change {id} of {deployment}"),
            Self::RevertDrift => format!("revert of drift of {deployment}"),
        }
    }
}

/// The plan, from what there is now.
pub(super) async fn plan(cx: &Context<'_>, deployment: &DeploymentName, wanted: &Wanted) -> Result<Plan> {
    let (row, container) = cx.with_container(deployment).await?;
    let plan = match wanted {
        Wanted::Memory(wanted) => {
            let host = cx.ports().engines.of(&row.host)?.host_memory().await.ok();
            plan_memory(&container, container.image_version(), host, wanted)?
        }
        Wanted::Image(wanted) => {
            let engine = cx.ports().engines.of(&row.host)?;
            plan_image(&container, row.environment, wanted, &known(cx, engine.as_ref(), &wanted.reference).await?)?
        }
        Wanted::Revert(id) => revert(cx, &row, *id, &container).await?,
        Wanted::RevertDrift => {
            plan_back(&drift::found(cx.store(), cx.seal(), deployment, Some(&container)).await?, &container)
        }
    };
    if plan.effect() == Effect::Nothing {
        return Err(Error::conflict("There is nothing to change: the deployment has these values already."));
    }
    Ok(plan)
}

/// How long a plan waits for a registry; without its answer nothing is promised of the digest.
const REGISTRY: Duration = Duration::from_secs(10);

async fn known(cx: &Context<'_>, engine: &dyn ContainerEngine, reference: &ImageReference) -> Result<KnownImage> {
    let asked = async {
        match reference.digest() {
            Some(digest) => Some(digest.to_owned()),
            None => {
                let sign_in = cx.state().registry_sign_in(reference).await.ok()?;
                let asked = cx.ports().registry.digest(reference, sign_in.as_ref());
                tokio::time::timeout(REGISTRY, asked).await.ok()?.ok()
            }
        }
    };
    let (found, digest) = tokio::join!(engine.find_image(reference.as_str()), asked);
    Ok(KnownImage { found: found?, digest })
}

pub(super) async fn release_of(engine: &dyn ContainerEngine, image: &ImageUse) -> Result<Option<Release>> {
    let found = engine.find_image(image.lookup()).await?;
    Ok(Release::of(found.as_ref(), ImageReference::parse(&image.reference).ok().as_ref()))
}

async fn revert(cx: &Context<'_>, row: &DeploymentRow, id: ChangeId, now: &Container) -> Result<Plan> {
    let entry = cx.store().change(&row.name, id).await?;
    let job = entry.job.filter(|_| entry.state.is_applied());
    let job = job.ok_or_else(|| Error::conflict("This change was not applied, so there is nothing to take back."))?;
    let plan = plan_revert(&entry.plan, now);
    let Some(image) = plan.new_image() else { return Ok(plan) };
    let engine = cx.ports().engines.of(&row.host)?;
    match can_open(now, release_of(engine.as_ref(), image).await?) {
        Ok(_) => Ok(plan),
        // Only with the data from before, where that is still there.
        Err(_) if cx.store().set_aside_jobs(&row.name).await?.contains(&job) => Ok(plan.bringing_back(job)),
        Err(no_way) => Err(no_way.into()),
    }
}

/// Keeps a plan of what was wanted.
pub(super) async fn keep(
    cx: &Context<'_>,
    deployment: &DeploymentName,
    wanted: &Wanted,
    plan: &Plan,
    reason: &Reason,
) -> Result<ChangeId> {
    let (by, reason, at, reverts) = (&*cx.actor.name, reason.as_str(), cx.now(), wanted.reverts());
    cx.store().insert_change(&NewChange { deployment, plan, by, reason, at, reverts }).await
}

/// What a change would do. Nothing is kept of it.
pub struct PreviewChange {
    pub deployment: DeploymentName,
    pub wanted: Wanted,
}

impl Query for PreviewChange {
    const NEEDS: &'static [Permission] = &[Permission::ConfigChange];
    type Answer = Plan;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Plan> {
        plan(cx, &self.deployment, &self.wanted).await
    }
}

/// Keeps the plan of a change, to be looked at and applied.
pub struct PlanChange {
    pub deployment: DeploymentName,
    pub wanted: Wanted,
    pub reason: Reason,
}

impl Change for PlanChange {
    const NAME: &'static str = "plan change";
    const NEEDS: &'static [Permission] = &[Permission::ConfigChange];
    type Outcome = ChangeId;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        self.wanted.target(&self.deployment)
    }
    fn reason(&self) -> String {
        self.reason.as_str().into()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<ChangeId> {
        let plan = plan(cx, &self.deployment, &self.wanted).await?;
        keep(cx, &self.deployment, &self.wanted, &plan, &self.reason).await
    }
}
