//! What a kind of job is: an enum of its steps, a plan, and for each step how it is run and undone.

use super::context::StepContext;
use crate::error::{Error, Result};
use async_trait::async_trait;
use domain::backup::BackupId;
use domain::job::{Kind, Outcome};
use domain::plan::{Outage, Step};
use domain::schedule::ScheduleName;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::str::FromStr;
use std::sync::Arc;

/// The steps of one kind of job, as an enum. Their names are stored with the marks of a job and must not change.
pub trait Steps: Copy + Send + Sync + FromStr + Into<&'static str> + 'static {}

impl<T: Copy + Send + Sync + FromStr + Into<&'static str> + 'static> Steps for T {}

/// A step at its place in a plan.
#[derive(Debug, Clone, Copy)]
pub struct Planned<S> {
    step: S,
    title: &'static str,
    touches: bool,
    outage: Option<Outage>,
}

/// A step that does not alter the deployment.
pub const fn looks<S: Copy>(step: S, title: &'static str) -> Planned<S> {
    Planned { step, title, touches: false, outage: None }
}

/// A step that alters the deployment: a failure after it is rolled back.
pub const fn touches<S: Copy>(step: S, title: &'static str) -> Planned<S> {
    Planned { step, title, touches: true, outage: None }
}

impl<S: Steps> Planned<S> {
    /// As it is stored with its marks.
    pub fn name(&self) -> &'static str {
        self.step.into()
    }
}

impl<S: Copy> Planned<S> {
    /// Neo4j does not answer from the start of this step on.
    pub const fn begins_outage(self) -> Self {
        Self { outage: Some(Outage::Begins), ..self }
    }

    /// Neo4j answers again at the end of this step.
    pub const fn ends_outage(self) -> Self {
        Self { outage: Some(Outage::Ends), ..self }
    }
}

/// What is done with a step. Each job says both side by side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Runs the step. It checks before it acts, because it may be repeated.
    Run,
    /// Undoes the step; safe if nothing was done.
    Undo,
}

/// For a step that has nothing to undo.
pub(super) fn nothing() -> Result<String> {
    Ok(String::new())
}

/// A kind of job, with its parameters. Every step may fail, be repeated, or be cut short by a crash after any mark.
#[async_trait]
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    const KIND: Kind;
    type Step: Steps;

    /// `saved`: what the steps of this job have saved so far; empty before the first one.
    fn plan(saved: &str) -> &'static [Planned<Self::Step>];
    /// Runs or undoes a step. Returns one sentence on what came of it; may be empty.
    async fn act(&self, step: Self::Step, direction: Direction, cx: &Arc<StepContext>) -> Result<String>;
    /// What the job says for itself once it has succeeded.
    async fn outcome(&self, cx: &Arc<StepContext>) -> Result<Outcome>;

    /// The backup it is about, for those who look for jobs of a backup.
    fn backup(&self) -> Option<&BackupId> {
        None
    }
    /// The schedule that asked for it.
    fn schedule(&self) -> Option<&ScheduleName> {
        None
    }
    /// The parameters without what must not outlive the job; none where there is nothing of the kind.
    fn without_secrets(&self) -> Option<Self> {
        None
    }
}

/// A job whose kind is known only at run time.
#[async_trait]
pub(crate) trait AnyJob: Send + Sync {
    async fn act(&self, step: &str, direction: Direction, cx: &Arc<StepContext>) -> Result<String>;
    async fn outcome(&self, cx: &Arc<StepContext>) -> Result<Outcome>;
    /// The stored parameters to replace those with secrets.
    fn without_secrets(&self) -> Result<Option<String>>;
}

#[async_trait]
impl<J: Job> AnyJob for J {
    async fn act(&self, step: &str, direction: Direction, cx: &Arc<StepContext>) -> Result<String> {
        Job::act(self, step_named::<J>(step)?, direction, cx).await
    }

    async fn outcome(&self, cx: &Arc<StepContext>) -> Result<Outcome> {
        Job::outcome(self, cx).await
    }

    fn without_secrets(&self) -> Result<Option<String>> {
        Ok(Job::without_secrets(self).map(|params| serde_json::to_string(&params)).transpose()?)
    }
}

fn step_named<J: Job>(name: &str) -> Result<J::Step> {
    name.parse().map_err(|_| Error::internal(format!("a job of the kind {} has no step {name}", J::KIND.as_str())))
}

/// The plan of a kind, by the names that are stored.
pub(crate) fn plan<J: Job>(saved: &str) -> Vec<Step> {
    let named = |planned: &Planned<J::Step>| Step {
        name: planned.name(),
        title: planned.title,
        touches: planned.touches,
        outage: planned.outage,
    };
    J::plan(saved).iter().map(named).collect()
}
