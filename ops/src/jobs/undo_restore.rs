//! Brings back the data a restore set aside. Nothing is moved before all of it was seen to be there; the restored data is itself set
//! aside, as data of this job, so that nothing is deleted here and an undo can be taken back in the same way.

use super::job::{Planned, looks, touches};
use super::offline::{self, Stop};
use super::restore::{aside_name, directory_of, put_back};
use super::work::Work;
use super::{helpers, server};
use crate::error::{Error, Result};
use crate::jobs::job::Job;
use crate::store::SetAsideRow;
use async_trait::async_trait;
use domain::Problem;
use domain::database::DatabaseName;
use domain::helper::{Act, parse_look};
use domain::job::Kind as JobKind;
use domain::job::{JobId, Outcome};
use domain::problem::ProblemKind;
use domain::text::{file_size, plural};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use strum::{EnumString, IntoStaticStr};

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

pub const PLAN: [Planned<Step>; 6] = [
    looks(Step::Check, "Look whether the previous data is there"),
    touches(Step::Stop, "Stop Neo4j cleanly").begins_outage(),
    touches(Step::SetAside, "Set the restored data aside"),
    touches(Step::BringBack, "Bring the previous data back"),
    touches(Step::Start, "Start Neo4j").ends_outage(),
    looks(Step::Clean, "Count what Neo4j has now"),
];

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
struct Notes {
    nodes: Option<u64>,
    relationships: Option<u64>,
}

impl Params {
    /// Of the previous data.
    fn directory(&self, work: &Work) -> String {
        directory_of(work, self.restore, self.directory.as_deref())
    }

    fn set_aside(&self, aside: String, note_absent: bool) -> Act {
        Act::SetAside { aside, databases: self.databases.clone(), note_absent }
    }

    /// That all of it is there; its bytes.
    async fn look(&self, work: &Work, step: &str) -> Result<u64> {
        let container = work.container().await?;
        let act = Act::LookAside { aside: self.directory(work), databases: self.databases.clone() };
        let output = helpers::run_once(work, "aside", helpers::like(&container)?, act, vec![helpers::live_data(&container)?], step).await?;
        let aside = parse_look(&output).ok_or_else(|| Error::conflict("What is set aside could not be read."))?;
        if aside.missing.is_empty() {
            return Ok(aside.bytes);
        }
        Err(Problem::new(ProblemKind::Conflict, "The data from before the restore is not in the volume any more.")
            .means(format!("Missing: {}. It was removed, or the server has another volume now. Nothing was moved.", aside.missing.join(", ")))
            .todo("Restore a backup instead.")
            .into())
    }

    async fn set_aside_now(&self, work: &Work, step: &str) -> Result<String> {
        self.look(work, step).await?;
        offline::run(work, "aside", self.set_aside(aside_name(work, work.job), true), vec![], step).await?;
        Ok("Moved inside its own volume; nothing was deleted.".into())
    }

    async fn bring_back(&self, work: &Work, step: &str) -> Result<String> {
        let act = Act::BringBack { aside: self.directory(work), databases: self.databases.clone() };
        offline::run(work, "aside", act, vec![], step).await.map(|_| String::new())
    }

    /// The counts are told, not compared: clients write already. One that cannot be had spoils nothing.
    async fn clean(&self, work: &Work) -> Result<String> {
        let (store, now) = (&work.inner.store, work.inner.ports.clock.now());
        let row = SetAsideRow { job: work.job, databases: self.databases.clone(), directory: Some(aside_name(work, work.job)) };
        store.insert_set_aside(&row, &work.deployment.name, now).await?;
        store.delete_set_aside(self.restore).await?;
        let kept = "The restored data is kept until you remove it.";
        match self.count(work).await {
            Ok(notes) => {
                work.keep(&notes).await?;
                Ok(format!("{}. {kept}", plural(notes.nodes.unwrap_or_default(), "node", "nodes")))
            }
            Err(error) => {
                work.log(Some(domain::text::Tone::Warn), &format!("What Neo4j has now could not be counted: {error}")).await;
                Ok(kept.into())
            }
        }
    }

    async fn count(&self, work: &Work) -> Result<Notes> {
        let names: Vec<DatabaseName> = self.databases.iter().filter(|name| **name != DatabaseName::SYSTEM).cloned().collect();
        let (nodes, relationships) = server::count(work, &names).await?;
        Ok(Notes { nodes: Some(nodes), relationships: Some(relationships) })
    }

    async fn keep_previous(&self, work: &Work) -> Result<String> {
        let (store, now) = (&work.inner.store, work.inner.ports.clock.now());
        let row = SetAsideRow { job: self.restore, databases: self.databases.clone(), directory: Some(self.directory(work)) };
        store.insert_set_aside(&row, &work.deployment.name, now).await?;
        store.delete_set_aside(work.job).await.map(|()| String::new())
    }
}

#[async_trait]
impl Job for Params {
    const KIND: JobKind = JobKind::UndoRestore;
    type Step = Step;

    fn plan(_saved: &str) -> &'static [Planned<Step>] {
        &PLAN
    }

    async fn run(&self, step: Step, work: &Arc<Work>) -> Result<String> {
        match step {
            Step::Check => {
                work.inner.store.set_aside(self.restore, &work.deployment.name).await?;
                offline::alone(work, &work.container().await?).await?;
                Ok(format!("{} from before the restore.", file_size(self.look(work, step.into()).await?)))
            }
            Step::Stop => offline::open(work, Stop::Any).await,
            Step::SetAside => self.set_aside_now(work, step.into()).await,
            Step::BringBack => self.bring_back(work, step.into()).await,
            Step::Start => offline::start(work).await.map(server::answers),
            Step::Clean => self.clean(work).await,
        }
    }

    async fn undo(&self, step: Step, work: &Arc<Work>) -> Result<String> {
        match step {
            Step::Check => helpers::remove(work, &["aside"], &[]).await.map(|()| String::new()),
            Step::Stop => offline::close(work).await,
            Step::SetAside => put_back(work, &self.databases, step.into()).await,
            Step::BringBack => offline::run_back(work, "aside", |_| self.set_aside(self.directory(work), false), step.into()).await.map(|_| String::new()),
            Step::Start => offline::open_again(work).await.map(|()| String::new()),
            Step::Clean => self.keep_previous(work).await,
        }
    }

    async fn outcome(&self, work: &Arc<Work>) -> Result<Outcome> {
        let notes = work.kept::<Notes>().await?;
        Ok(Outcome { nodes: notes.nodes, relationships: notes.relationships, offline_ms: work.offline_ms().await?, ..Outcome::default() })
    }
}
