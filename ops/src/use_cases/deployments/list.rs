//! All deployments.

use super::findings;
use crate::console::context::{Context, Query};
use crate::engine::freshness::freshness;
use crate::engine::replaced::replaced;
use crate::error::Result;
use crate::store::DeploymentRow;
use domain::container::Container;
use domain::deployment::Observation;
use domain::overview::{State, Summary};
use domain::permission::Permission;
use domain::scope::Subject;
use domain::text::Tone;
use std::sync::Arc;

/// Adopted deployments, as last seen.
pub struct ListDeployments {}

impl Query for ListDeployments {
    const NEEDS: &'static [Permission] = &[Permission::DeploymentView];
    type Answer = Vec<Summary>;
    fn subject(&self) -> Subject {
        Subject::Console
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Vec<Summary>> {
        let jobs = cx.store().live_jobs().await?;
        let mut all = Vec::new();
        for row in cx.store().deployments().await? {
            let seen = seen(cx, &row).await;
            let (freshness, last_verified) = freshness(cx.store(), &row.name, cx.now()).await?;
            let job = jobs.iter().find(|j| j.deployment == row.name).cloned();
            let replaced = replaced(cx.store(), &row.name, Some(&seen)).await?;
            let found = findings::of(cx, &row.name, &seen, &freshness, replaced.as_ref()).await?;
            all.push(Summary {
                state: State::of(&seen, &found, job.as_ref().is_some_and(|j| j.state != domain::job::State::Stuck)),
                health: seen.health.clone(),
                version: seen.server.version,
                edition: seen.server.edition,
                image: seen.container.as_ref().map(|c| c.image.clone()).unwrap_or_default(),
                owner: seen.container.as_ref().map(Container::owner),
                worst: found.first().filter(|f| f.tone >= Tone::Warn).map(|f| f.what.clone()),
                last_verified,
                freshness,
                drills: cx.store().drill_status(&row.name).await?,
                job,
                seen_at: Some(seen.at),
                environment: row.environment,
                name: row.name,
            });
        }
        Ok(all)
    }
}

/// From memory; only right after a start of the console is there nothing yet.
pub(in crate::use_cases) async fn seen(cx: &Context<'_>, row: &DeploymentRow) -> Arc<Observation> {
    match cx.observer().last(&row.name) {
        Some(seen) => seen,
        None => cx.observer().refresh(row, cx.seal()).await,
    }
}
