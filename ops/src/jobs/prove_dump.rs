//! The proof of an uploaded dump: a bare dump says nothing of what is in it, so it is loaded into a scratch server without a
//! network, checked and counted there. What was counted becomes its manifest; from then on it is a backup as any other.

use super::job::{Planned, looks};
use super::proof;
use super::restore::{self, HELPERS, VOLUMES};
use super::work::Work;
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

pub const PLAN: [Planned<Step>; 7] = [
    looks(Step::Check, "Check the host has room for a copy"),
    looks(Step::Fetch, "Bring the dump to the Docker host"),
    looks(Step::Candidate, "Load it into a scratch server"),
    looks(Step::Consistency, "Check the copy for damage"),
    looks(Step::Prove, "Start the copy and count what is in it"),
    looks(Step::Write, "Write down what it holds and read it back"),
    looks(Step::Clean, "Clean up"),
];

#[derive(Serialize, Deserialize)]
pub struct Params {
    /// Written down with the dump as its one part and nothing counted yet.
    pub backup: BackupId,
}

#[derive(Serialize, Deserialize, Default)]
struct Notes {
    #[serde(default)]
    found: Vec<Content>,
    #[serde(default)]
    proof: Option<Proof>,
}

impl Params {
    fn rehearsal(&self) -> restore::Params {
        restore::Params { backup: self.backup.clone(), include_users: false, prefer_remote: false, sealed_identity: None, volume: None }
    }

    async fn manifest(&self, work: &Work) -> Result<Manifest> {
        Ok(work.inner.store.backup(&self.backup).await?.manifest)
    }

    async fn check(&self, work: &Work) -> Result<String> {
        let container = work.container().await?;
        let found = drill::Found::on_host(work.inner.ports.engine.as_ref(), &container, &self.manifest(work).await?).await?;
        found.shortage().map_or_else(|| Ok(String::new()), |problem| Err(problem.into()))
    }

    async fn prove(&self, work: &Work) -> Result<String> {
        let names: Vec<DatabaseName> = self.manifest(work).await?.databases.into_iter().map(|d| d.database).collect();
        let loaded = restore::loaded(work).await?;
        let (proof, says) = proof::of_copy(work, self.rehearsal().copy(work), &names, loaded).await?;
        work.keep(&Notes { found: proof.databases.clone(), proof: Some(proof) }).await?;
        Ok(says)
    }

    /// Made once more after a crash: the same text, so the same bundle.
    async fn write(&self, work: &Arc<Work>) -> Result<String> {
        let (local, before) = (TargetName::local(), self.manifest(work).await?);
        let volume = helpers::live_data(&work.container().await?)?.source;
        let notes = work.kept::<Notes>().await?;
        let mut manifest = Manifest { databases: notes.found, ..before };
        manifest.parts.retain(|part| part.name != GUIDE);
        let guide = bundle::guide(&manifest, &volume, false);
        manifest.parts.push(copies::put_part(work, &local, &manifest.id, GUIDE, Source::Text(&guide)).await?);
        copies::put_part(work, &local, &manifest.id, SUMS, Source::Text(&bundle::sums(&manifest.parts))).await?;
        let text = serde_json::to_string_pretty(&manifest)?;
        let written = copies::put_part(work, &local, &manifest.id, MANIFEST, Source::Text(&text)).await?;
        if let Some((_, why)) = copies::damage(work, &local, &manifest, None, "write").await? {
            return Err(Error::conflict(why));
        }
        let store = &work.inner.store;
        store.replace_backup(&manifest, &written.sha256, work.inner.ports.clock.now()).await?;
        if let Some(proof) = &notes.proof {
            store.set_proof(&manifest.id, proof).await?;
        }
        copies::note(work, &manifest, &local, None, None).await?;
        Ok("Read back, every sha256 equal, the dump unpacks to its end.".into())
    }

    /// A dump that does not load, is damaged or does not start is broken, and says so in the list; where Docker or the host failed, it
    /// is as unread as before.
    async fn judged(&self, work: &Work, done: Result<String>) -> Result<String> {
        let Err(error) = &done else { return done };
        let problem = error.problem();
        if problem.kind == ProblemKind::Conflict {
            let found = Some((CopyState::Failed, format!("{} {}", problem.title, problem.means)));
            let noted = async { copies::note(work, &self.manifest(work).await?, &TargetName::local(), None, found).await };
            if let Err(lost) = noted.await {
                work.log(Some(Tone::Warn), &format!("That the dump is broken could not be written down: {lost}")).await;
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

    async fn run(&self, step: Step, work: &Arc<Work>) -> Result<String> {
        match step {
            Step::Check => self.check(work).await,
            Step::Write => self.write(work).await,
            Step::Clean => {
                helpers::remove_or_leave(work, &HELPERS, &VOLUMES).await;
                Ok(String::new())
            }
            Step::Prove => self.judged(work, self.prove(work).await).await,
            Step::Fetch => self.judged(work, self.rehearsal().run(restore::Step::Fetch, work).await).await,
            Step::Candidate => self.judged(work, self.rehearsal().run(restore::Step::Candidate, work).await).await,
            Step::Consistency => self.judged(work, self.rehearsal().run(restore::Step::Consistency, work).await).await,
        }
    }

    /// The uploaded file stays: reading the backup back proves it again.
    async fn undo(&self, step: Step, work: &Arc<Work>) -> Result<String> {
        match step {
            Step::Check | Step::Write | Step::Clean => Ok(String::new()),
            Step::Fetch => self.rehearsal().undo(restore::Step::Fetch, work).await,
            Step::Candidate => self.rehearsal().undo(restore::Step::Candidate, work).await,
            Step::Consistency => self.rehearsal().undo(restore::Step::Consistency, work).await,
            Step::Prove => self.rehearsal().undo(restore::Step::Prove, work).await,
        }
    }

    async fn outcome(&self, work: &Arc<Work>) -> Result<Outcome> {
        let proof = work.kept::<Notes>().await?.proof;
        let (nodes, relationships) = (proof.as_ref().map(Proof::nodes), proof.as_ref().map(Proof::relationships));
        Ok(Outcome { nodes, relationships, ..self.rehearsal().outcome(work).await? })
    }

    fn backup(&self) -> Option<&BackupId> {
        Some(&self.backup)
    }
}
