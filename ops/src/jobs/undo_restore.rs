//! Brings back the data a restore set aside. Nothing is moved before all of it was seen to be there; the restored data
//! is itself set aside, as data of this job, so that nothing is deleted here and an undo can be taken back in the same
//! way.

use super::aside::{self, aside_name, directory_of, put_back};
use super::context::StepContext;
use super::job::{Direction, Planned, looks, nothing, touches};
use super::offline::{self, Stop};
use super::{helpers, server};
use crate::error::Result;
use crate::jobs::job::Job;
use crate::store::SetAsideRow;
use async_trait::async_trait;
use domain::database::DatabaseName;
use domain::helper::HelperCommand;
use domain::job::Kind as JobKind;
use domain::job::{JobId, Outcome};
use domain::set_aside::LastRun;
use domain::text::{file_size, plural};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use strum::{EnumString, IntoStaticStr};

/// Its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Step {
    Check,
    Stop,
    SetAside,
    BringBack,
    Start,
    Clean,
}

/// Its steps in their order.
pub const PLAN: [Planned<Step>; 6] = [
    looks(Step::Check, "Check that the set-aside data is complete"),
    touches(Step::Stop, "Stop Neo4j cleanly").begins_outage(),
    touches(Step::SetAside, "Set the restored data aside"),
    touches(Step::BringBack, "Bring the previous data back"),
    touches(Step::Start, "Start Neo4j").ends_outage(),
    looks(Step::Clean, "Count what Neo4j has now"),
];

/// What it was asked for.
#[derive(Serialize, Deserialize)]
pub struct Params {
    /// The restore that is undone, or the undo of one that is taken back.
    pub restore: JobId,
    pub databases: Vec<DatabaseName>,
    /// Where they lie; of a job that an older console queued, it follows from the restore.
    #[serde(default)]
    pub directory: Option<String>,
}

/// What the live server was seen to hold at the end.
#[derive(Serialize, Deserialize, Default)]
struct Saved {
    nodes: Option<u64>,
    relationships: Option<u64>,
}

impl Params {
    /// Of the previous data.
    fn directory(&self, cx: &StepContext) -> String {
        directory_of(cx, self.restore, self.directory.as_deref())
    }

    async fn set_aside_now(&self, cx: &StepContext, step: &str) -> Result<String> {
        aside::look(cx, &self.directory(cx), &self.databases, step).await?;
        let (aside, databases) = (aside_name(cx, cx.job), self.databases.clone());
        let act = HelperCommand::SetAside { aside, databases, note_absent: true };
        offline::run(cx, "aside", act, vec![], step).await?;
        Ok("Moved inside its own volume; nothing was deleted.".into())
    }

    async fn check(&self, cx: &StepContext) -> Result<String> {
        let row = cx.state.store.set_aside(self.restore, &cx.deployment.name).await?;
        let container = cx.container().await?;
        if let Some(last_run) = row.last_run {
            last_run.may_be_opened_by(&LastRun::of(&container))?;
        }
        offline::alone(cx, &container).await?;
        let looked = aside::look(cx, &self.directory(cx), &self.databases, "check").await?;
        Ok(format!("{} from before the restore.", file_size(looked.bytes)))
    }

    async fn bring_back(&self, cx: &StepContext, step: &str) -> Result<String> {
        let act = HelperCommand::BringBack { aside: self.directory(cx), databases: self.databases.clone() };
        offline::run(cx, "aside", act, vec![], step).await.map(|_| String::new())
    }

    /// Data of this server that lies aside: its Neo4j had both sides open.
    async fn row(&self, cx: &StepContext, job: JobId, directory: String) -> Result<SetAsideRow> {
        let last_run = aside::last_run(cx).await?;
        Ok(SetAsideRow { job, databases: self.databases.clone(), directory: Some(directory), last_run })
    }

    /// The counts are told, not compared: clients write already. One that cannot be had spoils nothing.
    async fn clean(&self, cx: &StepContext) -> Result<String> {
        let row = self.row(cx, cx.job, aside_name(cx, cx.job)).await?;
        aside::list_in_place_of(cx, &row, self.restore).await?;
        let kept = "The restored data is kept until you remove it.";
        match self.count(cx).await {
            Ok(saved) => {
                cx.save(&saved).await?;
                Ok(format!("{}. {kept}", plural(saved.nodes.unwrap_or_default(), "node", "nodes")))
            }
            Err(error) => {
                cx.log(Some(domain::text::Tone::Warn), &format!("What Neo4j has now could not be counted: {error}"))
                    .await;
                Ok(kept.into())
            }
        }
    }

    async fn count(&self, cx: &StepContext) -> Result<Saved> {
        let names: Vec<DatabaseName> =
            self.databases.iter().filter(|name| **name != DatabaseName::SYSTEM).cloned().collect();
        let (nodes, relationships) = server::count(cx, &names).await?;
        Ok(Saved { nodes: Some(nodes), relationships: Some(relationships) })
    }

    async fn keep_previous(&self, cx: &StepContext) -> Result<String> {
        let row = self.row(cx, self.restore, self.directory(cx)).await?;
        aside::list_in_place_of(cx, &row, cx.job).await.map(|()| String::new())
    }
}

#[async_trait]
impl Job for Params {
    const KIND: JobKind = JobKind::UndoRestore;
    type Step = Step;

    fn plan(_saved: &str) -> &'static [Planned<Step>] {
        &PLAN
    }

    async fn act(&self, step: Step, direction: Direction, cx: &Arc<StepContext>) -> Result<String> {
        match (step, direction) {
            (Step::Check, Direction::Run) => self.check(cx).await,
            (Step::Check, Direction::Undo) => helpers::remove(cx, &["aside"], &[]).await.and_then(|()| nothing()),
            (Step::Stop, Direction::Run) => offline::open(cx, Stop::Any).await,
            (Step::Stop, Direction::Undo) => offline::close(cx).await,
            (Step::SetAside, Direction::Run) => self.set_aside_now(cx, step.into()).await,
            (Step::SetAside, Direction::Undo) => {
                put_back(cx, &self.databases, aside::last_run(cx).await?, step.into()).await
            }
            (Step::BringBack, Direction::Run) => self.bring_back(cx, step.into()).await,
            (Step::BringBack, Direction::Undo) => {
                aside::take_away(cx, &self.directory(cx), &self.databases, step.into()).await
            }
            (Step::Start, Direction::Run) => offline::start(cx).await.map(server::answers),
            (Step::Start, Direction::Undo) => offline::open_again(cx).await.and_then(|()| nothing()),
            (Step::Clean, Direction::Run) => self.clean(cx).await,
            (Step::Clean, Direction::Undo) => self.keep_previous(cx).await,
        }
    }

    async fn outcome(&self, cx: &Arc<StepContext>) -> Result<Outcome> {
        let saved = cx.saved::<Saved>().await?;
        Ok(Outcome {
            nodes: saved.nodes,
            relationships: saved.relationships,
            offline_ms: cx.offline_ms().await?,
            ..Outcome::default()
        })
    }
}
