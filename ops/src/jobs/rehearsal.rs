//! A rehearsal of a change of the image: a backup is loaded into a scratch server of the new image without a network,
//! which migrates it, and what it then holds is counted and checked. Neo4j runs on and is never touched; what it finds
//! is the state of the job.

use super::change::{image, validate};
use super::context::StepContext;
use super::drill;
use super::helpers;
use super::job::{Direction, Planned, looks, nothing};
use super::restore::{self, HELPERS, VOLUMES};
use super::trial::Trial;
use crate::error::{Error, Result};
use crate::jobs::job::Job;
use async_trait::async_trait;
use domain::backup::BackupId;
use domain::change::{ChangeId, ImageUse, Plan, can_open};
use domain::container::ImageId;
use domain::job::Kind as JobKind;
use domain::job::Outcome;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use strum::{EnumString, IntoStaticStr};

/// Its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Step {
    Check,
    Pull,
    Validate,
    Read,
    Fetch,
    Candidate,
    Prove,
    Consistency,
    Clean,
}

/// Its steps in their order. The copy is checked after its start: what the new version has made of it counts.
pub const PLAN: [Planned<Step>; 9] = [
    looks(Step::Check, "Check free space for a copy"),
    looks(Step::Pull, "Pull the image and check that it can open the data"),
    looks(Step::Validate, "Let the new version check the settings"),
    looks(Step::Read, "Read the backup and compare every sha256"),
    looks(Step::Fetch, "Copy the dumps to the Docker host"),
    looks(Step::Candidate, "Load them with the new version"),
    looks(Step::Prove, "Start the new version on the copy and count what is in it"),
    looks(Step::Consistency, "Check the copy for damage"),
    looks(Step::Clean, "Clean up"),
];

/// What it was asked for.
#[derive(Serialize, Deserialize)]
pub struct Params {
    /// Planned, of another image.
    pub change: ChangeId,
    pub backup: BackupId,
}

impl Params {
    async fn plan(&self, cx: &StepContext) -> Result<Plan> {
        Ok(cx.state.store.change(&cx.deployment.name, self.change).await?.plan)
    }

    async fn wanted(&self, cx: &StepContext) -> Result<ImageUse> {
        let plan = self.plan(cx).await?;
        plan.new_image().cloned().ok_or_else(|| Error::conflict("The change has no other image to rehearse."))
    }

    async fn pull(&self, cx: &StepContext) -> Result<String> {
        let (found, says) = image::obtain(cx, &self.wanted(cx).await?).await?;
        can_open(&cx.container().await?, found.release())?;
        Ok(says)
    }

    /// With the users, as a drill. `trial`: what loads, starts and checks the copy.
    fn copy(&self, trial: Option<Trial>) -> restore::Params {
        restore::Params {
            backup: self.backup.clone(),
            include_users: true,
            prefer_remote: false,
            sealed_identity: None,
            volume: None,
            trial,
        }
    }

    /// The one that was pulled.
    async fn image(&self, cx: &StepContext) -> Result<ImageId> {
        let wanted = self.wanted(cx).await?;
        let found = cx.engine.find_image(wanted.lookup()).await?;
        let found = found.ok_or_else(|| Error::conflict(format!("The image {} is gone again.", wanted.reference)))?;
        Ok(found.id)
    }

    async fn of_copy(&self, step: restore::Step, cx: &Arc<StepContext>) -> Result<String> {
        let container = cx.container().await?;
        let variables = validate::variables(&container, &self.plan(cx).await?);
        let trial = Trial::new(self.image(cx).await?, &container, variables);
        self.copy(Some(trial)).act(step, Direction::Run, cx).await
    }

    /// What the steps of the copy have made; the image plays no part.
    async fn undo(&self, cx: &StepContext) -> Result<String> {
        validate::remove(cx).await?;
        helpers::remove(cx, &HELPERS, &VOLUMES).await.and_then(|()| nothing())
    }
}

#[async_trait]
impl Job for Params {
    const KIND: JobKind = JobKind::Rehearsal;
    type Step = Step;

    fn plan(_saved: &str) -> &'static [Planned<Step>] {
        &PLAN
    }

    async fn act(&self, step: Step, direction: Direction, cx: &Arc<StepContext>) -> Result<String> {
        if direction == Direction::Undo {
            return self.undo(cx).await;
        }
        match step {
            Step::Check => drill::enough(cx, &self.backup).await,
            Step::Pull => self.pull(cx).await,
            Step::Validate => validate::run(cx, &self.plan(cx).await?, Some(self.image(cx).await?)).await,
            Step::Read => self.of_copy(restore::Step::Read, cx).await,
            Step::Fetch => self.of_copy(restore::Step::Fetch, cx).await,
            Step::Candidate => self.of_copy(restore::Step::Candidate, cx).await,
            Step::Prove => self.of_copy(restore::Step::Prove, cx).await,
            Step::Consistency => self.of_copy(restore::Step::Consistency, cx).await,
            Step::Clean => {
                helpers::remove_or_leave(cx, &HELPERS, &VOLUMES).await;
                Ok("Nothing of the rehearsal is left.".into())
            }
        }
    }

    async fn outcome(&self, cx: &Arc<StepContext>) -> Result<Outcome> {
        let done = self.copy(None).outcome(cx).await?;
        Ok(Outcome { neo4j_users: Vec::new(), ..done })
    }

    fn backup(&self) -> Option<&BackupId> {
        Some(&self.backup)
    }
}
