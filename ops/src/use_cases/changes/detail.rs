//! One change.

use super::rehearse::is_unrehearsed;
use crate::console::context::{Context, Query};
use crate::engine::containers;
use crate::error::Result;
use domain::Problem;
use domain::change::{ChangeEntry, ChangeId};
use domain::deployment::DeploymentName;
use domain::job::{JobBrief, Kind};
use domain::permission::Permission;
use domain::scope::Subject;
use serde::{Deserialize, Serialize};

/// A change, and whether it may be applied now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeDetail {
    #[serde(flatten)]
    pub entry: ChangeEntry,
    /// Only of one that is planned: what it rests on is different now, or could not be looked at.
    pub stale: bool,
    /// Why the console does not apply it; the plan says what to do elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_here: Option<Problem>,
    /// How long Neo4j was offline in the last change, or else in the last restart.
    pub last_offline_ms: Option<u64>,
    /// The last rehearsal of it.
    pub rehearsal: Option<JobBrief>,
    /// It is an upgrade whose image nobody rehearsed lately: to apply it takes a reason.
    pub unrehearsed: bool,
}

/// A change of a deployment, from a look at its container now.
pub struct GetChange {
    pub deployment: DeploymentName,
    pub change: ChangeId,
}

impl Query for GetChange {
    const NEEDS: &'static [Permission] = &[Permission::DeploymentView];
    type Answer = ChangeDetail;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<ChangeDetail> {
        let row = cx.store().deployment(&self.deployment).await?;
        let entry = cx.store().change(&self.deployment, self.change).await?;
        let container = match entry.job {
            None => containers::inspect(cx.ports(), &row).await.ok(),
            Some(_) => None,
        };
        let stale = entry.job.is_none() && entry.plan.is_stale(container.as_ref());
        let unrehearsed = match container.as_ref().filter(|_| !stale) {
            // Said also where it cannot be told now.
            Some(container) => is_unrehearsed(cx, &row, container, &entry.plan).await.unwrap_or(true),
            None => false,
        };
        Ok(ChangeDetail {
            unrehearsed,
            stale,
            not_here: container.and_then(|container| container.owner().applies_changes().err()),
            last_offline_ms: last_offline_ms(cx, &self.deployment).await?,
            rehearsal: cx.store().last_rehearsal(&self.deployment, self.change).await?,
            entry,
        })
    }
}

pub(in crate::use_cases) async fn last_offline_ms(
    cx: &Context<'_>,
    deployment: &DeploymentName,
) -> Result<Option<u64>> {
    match cx.store().last_offline_ms(deployment, Kind::Change).await? {
        Some(ms) => Ok(Some(ms)),
        None => cx.store().last_offline_ms(deployment, Kind::Restart).await,
    }
}
