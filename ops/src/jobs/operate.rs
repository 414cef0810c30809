//! Start, stop and restart, with the clean-stop guard.

use super::job::{Job, Planned, touches};
use super::offline;
use super::server::{self, start_and_wait};
use super::work::Work;
use crate::error::Result;
use async_trait::async_trait;
use domain::job::{Kind, Outcome};
use domain::offline::Before;
use domain::storage;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use strum::{EnumString, IntoStaticStr};

#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Step {
    Stop,
    Start,
}

const STOP: Planned<Step> = touches(Step::Stop, "Stop Neo4j cleanly").begins_outage();
const START: Planned<Step> = touches(Step::Start, "Start Neo4j and wait until it answers");

#[derive(Serialize, Deserialize)]
pub struct Start {}

#[derive(Serialize, Deserialize)]
pub struct Stop {}

#[derive(Serialize, Deserialize)]
pub struct Restart {}

/// One that did not run well anyway need not end well.
async fn stop(work: &Work) -> Result<String> {
    let container = work.container().await?;
    server::may_be_stopped(&container)?;
    let before = Before::of(&container.run);
    if storage::data(&container).is_ok() {
        offline::note(work, &container).await?;
    }
    let stopped = server::stop(work).await?;
    match before {
        Before::Running => server::ended_cleanly(&stopped),
        Before::Restarting | Before::Stopped => Ok(server::ended(&stopped)),
    }
}

async fn start(work: &Work) -> Result<String> {
    Ok(match start_and_wait(work).await? {
        server::Answer::Works => "It answers over Bolt.".into(),
        server::Answer::RefusesCredentials => "It answers, but refuses the console's credentials.".into(),
    })
}

async fn run(step: Step, work: &Work) -> Result<String> {
    match step {
        Step::Stop => stop(work).await,
        Step::Start => start(work).await,
    }
}

#[async_trait]
impl Job for Start {
    const KIND: Kind = Kind::Start;
    type Step = Step;

    fn plan(_saved: &str) -> &'static [Planned<Step>] {
        const { &[START] }
    }
    async fn run(&self, step: Step, work: &Arc<Work>) -> Result<String> {
        run(step, work).await
    }
    /// A server that does not come up is left for people to look at; stopping it would hide its log's end.
    async fn undo(&self, _step: Step, _work: &Arc<Work>) -> Result<String> {
        Ok(String::new())
    }
    async fn outcome(&self, _work: &Arc<Work>) -> Result<Outcome> {
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
    async fn run(&self, step: Step, work: &Arc<Work>) -> Result<String> {
        run(step, work).await
    }
    /// A stop that was unclean, or was cancelled, is taken back: the store recovers at the start.
    async fn undo(&self, _step: Step, work: &Arc<Work>) -> Result<String> {
        offline::close(work).await
    }
    async fn outcome(&self, _work: &Arc<Work>) -> Result<Outcome> {
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
    async fn run(&self, step: Step, work: &Arc<Work>) -> Result<String> {
        run(step, work).await
    }
    async fn undo(&self, step: Step, work: &Arc<Work>) -> Result<String> {
        match step {
            Step::Stop => offline::close(work).await,
            Step::Start => Ok(String::new()),
        }
    }
    async fn outcome(&self, _work: &Arc<Work>) -> Result<Outcome> {
        Ok(Outcome::default())
    }
}
