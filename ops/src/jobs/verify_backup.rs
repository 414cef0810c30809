//! Reads a backup back from every target. Touches neither Neo4j nor the backup.

use super::copies;
use super::job::{Planned, looks};
use super::work::Work;
use crate::error::Result;
use crate::jobs::job::Job;
use async_trait::async_trait;
use domain::backup::BackupId;
use domain::job::Kind as JobKind;
use domain::job::Outcome;
use domain::problem::ProblemKind;
use domain::target::CopyState;
use domain::text::{Tone, plural};
use domain::{Problem, backup};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use strum::{EnumString, IntoStaticStr};

#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Step {
    Read,
}

pub const PLAN: [Planned<Step>; 1] = [looks(Step::Read, "Read the backup back from every target")];

#[derive(Serialize, Deserialize)]
pub struct Params {
    pub backup: BackupId,
}

/// What could not be read is neither whole nor damaged.
fn verdict(copies: usize, bad: &[String], away: &[String]) -> Result<String> {
    match (bad, away) {
        ([], []) => Ok(format!("Every sha256 is equal on {}.", plural(copies as u64, "target", "targets"))),
        ([], _) => Err(Problem::new(ProblemKind::Unavailable, "Not every copy could be read.")
            .means(format!("{} What was known of it stays.", away.join(" ")))
            .todo("Test the target, then read the backup back again.")
            .into()),
        _ => Err(Problem::new(ProblemKind::Conflict, "Not every copy of the backup is whole.")
            .means([bad, away].concat().join(" "))
            .todo("Take a new backup to that target.")
            .into()),
    }
}

#[async_trait]
impl Job for Params {
    const KIND: JobKind = JobKind::Verify;
    type Step = Step;

    fn plan(_saved: &str) -> &'static [Planned<Step>] {
        &PLAN
    }

    /// A copy is written down as it was found. A target that cannot be reached leaves what was known, and fails the job.
    async fn run(&self, step: Step, work: &Arc<Work>) -> Result<String> {
        let manifest = work.inner.store.backup(&self.backup).await?.manifest;
        let copies = work.inner.store.copies(&self.backup).await?;
        let (mut bad, mut away) = (Vec::new(), Vec::new());
        for copy in &copies {
            let (says, list) = match copies::damage(work, &copy.target, &manifest, copy.encrypted.as_ref(), step.into()).await {
                Ok(found) => {
                    copies::note(work, &manifest, &copy.target, copy.encrypted.clone(), found.clone()).await?;
                    let Some((state, why)) = found else { continue };
                    (format!("{}: {} {why}", copy.target, if state == CopyState::Missing { "missing." } else { "changed." }), &mut bad)
                }
                Err(error) => (format!("{} cannot be read now: {error}", copy.target), &mut away),
            };
            work.log(Some(Tone::Bad), &says).await;
            list.push(says);
        }
        verdict(copies.len(), &bad, &away)
    }

    async fn undo(&self, _step: Step, _work: &Arc<Work>) -> Result<String> {
        Ok(String::new())
    }

    async fn outcome(&self, work: &Arc<Work>) -> Result<Outcome> {
        let manifest: backup::Manifest = work.inner.store.backup(&self.backup).await?.manifest;
        Ok(Outcome { backup: Some(self.backup.clone()), bytes: Some(manifest.bytes()), ..Outcome::default() })
    }

    fn backup(&self) -> Option<&BackupId> {
        Some(&self.backup)
    }
}
