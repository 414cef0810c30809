//! Removes the data a restore set aside. Neo4j runs on: only the directory beside the live data is deleted.

use super::aside::{directory_of, on_live_data};
use super::context::StepContext;
use super::helpers;
use super::job::{Direction, Planned, nothing, touches};
use crate::error::Result;
use crate::jobs::job::Job;
use async_trait::async_trait;
use domain::helper::{HelperCommand, parse_look};
use domain::job::Kind as JobKind;
use domain::job::{JobId, Outcome};
use domain::text::file_size;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use strum::{EnumString, IntoStaticStr};

/// Its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Step {
    Remove,
}

/// Irreversible by design.
pub const PLAN: [Planned<Step>; 1] = [touches(Step::Remove, "Remove the set-aside data")];

/// What it was asked for.
#[derive(Serialize, Deserialize)]
pub struct Params {
    /// The restore that set it aside.
    pub restore: JobId,
    /// Where it lies; of a job that an older console queued, it follows from the restore.
    #[serde(default)]
    pub directory: Option<String>,
}

impl Params {
    async fn remove(&self, cx: &StepContext, step: &str) -> Result<String> {
        let act = HelperCommand::RemoveAside { aside: directory_of(cx, self.restore, self.directory.as_deref()) };
        let output = on_live_data(cx, act, step).await?;
        // Last: what a failed removal leaves stays listed. An undo looks whether all of it is there.
        cx.state.store.delete_set_aside(self.restore).await?;
        let freed = parse_look(&output).map_or(0, |aside| aside.bytes);
        Ok(format!("{} are free again.", file_size(freed)))
    }
}

#[async_trait]
impl Job for Params {
    const KIND: JobKind = JobKind::RemoveSetAside;
    type Step = Step;

    fn plan(_saved: &str) -> &'static [Planned<Step>] {
        &PLAN
    }

    async fn act(&self, step: Step, direction: Direction, cx: &Arc<StepContext>) -> Result<String> {
        match (step, direction) {
            (Step::Remove, Direction::Run) => self.remove(cx, step.into()).await,
            (Step::Remove, Direction::Undo) => helpers::remove(cx, &["aside"], &[]).await.and_then(|()| nothing()),
        }
    }

    async fn outcome(&self, _work: &Arc<StepContext>) -> Result<Outcome> {
        Ok(Outcome::default())
    }
}
