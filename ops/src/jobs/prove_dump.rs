//! The proof of an uploaded dump: a bare dump says nothing of what is in it, so it is loaded into a scratch server
//! without a network, checked and counted there. What was counted becomes its manifest; from then on it is a backup as
//! any other.

use super::context::StepContext;
use super::job::{Direction, Planned, looks, nothing};
use super::proof::Copy;
use super::restore::{self, HELPERS, VOLUMES};
use super::{copies, drill, helpers};
use crate::engine::bundle::{self, GUIDE, MANIFEST, SUMS};
use crate::error::{Error, Result};
use crate::jobs::job::Job;
use async_trait::async_trait;
use copies::Source;
use domain::backup::{BackupId, Content, Manifest, Proof};
use domain::database::DatabaseName;
use domain::job::Kind as JobKind;
use domain::job::Outcome;
use domain::problem::ProblemKind;
use domain::target::{CopyState, TargetName};
use domain::text::Tone;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use strum::{EnumString, IntoStaticStr};

/// Its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Step {
    Check,
    Fetch,
    Candidate,
    Consistency,
    Prove,
    Write,
    Clean,
}

/// Its steps in their order.
pub const PLAN: [Planned<Step>; 7] = [
    looks(Step::Check, "Check free space for a copy"),
    looks(Step::Fetch, "Copy the dump to the Docker host"),
    looks(Step::Candidate, "Load it into a scratch server"),
    looks(Step::Consistency, "Check the copy for damage"),
    looks(Step::Prove, "Start the copy and count what is in it"),
    looks(Step::Write, "Write down what it holds and read it back"),
    looks(Step::Clean, "Clean up"),
];

/// What it was asked for.
#[derive(Serialize, Deserialize)]
pub struct Params {
    /// Written down with the dump as its one part and nothing counted yet.
    pub backup: BackupId,
}

#[derive(Serialize, Deserialize, Default)]
struct Saved {
    #[serde(default)]
    found: Vec<Content>,
    #[serde(default)]
    proof: Option<Proof>,
}

impl Params {
    fn rehearsal(&self) -> restore::Params {
        restore::Params {
            backup: self.backup.clone(),
            include_users: false,
            prefer_remote: false,
            sealed_identity: None,
            volume: None,
            trial: None,
        }
    }

    async fn manifest(&self, cx: &StepContext) -> Result<Manifest> {
        Ok(cx.state.store.backup(&self.backup).await?.manifest)
    }

    async fn check(&self, cx: &StepContext) -> Result<String> {
        let container = cx.container().await?;
        let found = drill::HostResources::on_host(cx.engine.as_ref(), &container, &self.manifest(cx).await?).await?;
        found.shortage().map_or_else(|| Ok(String::new()), |problem| Err(problem.into()))
    }

    async fn prove(&self, cx: &StepContext) -> Result<String> {
        let names: Vec<DatabaseName> = self.manifest(cx).await?.databases.into_iter().map(|d| d.database).collect();
        let loaded = restore::loaded(cx).await?;
        let (image, data) = (cx.container().await?.image_id, self.rehearsal().copy(cx));
        let copy = Copy { image: &image, data, databases: &names, transactions: loaded, trial: None };
        let (proof, says, _) = copy.count(cx).await?;
        cx.save(&Saved { found: proof.databases.clone(), proof: Some(proof) }).await?;
        Ok(says)
    }

    /// Made once more after a crash: the same text, so the same bundle.
    async fn write(&self, cx: &Arc<StepContext>) -> Result<String> {
        let (local, before) = (TargetName::local(), self.manifest(cx).await?);
        let volume = helpers::live_data(&cx.container().await?)?.source;
        let saved = cx.saved::<Saved>().await?;
        let mut manifest = Manifest { databases: saved.found, ..before };
        manifest.parts.retain(|part| part.name != GUIDE);
        let guide = bundle::guide(&manifest, &volume, false);
        manifest.parts.push(copies::put_part(cx, &local, &manifest.id, GUIDE, Source::Text(&guide)).await?);
        copies::put_part(cx, &local, &manifest.id, SUMS, Source::Text(&bundle::sums(&manifest.parts))).await?;
        let text = serde_json::to_string_pretty(&manifest)?;
        let written = copies::put_part(cx, &local, &manifest.id, MANIFEST, Source::Text(&text)).await?;
        if let Some((_, why)) = copies::damage(cx, &local, &manifest, None, "write").await? {
            return Err(Error::conflict(why));
        }
        let store = &cx.state.store;
        store.replace_backup(&manifest, &written.sha256, cx.state.ports.clock.now()).await?;
        if let Some(proof) = &saved.proof {
            store.set_proof(&manifest.id, proof).await?;
        }
        copies::note(cx, &manifest, &local, None, None).await?;
        Ok("Read back, every sha256 equal, the dump unpacks to its end.".into())
    }

    /// A dump that does not load, is damaged or does not start is broken, and says so in the list; where Docker or the
    /// host failed, it is as unread as before.
    async fn judged(&self, cx: &StepContext, done: Result<String>) -> Result<String> {
        let Err(error) = &done else { return done };
        let problem = error.problem();
        if problem.kind == ProblemKind::Conflict {
            let found = Some((CopyState::Failed, format!("{} {}", problem.title, problem.means)));
            let noted = async { copies::note(cx, &self.manifest(cx).await?, &TargetName::local(), None, found).await };
            if let Err(lost) = noted.await {
                cx.log(Some(Tone::Warn), &format!("That the dump is broken could not be written down: {lost}")).await;
            }
        }
        done
    }
}

#[async_trait]
impl Job for Params {
    const KIND: JobKind = JobKind::ProveDump;
    type Step = Step;

    fn plan(_saved: &str) -> &'static [Planned<Step>] {
        &PLAN
    }

    async fn act(&self, step: Step, direction: Direction, cx: &Arc<StepContext>) -> Result<String> {
        let rehearsal = self.rehearsal();
        match (step, direction) {
            (Step::Check, Direction::Run) => self.check(cx).await,
            (Step::Check, Direction::Undo) => nothing(),
            (Step::Fetch, Direction::Run) => {
                self.judged(cx, rehearsal.act(restore::Step::Fetch, direction, cx).await).await
            }
            (Step::Fetch, Direction::Undo) => rehearsal.act(restore::Step::Fetch, direction, cx).await,
            (Step::Candidate, Direction::Run) => {
                self.judged(cx, rehearsal.act(restore::Step::Candidate, direction, cx).await).await
            }
            (Step::Candidate, Direction::Undo) => rehearsal.act(restore::Step::Candidate, direction, cx).await,
            (Step::Consistency, Direction::Run) => {
                self.judged(cx, rehearsal.act(restore::Step::Consistency, direction, cx).await).await
            }
            (Step::Consistency, Direction::Undo) => rehearsal.act(restore::Step::Consistency, direction, cx).await,
            (Step::Prove, Direction::Run) => self.judged(cx, self.prove(cx).await).await,
            (Step::Prove, Direction::Undo) => rehearsal.act(restore::Step::Prove, direction, cx).await,
            // The uploaded file stays: reading the backup back proves it again.
            (Step::Write, Direction::Run) => self.write(cx).await,
            (Step::Write, Direction::Undo) => nothing(),
            (Step::Clean, Direction::Run) => {
                helpers::remove_or_leave(cx, &HELPERS, &VOLUMES).await;
                nothing()
            }
            (Step::Clean, Direction::Undo) => nothing(),
        }
    }

    async fn outcome(&self, cx: &Arc<StepContext>) -> Result<Outcome> {
        let proof = cx.saved::<Saved>().await?.proof;
        let (nodes, relationships) = (proof.as_ref().map(Proof::nodes), proof.as_ref().map(Proof::relationships));
        Ok(Outcome { nodes, relationships, ..self.rehearsal().outcome(cx).await? })
    }

    fn backup(&self) -> Option<&BackupId> {
        Some(&self.backup)
    }
}
