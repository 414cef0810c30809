//! One deployment.

use super::findings;
use super::list::seen;
use crate::console::context::{Context, Query};
use crate::engine::freshness::freshness;
use crate::engine::replaced::replaced;
use crate::error::Result;
use domain::container::Container;
use domain::deployment::DeploymentName;
use domain::overview::{Overview, State};
use domain::permission::Permission;
use domain::scope::Subject;

const RECENT_JOBS: u32 = 5;

/// The overview of a deployment, as last seen.
pub struct GetOverview {
    pub deployment: DeploymentName,
}

impl Query for GetOverview {
    const NEEDS: &'static [Permission] = &[Permission::DeploymentView];
    type Answer = Overview;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Overview> {
        let row = cx.store().deployment(&self.deployment).await?;
        let seen = seen(cx, &row).await;
        let (freshness, last_verified) = freshness(cx.store(), &row.name, cx.now()).await?;
        let job = cx.store().live_job(&row.name).await?;
        let replaced = replaced(cx.store(), &row.name, Some(&seen)).await?;
        let findings = findings::of(cx, &row.name, &seen, &freshness, replaced.as_ref()).await?;
        Ok(Overview {
            state: State::of(&seen, &findings, job.as_ref().is_some_and(|j| j.state != domain::job::State::Stuck)),
            findings,
            replaced,
            owner: seen.container.as_ref().map(Container::owner),
            seen: (*seen).clone(),
            last_verified,
            freshness,
            drills: cx.store().drill_status(&row.name).await?,
            backups: cx.store().backup_count(Some(&row.name)).await?,
            restorable: cx.store().restorable_count(&row.name).await?,
            job,
            recent_jobs: cx.store().job_page(Some(&row.name), 1, RECENT_JOBS).await?.items,
            now: cx.now(),
            container_name: row.container,
            neo4j_user: row.neo4j_user,
            environment: row.environment,
            name: row.name,
        })
    }
}

/// Looks again now, for "Try again".
pub struct RefreshDeployment {
    pub deployment: DeploymentName,
}

impl Query for RefreshDeployment {
    const NEEDS: &'static [Permission] = &[Permission::DeploymentView];
    type Answer = ();
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<()> {
        let row = cx.store().deployment(&self.deployment).await?;
        cx.observer().refresh(&row, cx.seal()).await;
        Ok(())
    }
}
