//! Reads a backup back from every target. Touches neither Neo4j nor the backup.

use super::work::Work;
use super::{Job, copies};
use crate::error::Result;
use async_trait::async_trait;
use domain::backup::BackupId;
use domain::job::Outcome;
use domain::plan::Step;
use domain::problem::ProblemKind;
use domain::target::CopyState;
use domain::text::{Tone, plural};
use domain::{Problem, backup};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub const PLAN: [Step; 1] = [Step { name: "read", title: "Read the backup back from every target", touches: false }];

#[derive(Serialize, Deserialize)]
pub struct Params {
    pub backup: BackupId,
}

#[async_trait]
impl Job for Params {
    fn plan(&self) -> &'static [Step] {
        &PLAN
    }

    /// A copy is written down as it was found. A target that cannot be reached leaves what was known, and fails the job.
    async fn run(&self, step: &str, work: &Arc<Work>) -> Result<String> {
        let manifest = work.inner.store.backup(&self.backup).await?.manifest;
        let copies = work.inner.store.copies(&self.backup).await?;
        let mut bad = Vec::new();
        for copy in &copies {
            let says = match copies::damage(work, &copy.target, &manifest, copy.encrypted.as_ref(), step).await {
                Ok(found) => {
                    copies::note(work, &manifest, &copy.target, copy.encrypted.clone(), found.clone()).await?;
                    found.map(|(state, why)| format!("{}: {} {why}", copy.target, if state == CopyState::Missing { "missing." } else { "changed." }))
                }
                Err(error) => Some(format!("{} cannot be read now: {error}", copy.target)),
            };
            if let Some(says) = says {
                work.log(Some(Tone::Bad), &says).await;
                bad.push(says);
            }
        }
        if bad.is_empty() {
            return Ok(format!("Every sha256 is equal on {}.", plural(copies.len() as u64, "target", "targets")));
        }
        Err(Problem::new(ProblemKind::Conflict, "Not every copy of the backup is whole.").means(bad.join(" ")).todo("Take a new backup to that target.").into())
    }

    async fn undo(&self, _step: &str, _work: &Arc<Work>) -> Result<String> {
        Ok(String::new())
    }

    async fn outcome(&self, work: &Arc<Work>) -> Result<Outcome> {
        let manifest: backup::Manifest = work.inner.store.backup(&self.backup).await?.manifest;
        Ok(Outcome { backup: Some(self.backup.clone()), bytes: Some(manifest.bytes()), ..Outcome::default() })
    }
}
