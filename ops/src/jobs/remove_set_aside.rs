//! Removes the data a restore set aside. Neo4j runs on: only the directory beside the live data is deleted.

use super::restore::aside_name;
use super::work::Work;
use super::{Job, helpers};
use crate::error::Result;
use async_trait::async_trait;
use domain::helper::Act;
use domain::job::{JobId, Outcome};
use domain::plan::Step;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// After this there is no way back; that is the wish.
pub const PLAN: [Step; 1] = [Step { name: "remove", title: "Remove the set-aside data", touches: true }];

#[derive(Serialize, Deserialize)]
pub struct Params {
    /// The restore that set it aside.
    pub restore: JobId,
}

#[async_trait]
impl Job for Params {
    fn plan(&self) -> &'static [Step] {
        &PLAN
    }

    async fn run(&self, step: &str, work: &Arc<Work>) -> Result<String> {
        let container = work.container().await?;
        let aside = match work.inner.store.set_aside(self.restore, &work.deployment.name).await {
            Ok(row) if !row.directory.is_empty() => row.directory,
            // Its row may be gone already, by an earlier try that was cut short.
            _ => aside_name(work, self.restore),
        };
        let act = Act::RemoveAside { aside };
        helpers::run_once(work, "aside", helpers::like(&container)?, act, vec![helpers::live_data(&container)?], step).await?;
        // Last: what a failed removal leaves stays listed. An undo looks whether all of it is there.
        work.inner.store.delete_set_aside(self.restore).await?;
        Ok("Its space is free.".into())
    }

    async fn undo(&self, _step: &str, work: &Arc<Work>) -> Result<String> {
        helpers::remove(work, &["aside"], &[]).await.map(|()| String::new())
    }

    async fn outcome(&self, _work: &Arc<Work>) -> Result<Outcome> {
        Ok(Outcome::default())
    }
}
