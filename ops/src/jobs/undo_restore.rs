//! Brings back the data a restore set aside. The restored data is itself set aside until the server answers.

use super::restore::aside_name;
use super::work::Work;
use super::{Job, helpers, server};
use crate::error::Result;
use async_trait::async_trait;
use domain::container::ContainerId;
use domain::helper::Act;
use domain::job::{JobId, Outcome};
use domain::plan::Step;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

pub const PLAN: [Step; 6] = [
    Step { name: "check", title: "Look whether the previous data is there", touches: false },
    Step { name: "stop", title: "Stop Neo4j cleanly", touches: true },
    Step { name: "set_aside", title: "Set the restored data aside", touches: true },
    Step { name: "bring_back", title: "Bring the previous data back", touches: true },
    Step { name: "start", title: "Start Neo4j", touches: true },
    Step { name: "clean", title: "Remove the restored data", touches: false },
];

#[derive(Serialize, Deserialize)]
pub struct Params {
    /// The restore that is undone.
    pub restore: JobId,
    pub databases: Vec<String>,
}

impl Params {
    fn own_aside(work: &Work) -> String {
        format!("undo-{}-{}", work.inner.instance, work.job)
    }

    async fn helper(&self, work: &Work, act: Act, step: &str) -> Result<String> {
        let container = work.container().await?;
        helpers::run_once(work, "aside", &container.image_id, act, vec![helpers::live_data(&container)?], step).await
    }

    fn set_aside(&self, aside: String) -> Act {
        Act::SetAside { aside, databases: self.databases.clone() }
    }

    fn put_back(&self, aside: String) -> Act {
        Act::PutBack { aside, databases: self.databases.clone() }
    }

    /// The wish is fulfilled; what is left over costs only space.
    async fn clean(&self, work: &Work) -> Result<String> {
        work.inner.store.delete_set_aside(self.restore).await?;
        if let Err(error) = self.helper(work, Act::RemoveAside { aside: Self::own_aside(work) }, "clean").await {
            work.log(Some(domain::text::Tone::Warn), &format!("The restored data could not be removed from the volume: {error}")).await;
        }
        Ok(String::new())
    }
}

#[async_trait]
impl Job for Params {
    fn plan(&self) -> &'static [Step] {
        &PLAN
    }

    async fn run(&self, step: &str, work: &Arc<Work>) -> Result<String> {
        match step {
            "check" => {
                work.inner.store.set_aside(self.restore, &work.deployment.name).await?;
                helpers::live_data(&work.container().await?)?;
                Ok(String::new())
            }
            "stop" => server::stop_cleanly(work).await,
            "set_aside" => self.helper(work, self.set_aside(Self::own_aside(work)), step).await.map(|_| String::new()),
            "bring_back" => self.helper(work, self.put_back(aside_name(work, self.restore)), step).await.map(|_| String::new()),
            "start" => server::start_again(work).await,
            _ => self.clean(work).await,
        }
    }

    async fn undo(&self, step: &str, work: &Arc<Work>) -> Result<String> {
        match step {
            "stop" => server::start_again(work).await,
            "set_aside" => self.helper(work, self.put_back(Self::own_aside(work)), step).await.map(|_| "The restored data is in place again.".into()),
            "bring_back" => self.helper(work, self.set_aside(aside_name(work, self.restore)), step).await.map(|_| String::new()),
            "start" => server::stop_anyhow(work, &ContainerId(work.deployment.container.clone())).await.map(|()| String::new()),
            _ => Ok(String::new()),
        }
    }

    async fn outcome(&self, work: &Arc<Work>) -> Result<Outcome> {
        Ok(Outcome { offline_ms: work.offline_ms().await?, ..Outcome::default() })
    }
}
