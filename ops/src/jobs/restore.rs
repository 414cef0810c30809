//! The restore job. Nothing live is touched before a candidate was loaded, checked and counted. Then: clean stop → the
//! live directories are set aside inside their volume (a rename) → load → start → count again. On any failure the
//! set-aside data is back.

use super::aside::{self, aside_name, put_back};
use super::context::StepContext;
use super::job::{Direction, Planned, looks, nothing, touches};
use super::offline::{self, Stop};
use super::proof::{self, Copy};
use super::restore_check as check;
use super::trial::Trial;
use super::{copies, helpers, server};
use crate::engine::bundle;
use crate::engine::encryption::Keys;
use crate::error::{Error, Result};
use crate::jobs::job::Job;
use crate::store::SetAsideRow;
use async_trait::async_trait;
use domain::Problem;
use domain::backup::{BackupId, Manifest, other_transactions};
use domain::container::{ImageId, VolumeName};
use domain::database::DatabaseName;
use domain::encryption::Identity;
use domain::helper::{DATA, DUMPS, HelperCommand, parse_info};
use domain::job::Kind as JobKind;
use domain::job::{Client, Outcome};
use domain::problem::ProblemKind;
use domain::target::TargetName;
use domain::text::{Tone, plural};
use ports::HelperMount;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use strum::{EnumString, IntoStaticStr};

/// Its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Step {
    Check,
    Read,
    Fetch,
    Candidate,
    Consistency,
    Prove,
    Stop,
    SetAside,
    Load,
    Start,
    Verify,
    Clean,
}

/// Its steps in their order.
pub const PLAN: [Planned<Step>; 12] = [
    looks(Step::Check, "Check the backup and the server"),
    looks(Step::Read, "Read the backup and compare every sha256"),
    looks(Step::Fetch, "Copy the dumps to the Docker host"),
    looks(Step::Candidate, "Load them into a copy beside the live data"),
    looks(Step::Consistency, "Check the copy for damage"),
    looks(Step::Prove, "Start the copy and count what is in it"),
    touches(Step::Stop, "Stop Neo4j cleanly").begins_outage(),
    touches(Step::SetAside, "Set the current data aside"),
    touches(Step::Load, "Load the backup"),
    touches(Step::Start, "Start Neo4j").ends_outage(),
    looks(Step::Verify, "Count what Neo4j has now"),
    looks(Step::Clean, "Clean up"),
];

pub(super) const HELPERS: [&str; 8] =
    ["hold", "candidate-load", "check", "serve", "aside", "load", "measure", "access"];
pub(super) const VOLUMES: [&str; 2] = ["candidate", "staging"];

/// What it was asked for.
#[derive(Serialize, Deserialize)]
pub struct Params {
    pub backup: BackupId,
    /// Load `system` too: Neo4j's users and passwords become those of the backup.
    pub include_users: bool,
    /// From a remote target where there is a whole copy, as a drill does; else from the nearest.
    #[serde(default)]
    pub prefer_remote: bool,
    /// Of encrypted copies. Sealed with the console's key, and gone from the row with the job's end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_identity: Option<String>,
    /// Where the copy is loaded: a volume that somebody else made and removes; else one of the job's own.
    #[serde(skip)]
    pub volume: Option<VolumeName>,
    /// Another image that loads, starts and checks the copy; else it is the deployment's own.
    #[serde(skip)]
    pub trial: Option<Trial>,
}

#[derive(Serialize, Deserialize, Default)]
struct Saved {
    /// The target it is read from.
    #[serde(default)]
    from: Option<TargetName>,
    credentials_work: Option<bool>,
    /// The last transaction of each database of the copy, as it was loaded.
    #[serde(default)]
    loaded: BTreeMap<String, u64>,
    /// As counted on the copy.
    #[serde(default)]
    nodes: Option<u64>,
    #[serde(default)]
    relationships: Option<u64>,
    /// Clients that were connected before the stop.
    #[serde(default)]
    clients: Vec<Client>,
}

/// The last transaction of each database of the copy, as it was loaded.
pub(super) async fn loaded(cx: &StepContext) -> Result<BTreeMap<String, u64>> {
    Ok(cx.saved::<Saved>().await?.loaded)
}

/// What the seal of an identity is bound to.
pub fn identity_about(backup: &BackupId) -> String {
    format!("identity to {backup}")
}

impl Params {
    /// The copy, as the data of a helper.
    pub(super) fn copy(&self, cx: &StepContext) -> HelperMount {
        let source = self.volume.as_ref().map_or_else(|| cx.name("candidate"), |volume| volume.0.clone());
        HelperMount { source, at: DATA.into(), writable: true }
    }

    async fn image(&self, cx: &StepContext) -> Result<ImageId> {
        match &self.trial {
            Some(trial) => Ok(trial.image.clone()),
            None => Ok(cx.container().await?.image_id),
        }
    }

    async fn manifest(&self, cx: &StepContext) -> Result<Manifest> {
        Ok(cx.state.store.backup(&self.backup).await?.manifest)
    }

    fn databases(&self, manifest: &Manifest) -> Vec<DatabaseName> {
        let system = (self.include_users && manifest.has_users()).then(DatabaseName::system);
        manifest.databases.iter().map(|d| d.database.clone()).chain(system).collect()
    }

    /// To the copies that are encrypted, when an identity was given.
    fn keys(&self, cx: &StepContext) -> Result<Option<Keys>> {
        let Some(sealed) = &self.sealed_identity else { return Ok(None) };
        let identity = Identity::parse(&cx.state.seal.open(&identity_about(&self.backup), sealed)?)?;
        Ok(identity.as_ref().map(Keys::of).transpose()?)
    }

    async fn check(&self, cx: &Arc<StepContext>) -> Result<String> {
        let container = cx.container().await?;
        offline::alone(cx, &container).await?;
        helpers::test_access(cx, &container, Vec::new(), "check").await?;
        check::gates_now(cx, &self.backup, self.sealed_identity.is_some()).await
    }

    async fn stop(&self, cx: &StepContext) -> Result<String> {
        self.note_clients(cx).await?;
        offline::open(cx, Stop::Any).await
    }

    /// From the first target whose copy is whole; a copy that is not is marked, for everybody to see.
    async fn read(&self, cx: &Arc<StepContext>) -> Result<String> {
        let manifest = self.manifest(cx).await?;
        let from = copies::whole_copy(cx, &manifest, "read", self.prefer_remote, self.keys(cx)?.as_ref()).await?;
        let says = format!("Every part on {from} is as it was when the backup was made.");
        cx.save(&Saved { from: Some(from), ..Saved::default() }).await?;
        Ok(says)
    }

    async fn fetch(&self, cx: &Arc<StepContext>) -> Result<String> {
        let manifest = self.manifest(cx).await?;
        let container = cx.container().await?;
        let from = cx.saved::<Saved>().await?.from.unwrap_or_else(TargetName::local);
        let (engine, keys) = (&cx.engine, self.keys(cx)?);
        engine.create_volume(&cx.volume("staging"), &cx.labels()).await?;
        let hold =
            helpers::create(cx, "hold", &container.image_id, HelperCommand::Hold, vec![helpers::staging(cx)]).await?;
        engine.make_directory(&hold, DUMPS).await?;
        let counter = cx.byte_counter("fetch", manifest.dump_bytes(), "copied");
        for database in self.databases(&manifest) {
            let part = manifest
                .dump_of(&database)
                .ok_or_else(|| Error::conflict(format!("The bundle has no dump of {database}.")))?;
            let content = copies::read_part(cx, &from, &manifest, part, keys.as_ref()).await?;
            let (content, reading) = bundle::metered(content, counter.clone());
            engine.write_file(&hold, &format!("{DUMPS}/{database}.dump"), part.bytes, content).await?;
            if reading.finish().1 != part.sha256 {
                return Err(Error::conflict(format!("{} changed while it was copied.", part.name)));
            }
        }
        engine.remove_helper(&cx.name("hold")).await?;
        Ok(String::new())
    }

    async fn candidate(&self, cx: &StepContext) -> Result<String> {
        let manifest = self.manifest(cx).await?;
        let image = self.image(cx).await?;
        if self.volume.is_none() {
            cx.engine.create_volume(&cx.volume("candidate"), &cx.labels()).await?;
        }
        let mounts = vec![self.copy(cx), helpers::staging(cx)];
        let act = HelperCommand::Load { databases: self.databases(&manifest) };
        let output = helpers::run_once(cx, "candidate-load", &image, act, mounts, "candidate").await?;
        cx.save(&Saved { loaded: parse_info(&output), ..cx.saved().await? }).await?;
        Ok(String::new())
    }

    async fn consistency(&self, cx: &StepContext) -> Result<String> {
        let manifest = self.manifest(cx).await?;
        let image = self.image(cx).await?;
        let act = HelperCommand::Check { databases: self.databases(&manifest) };
        helpers::run_once(cx, "check", &image, act, vec![self.copy(cx)], "consistency").await?;
        Ok("No inconsistencies.".into())
    }

    async fn prove(&self, cx: &StepContext) -> Result<String> {
        let row = cx.state.store.backup(&self.backup).await?;
        let names: Vec<DatabaseName> = row.manifest.databases.iter().map(|d| d.database.clone()).collect();
        let saved = cx.saved::<Saved>().await?;
        let image = self.image(cx).await?;
        let (transactions, trial) = (saved.loaded.clone(), self.trial.as_ref());
        let copy = Copy { image: &image, data: self.copy(cx), databases: &names, transactions, trial };
        let (proof, holds, found) = copy.count(cx).await?;
        let mut says = proof::judge(&row, &proof, &holds)?;
        if let (Some(trial), Some(database)) = (trial, names.first()) {
            says = format!("{says} {}", trial.compare(cx, database, &found).await);
        }
        if row.proof.is_none() {
            cx.state.store.set_proof(&self.backup, &proof).await?;
        }
        cx.save(&Saved { nodes: Some(proof.nodes()), relationships: Some(proof.relationships()), ..saved }).await?;
        Ok(says)
    }

    /// For the result: they must be started again after it. A server that does not answer has none.
    async fn note_clients(&self, cx: &StepContext) -> Result<()> {
        let saved = cx.saved::<Saved>().await?;
        let clients = server::clients(cx).await;
        if clients.is_empty() { Ok(()) } else { cx.save(&Saved { clients, ..saved }).await }
    }

    async fn set_aside(&self, cx: &StepContext) -> Result<String> {
        let databases = self.databases(&self.manifest(cx).await?);
        let act = HelperCommand::SetAside { aside: aside_name(cx, cx.job), databases, note_absent: true };
        offline::run(cx, "aside", act, vec![], "set_aside").await?;
        Ok("Moved inside its own volume; nothing was deleted.".into())
    }

    async fn load(&self, cx: &StepContext) -> Result<String> {
        let act = HelperCommand::Load { databases: self.databases(&self.manifest(cx).await?) };
        let loaded = parse_info(&offline::run(cx, "load", act, vec![helpers::staging(cx)], "load").await?);
        let proven = cx.saved::<Saved>().await?.loaded;
        // Read before the start: afterwards clients write.
        let missing = proven
            .keys()
            .find(|database| !loaded.contains_key(*database))
            .map(|database| format!("{database} is missing"));
        match missing.or_else(|| other_transactions(&proven, &loaded).into_iter().next()) {
            None => Ok(String::new()),
            Some(why) => {
                Err(Problem::new(ProblemKind::Conflict, "What was loaded is not what was proven on the copy.")
                    .means(format!("{why}."))
                    .next_step("Try again; the backup is read anew.")
                    .into())
            }
        }
    }

    async fn start(&self, cx: &StepContext) -> Result<String> {
        let works = offline::start(cx).await? == server::Answer::Works;
        if !works && !self.include_users {
            return Err(Error::conflict(
                "Neo4j runs, but refuses the console's credentials, although its users were not restored.",
            ));
        }
        cx.save(&Saved { credentials_work: self.include_users.then_some(works), ..cx.saved().await? }).await?;
        Ok(if works {
            "It answers over Bolt.".into()
        } else {
            "It answers. The restored Neo4j users do not have the console's password.".into()
        })
    }

    /// What was loaded is proven already. Now clients may write: their counts are told and compared with nothing.
    async fn verify(&self, cx: &StepContext) -> Result<String> {
        let manifest = self.manifest(cx).await?;
        if cx.saved::<Saved>().await?.credentials_work == Some(false) {
            return Ok(
                "The counts were proven on the copy. Enter the credentials of the backup's time to count again.".into(),
            );
        }
        let names: Vec<DatabaseName> = manifest.databases.iter().map(|d| d.database.clone()).collect();
        server::wait_until_online(cx, &names).await?;
        match server::count(cx, &names).await {
            Ok((nodes, relationships)) => Ok(format!(
                "{} and {} now.",
                plural(nodes, "node", "nodes"),
                plural(relationships, "relationship", "relationships")
            )),
            Err(error) => {
                cx.log(Some(Tone::Warn), &format!("What Neo4j has now could not be counted: {error}")).await;
                Ok("The counts were proven on the copy.".into())
            }
        }
    }

    /// Nothing here may fail the job: the restore is done and proven.
    async fn clean(&self, cx: &StepContext) -> Result<String> {
        let databases = self.databases(&self.manifest(cx).await?);
        let (directory, last_run) = (Some(aside_name(cx, cx.job)), aside::last_run(cx).await?);
        let row = SetAsideRow { job: cx.job, databases, directory, last_run };
        cx.state.store.insert_set_aside(&row, &cx.deployment.name, cx.state.ports.clock.now()).await?;
        helpers::remove_or_leave(cx, &HELPERS, &VOLUMES).await;
        Ok("The data from before is kept until you remove it.".into())
    }
}

#[async_trait]
impl Job for Params {
    const KIND: JobKind = JobKind::Restore;
    type Step = Step;

    fn plan(_saved: &str) -> &'static [Planned<Step>] {
        &PLAN
    }

    async fn act(&self, step: Step, direction: Direction, cx: &Arc<StepContext>) -> Result<String> {
        let removed = |_| nothing();
        match (step, direction) {
            (Step::Check, Direction::Run) => self.check(cx).await,
            (Step::Check, Direction::Undo) => nothing(),
            (Step::Read, Direction::Run) => self.read(cx).await,
            (Step::Read, Direction::Undo) => nothing(),
            (Step::Fetch, Direction::Run) => self.fetch(cx).await,
            (Step::Fetch, Direction::Undo) => helpers::remove(cx, &["hold"], &["staging"]).await.and_then(removed),
            (Step::Candidate, Direction::Run) => self.candidate(cx).await,
            (Step::Candidate, Direction::Undo) => {
                helpers::remove(cx, &["candidate-load"], &["candidate"]).await.and_then(removed)
            }
            (Step::Consistency, Direction::Run) => self.consistency(cx).await,
            (Step::Consistency, Direction::Undo) => helpers::remove(cx, &["check"], &[]).await.and_then(removed),
            (Step::Prove, Direction::Run) => self.prove(cx).await,
            (Step::Prove, Direction::Undo) => helpers::remove(cx, &["serve"], &[]).await.and_then(removed),
            (Step::Stop, Direction::Run) => self.stop(cx).await,
            (Step::Stop, Direction::Undo) => offline::close(cx).await,
            (Step::SetAside, Direction::Run) => self.set_aside(cx).await,
            (Step::SetAside, Direction::Undo) => {
                let databases = self.databases(&self.manifest(cx).await?);
                put_back(cx, &databases, aside::last_run(cx).await?, step.into()).await
            }
            (Step::Load, Direction::Run) => self.load(cx).await,
            (Step::Load, Direction::Undo) => helpers::remove(cx, &["load"], &[]).await.and_then(removed),
            (Step::Start, Direction::Run) => self.start(cx).await,
            (Step::Start, Direction::Undo) => offline::open_again(cx).await.and_then(removed),
            (Step::Verify, Direction::Run) => self.verify(cx).await,
            (Step::Verify, Direction::Undo) => nothing(),
            (Step::Clean, Direction::Run) => self.clean(cx).await,
            (Step::Clean, Direction::Undo) => cx.state.store.delete_set_aside(cx.job).await.and_then(removed),
        }
    }

    async fn outcome(&self, cx: &Arc<StepContext>) -> Result<Outcome> {
        let (manifest, saved) = (self.manifest(cx).await?, cx.saved::<Saved>().await?);
        Ok(Outcome {
            backup: Some(self.backup.clone()),
            nodes: saved.nodes,
            relationships: saved.relationships,
            bytes: Some(manifest.bytes()),
            offline_ms: cx.offline_ms().await?,
            credentials_work: saved.credentials_work,
            clients: saved.clients,
            neo4j_users: if self.include_users && manifest.has_users() {
                manifest.neo4j_users.clone()
            } else {
                Vec::new()
            },
            ..Outcome::default()
        })
    }

    fn backup(&self) -> Option<&BackupId> {
        Some(&self.backup)
    }

    /// The identity was given for this job alone.
    fn without_secrets(&self) -> Option<Self> {
        self.sealed_identity.is_some().then(|| Self {
            backup: self.backup.clone(),
            sealed_identity: None,
            volume: None,
            trial: None,
            ..*self
        })
    }
}
