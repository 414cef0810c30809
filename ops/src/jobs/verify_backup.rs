//! Reads a backup back from every target. Touches neither Neo4j nor the backup.

use super::context::StepContext;
use super::copies;
use super::job::{Direction, Planned, looks, nothing};
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

/// Its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Step {
    Read,
}

/// Its steps in their order.
pub const PLAN: [Planned<Step>; 1] = [looks(Step::Read, "Read the backup back from every target")];

/// What it was asked for.
#[derive(Serialize, Deserialize)]
pub struct Params {
    pub backup: BackupId,
}

/// What could not be read is neither whole nor damaged.
fn verdict(copies: usize, bad: &[String], away: &[String]) -> Result<String> {
    match (bad, away) {
        ([], []) => Ok(format!("Every sha256 is equal on {}.", plural(copies as u64, "target", "targets"))),
        ([], _) => Err(Problem::new(ProblemKind::Unavailable, "Not every copy could be read.")
            .means(format!("{} Its recorded state is unchanged.", away.join(" ")))
            .next_step("Test the target, then read the backup back again.")
            .into()),
        _ => Err(Problem::new(ProblemKind::Conflict, "Not every copy of the backup is whole.")
            .means([bad, away].concat().join(" "))
            .next_step("Make a new backup to that target.")
            .into()),
    }
}

impl Params {
    /// A copy is written down as it was found. A target that cannot be reached leaves what was known, and fails the
    /// job.
    async fn read(&self, cx: &Arc<StepContext>, step: &str) -> Result<String> {
        let manifest = cx.state.store.backup(&self.backup).await?.manifest;
        let copies = cx.state.store.copies(&self.backup).await?;
        let (mut bad, mut away) = (Vec::new(), Vec::new());
        for copy in &copies {
            let (says, list) = match copies::damage(cx, &copy.target, &manifest, copy.encrypted.as_ref(), step).await {
                Ok(found) => {
                    copies::note(cx, &manifest, &copy.target, copy.encrypted.clone(), found.clone()).await?;
                    let Some((state, why)) = found else { continue };
                    (
                        format!(
                            "{}: {} {why}",
                            copy.target,
                            if state == CopyState::Missing { "missing." } else { "changed." }
                        ),
                        &mut bad,
                    )
                }
                Err(error) => (format!("{} cannot be read now: {error}", copy.target), &mut away),
            };
            cx.log(Some(Tone::Bad), &says).await;
            list.push(says);
        }
        verdict(copies.len(), &bad, &away)
    }
}

#[async_trait]
impl Job for Params {
    const KIND: JobKind = JobKind::Verify;
    type Step = Step;

    fn plan(_saved: &str) -> &'static [Planned<Step>] {
        &PLAN
    }

    async fn act(&self, step: Step, direction: Direction, cx: &Arc<StepContext>) -> Result<String> {
        match (step, direction) {
            (Step::Read, Direction::Run) => self.read(cx, step.into()).await,
            (Step::Read, Direction::Undo) => nothing(),
        }
    }

    async fn outcome(&self, cx: &Arc<StepContext>) -> Result<Outcome> {
        let manifest: backup::Manifest = cx.state.store.backup(&self.backup).await?.manifest;
        Ok(Outcome { backup: Some(self.backup.clone()), bytes: Some(manifest.bytes()), ..Outcome::default() })
    }

    fn backup(&self) -> Option<&BackupId> {
        Some(&self.backup)
    }
}
