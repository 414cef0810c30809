//! Memory of a deployment: what it has, and what Neo4j recommends.

use super::detail::last_offline_ms;
use crate::console::context::{Context, Query};
use crate::error::Result;
use crate::use_cases::deployments::seen;
use domain::Problem;
use domain::change::MemoryValues;
use domain::deployment::DeploymentName;
use domain::memory::{Recommendation, recommended};
use domain::permission::Permission;
use domain::scope::Subject;
use serde::{Deserialize, Serialize};

/// Sizes in bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemoryView {
    /// As last seen; `None`: the container is gone, or was never seen.
    pub now: Option<MemoryValues>,
    /// Of the Docker host, where it told.
    pub host: Option<u64>,
    /// What the recommendation is for: the limit that was asked for, or the container's own, else the host's memory.
    pub total: Option<u64>,
    pub recommended: Option<Recommendation>,
    /// Of everything under `/data`.
    pub store: Option<u64>,
    /// Why the console does not change it here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_here: Option<Problem>,
    pub last_offline_ms: Option<u64>,
}

/// From what was last seen.
pub struct GetMemory {
    pub deployment: DeploymentName,
    /// To be recommended for, in place of the container's own.
    pub limit: Option<u64>,
}

impl Query for GetMemory {
    const NEEDS: &'static [Permission] = &[Permission::DeploymentView];
    type Answer = MemoryView;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<MemoryView> {
        let row = cx.store().deployment(&self.deployment).await?;
        let seen = seen(cx, &row).await;
        let container = seen.container.as_ref();
        let host = cx.ports().engines.of(&row.host)?.host_memory().await.ok();
        let total = self.limit.or_else(|| container?.memory_limit).or(host);
        Ok(MemoryView {
            now: container.map(|c| MemoryValues::of(c, seen.server.version.or(c.image_version()), &seen.server.memory)),
            host,
            total,
            recommended: total.map(recommended),
            store: seen.room.map(|room| room.used),
            not_here: container.and_then(|c| c.owner().applies_changes().err()),
            last_offline_ms: last_offline_ms(cx, &self.deployment).await?,
        })
    }
}
