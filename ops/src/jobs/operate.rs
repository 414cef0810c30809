//! Start, stop and restart, with the clean-stop guard.

use super::context::StepContext;
use super::job::{Direction, Job, Planned, nothing, touches};
use super::offline;
use super::server::{self, start_and_wait};
use crate::error::Result;
use async_trait::async_trait;
use domain::job::{Kind, Outcome};
use domain::offline::PriorState;
use domain::storage;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use strum::{EnumString, IntoStaticStr};

/// Its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Step {
    Stop,
    Start,
}

const STOP: Planned<Step> = touches(Step::Stop, "Stop Neo4j cleanly").begins_outage();
const START: Planned<Step> = touches(Step::Start, "Start Neo4j and wait until it answers");

/// Starts Neo4j.
#[derive(Serialize, Deserialize)]
pub struct Start {}

/// Stops Neo4j cleanly.
#[derive(Serialize, Deserialize)]
pub struct Stop {}

/// Stops Neo4j cleanly and starts it.
#[derive(Serialize, Deserialize)]
pub struct Restart {}

/// One that did not run well anyway need not end well.
async fn stop(cx: &StepContext) -> Result<String> {
    let container = cx.container().await?;
    server::may_be_stopped(&container)?;
    let before = PriorState::of(&container.run);
    if storage::data(&container).is_ok() {
        offline::note(cx, &container).await?;
    }
    let stopped = server::stop(cx).await?;
    match before {
        PriorState::Running => server::ended_cleanly(&stopped),
        PriorState::Restarting | PriorState::Stopped => Ok(server::ended(&stopped)),
    }
}

async fn start(cx: &StepContext) -> Result<String> {
    Ok(match start_and_wait(cx).await? {
        server::Answer::Works => "It answers over Bolt.".into(),
        server::Answer::RefusesCredentials => "It answers, but refuses the console's credentials.".into(),
    })
}

/// A stop that was unclean, or was cancelled, is taken back: the store recovers at the start. A server that does not
/// come up is left for people to look at: stopping it would hide the end of its log.
async fn act(step: Step, direction: Direction, cx: &StepContext) -> Result<String> {
    match (step, direction) {
        (Step::Stop, Direction::Run) => stop(cx).await,
        (Step::Stop, Direction::Undo) => offline::close(cx).await,
        (Step::Start, Direction::Run) => start(cx).await,
        (Step::Start, Direction::Undo) => nothing(),
    }
}

#[async_trait]
impl Job for Start {
    const KIND: Kind = Kind::Start;
    type Step = Step;

    fn plan(_saved: &str) -> &'static [Planned<Step>] {
        const { &[START] }
    }
    async fn act(&self, step: Step, direction: Direction, cx: &Arc<StepContext>) -> Result<String> {
        act(step, direction, cx).await
    }

    async fn outcome(&self, _work: &Arc<StepContext>) -> Result<Outcome> {
        Ok(Outcome::default())
    }
}

#[async_trait]
impl Job for Stop {
    const KIND: Kind = Kind::Stop;
    type Step = Step;

    fn plan(_saved: &str) -> &'static [Planned<Step>] {
        const { &[STOP] }
    }
    async fn act(&self, step: Step, direction: Direction, cx: &Arc<StepContext>) -> Result<String> {
        act(step, direction, cx).await
    }

    async fn outcome(&self, _work: &Arc<StepContext>) -> Result<Outcome> {
        Ok(Outcome::default())
    }
}

#[async_trait]
impl Job for Restart {
    const KIND: Kind = Kind::Restart;
    type Step = Step;

    fn plan(_saved: &str) -> &'static [Planned<Step>] {
        const { &[STOP, START.ends_outage()] }
    }
    async fn act(&self, step: Step, direction: Direction, cx: &Arc<StepContext>) -> Result<String> {
        act(step, direction, cx).await
    }

    async fn outcome(&self, _work: &Arc<StepContext>) -> Result<Outcome> {
        Ok(Outcome::default())
    }
}
