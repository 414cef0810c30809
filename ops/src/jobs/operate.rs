//! Start, stop and restart, with the clean-stop guard.

use super::Job;
use super::server::{self, start_and_wait, stop_cleanly};
use super::work::Work;
use crate::deployments::Operation;
use crate::error::Result;
use async_trait::async_trait;
use domain::job::{Kind, Outcome};
use domain::plan::Step;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const STOP_STEP: Step = Step { name: "stop", title: "Stop Neo4j cleanly", touches: true };
const START_STEP: Step = Step { name: "start", title: "Start Neo4j and wait until it answers", touches: true };

pub const START: [Step; 1] = [START_STEP];
pub const STOP: [Step; 1] = [STOP_STEP];
pub const RESTART: [Step; 2] = [STOP_STEP, START_STEP];

#[derive(Serialize, Deserialize)]
pub struct Params {}

pub const fn kind(operation: Operation) -> Kind {
    match operation {
        Operation::Start => Kind::Start,
        Operation::Stop => Kind::Stop,
        Operation::Restart => Kind::Restart,
    }
}

pub struct Start;
pub struct Stop;
pub struct Restart;

async fn run(step: &str, work: &Work) -> Result<String> {
    match step {
        "stop" => stop_cleanly(work).await,
        _ => Ok(match start_and_wait(work).await? {
            server::Answer::Works => "It answers over Bolt.".into(),
            server::Answer::RefusesCredentials => "It answers, but refuses the console's credentials.".into(),
        }),
    }
}

#[async_trait]
impl Job for Start {
    fn plan(&self) -> &'static [Step] {
        &START
    }
    async fn run(&self, step: &str, work: &Arc<Work>) -> Result<String> {
        run(step, work).await
    }
    /// A server that does not come up is left for people to look at; stopping it would hide its log's end.
    async fn undo(&self, _step: &str, _work: &Arc<Work>) -> Result<String> {
        Ok(String::new())
    }
    async fn outcome(&self, _work: &Arc<Work>) -> Result<Outcome> {
        Ok(Outcome::default())
    }
}

#[async_trait]
impl Job for Stop {
    fn plan(&self) -> &'static [Step] {
        &STOP
    }
    async fn run(&self, step: &str, work: &Arc<Work>) -> Result<String> {
        run(step, work).await
    }
    /// A stop that was unclean, or was cancelled, is taken back: the store recovers at the start.
    async fn undo(&self, _step: &str, work: &Arc<Work>) -> Result<String> {
        server::start_again(work).await
    }
    async fn outcome(&self, _work: &Arc<Work>) -> Result<Outcome> {
        Ok(Outcome::default())
    }
}

#[async_trait]
impl Job for Restart {
    fn plan(&self) -> &'static [Step] {
        &RESTART
    }
    async fn run(&self, step: &str, work: &Arc<Work>) -> Result<String> {
        run(step, work).await
    }
    async fn undo(&self, step: &str, work: &Arc<Work>) -> Result<String> {
        if step == "stop" { server::start_again(work).await } else { Ok(String::new()) }
    }
    async fn outcome(&self, _work: &Arc<Work>) -> Result<Outcome> {
        Ok(Outcome::default())
    }
}
