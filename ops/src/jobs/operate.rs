//! Start, stop and restart, with the clean-stop guard.

use super::offline;
use super::server::{self, start_and_wait};
use super::work::Work;
use crate::error::Result;
use crate::jobs::job::Job;
use async_trait::async_trait;
use domain::job::Outcome;
use domain::offline::Before;
use domain::plan::Step;
use domain::storage;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const STOP_STEP: Step = Step { name: "stop", title: "Stop Neo4j cleanly", touches: true };
const START_STEP: Step = Step { name: "start", title: "Start Neo4j and wait until it answers", touches: true };

pub const START: [Step; 1] = [START_STEP];
pub const STOP: [Step; 1] = [STOP_STEP];
pub const RESTART: [Step; 2] = [STOP_STEP, START_STEP];

#[derive(Serialize, Deserialize)]
pub struct Params {}

pub struct Start;
pub struct Stop;
pub struct Restart;

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

async fn run(step: &str, work: &Work) -> Result<String> {
    match step {
        "stop" => stop(work).await,
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
        offline::close(work).await
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
        if step == "stop" { offline::close(work).await } else { Ok(String::new()) }
    }
    async fn outcome(&self, _work: &Arc<Work>) -> Result<Outcome> {
        Ok(Outcome::default())
    }
}
