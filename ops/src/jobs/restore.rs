//! The restore job. Nothing live is touched before a candidate was loaded, checked and counted. Then: clean stop → the live
//! directories are set aside inside their volume (a rename) → load → start → count again. On any failure the set-aside data is back.

use super::job::{Planned, looks, touches};
use super::offline::{self, Stop};
use super::proof;
use super::restore_check as check;
use super::work::Work;
use super::{copies, helpers, server};
use crate::engine::bundle;
use crate::engine::encryption::Keys;
use crate::error::{Error, Result};
use crate::jobs::job::Job;
use crate::ports::HelperMount;
use crate::store::SetAsideRow;
use async_trait::async_trait;
use domain::Problem;
use domain::backup::{BackupId, Manifest, other_transactions};
use domain::container::VolumeName;
use domain::database::DatabaseName;
use domain::encryption::Identity;
use domain::helper::{Act, DATA, DUMPS, parse_info, parse_put_back};
use domain::job::Kind as JobKind;
use domain::job::{Client, JobId, Outcome};
use domain::offline::Window;
use domain::problem::ProblemKind;
use domain::target::TargetName;
use domain::text::{Tone, plural};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;
use strum::{EnumString, IntoStaticStr};

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

pub const PLAN: [Planned<Step>; 12] = [
    looks(Step::Check, "Check the backup and the server"),
    looks(Step::Read, "Read the backup and compare every sha256"),
    looks(Step::Fetch, "Bring the dumps to the Docker host"),
    looks(Step::Candidate, "Load them into a copy beside the live data"),
    looks(Step::Consistency, "Check the copy for damage"),
    looks(Step::Prove, "Start the copy and count what is in it"),
    touches(Step::Stop, "Stop Neo4j cleanly").begins_outage(),
    touches(Step::SetAside, "Set the present data aside"),
    touches(Step::Load, "Load the backup"),
    touches(Step::Start, "Start Neo4j").ends_outage(),
    looks(Step::Verify, "Count what Neo4j has now"),
    looks(Step::Clean, "Clean up"),
];

pub(super) const HELPERS: [&str; 8] = ["hold", "candidate-load", "check", "serve", "aside", "load", "measure", "access"];
pub(super) const VOLUMES: [&str; 2] = ["candidate", "staging"];

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
}

#[derive(Serialize, Deserialize, Default)]
struct Notes {
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
pub(super) async fn loaded(work: &Work) -> Result<BTreeMap<String, u64>> {
    Ok(work.kept::<Notes>().await?.loaded)
}

/// What the seal of an identity is bound to.
pub fn identity_about(backup: &BackupId) -> String {
    format!("identity to {backup}")
}

/// Where a restore keeps the previous data inside the volume. With the console's id: one that begins anew after its state was
/// lost counts its jobs from 1 again, and must never take what an earlier one set aside for its own.
pub(super) fn aside_name(work: &Work, restore: JobId) -> String {
    aside_of(&work.inner.instance, restore)
}

/// Where the data that a job set aside lies; `noted`: as its row says.
pub(super) fn directory_of(work: &Work, job: JobId, noted: Option<&str>) -> String {
    noted.map_or_else(|| aside_name(work, job), str::to_owned)
}

pub(super) fn aside_of(instance: &str, restore: JobId) -> String {
    format!("restore-{instance}-{restore}")
}

impl Params {
    /// The copy, as the data of a helper.
    pub(super) fn copy(&self, work: &Work) -> HelperMount {
        let source = self.volume.as_ref().map_or_else(|| work.name("candidate"), |volume| volume.0.clone());
        HelperMount { source, at: DATA.into(), writable: true }
    }

    async fn manifest(&self, work: &Work) -> Result<Manifest> {
        Ok(work.inner.store.backup(&self.backup).await?.manifest)
    }

    fn databases(&self, manifest: &Manifest) -> Vec<DatabaseName> {
        let system = (self.include_users && manifest.has_users()).then(DatabaseName::system);
        manifest.databases.iter().map(|d| d.database.clone()).chain(system).collect()
    }

    /// To the copies that are encrypted, when an identity was given.
    fn keys(&self, work: &Work) -> Result<Option<Keys>> {
        let Some(sealed) = &self.sealed_identity else { return Ok(None) };
        let identity = Identity::parse(&work.inner.seal.open(&identity_about(&self.backup), sealed)?)?;
        Ok(identity.as_ref().map(Keys::of).transpose()?)
    }

    /// From the first target whose copy is whole; a copy that is not is marked, for everybody to see.
    async fn read(&self, work: &Arc<Work>) -> Result<String> {
        let manifest = self.manifest(work).await?;
        let from = copies::whole_copy(work, &manifest, "read", self.prefer_remote, self.keys(work)?.as_ref()).await?;
        let says = format!("Every part on {from} is as it was when the backup was made.");
        work.keep(&Notes { from: Some(from), ..Notes::default() }).await?;
        Ok(says)
    }

    async fn fetch(&self, work: &Arc<Work>) -> Result<String> {
        let manifest = self.manifest(work).await?;
        let container = work.container().await?;
        let from = work.kept::<Notes>().await?.from.unwrap_or_else(TargetName::local);
        let (engine, keys) = (&work.inner.ports.engine, self.keys(work)?);
        engine.create_volume(&work.volume("staging"), &work.labels()).await?;
        let hold = helpers::create(work, "hold", &container.image_id, Act::Hold, vec![helpers::staging(work)]).await?;
        engine.make_directory(&hold, DUMPS).await?;
        let counter = work.byte_counter("fetch", manifest.dump_bytes(), "copied");
        for database in self.databases(&manifest) {
            let part = manifest.dump_of(&database).ok_or_else(|| Error::conflict(format!("The bundle has no dump of {database}.")))?;
            let content = copies::read_part(work, &from, &manifest, part, keys.as_ref()).await?;
            let (content, reading) = bundle::metered(content, counter.clone());
            engine.write_file(&hold, &format!("{DUMPS}/{database}.dump"), part.bytes, content).await?;
            if reading.finish().1 != part.sha256 {
                return Err(Error::conflict(format!("{} changed while it was copied.", part.name)));
            }
        }
        engine.remove_helper(&work.name("hold")).await?;
        Ok(String::new())
    }

    async fn candidate(&self, work: &Work) -> Result<String> {
        let manifest = self.manifest(work).await?;
        let image = work.container().await?.image_id;
        if self.volume.is_none() {
            work.inner.ports.engine.create_volume(&work.volume("candidate"), &work.labels()).await?;
        }
        let mounts = vec![self.copy(work), helpers::staging(work)];
        let act = Act::Load { databases: self.databases(&manifest) };
        let output = helpers::run_once(work, "candidate-load", &image, act, mounts, "candidate").await?;
        work.keep(&Notes { loaded: parse_info(&output), ..work.kept().await? }).await?;
        Ok(String::new())
    }

    async fn consistency(&self, work: &Work) -> Result<String> {
        let manifest = self.manifest(work).await?;
        let image = work.container().await?.image_id;
        let act = Act::Check { databases: self.databases(&manifest) };
        helpers::run_once(work, "check", &image, act, vec![self.copy(work)], "consistency").await?;
        Ok("No inconsistencies.".into())
    }

    async fn prove(&self, work: &Work) -> Result<String> {
        let row = work.inner.store.backup(&self.backup).await?;
        let names: Vec<DatabaseName> = row.manifest.databases.iter().map(|d| d.database.clone()).collect();
        let notes = work.kept::<Notes>().await?;
        let (proof, holds) = proof::of_copy(work, self.copy(work), &names, notes.loaded.clone()).await?;
        let says = proof::judge(&row, &proof, &holds)?;
        if row.proof.is_none() {
            work.inner.store.set_proof(&self.backup, &proof).await?;
        }
        work.keep(&Notes { nodes: Some(proof.nodes()), relationships: Some(proof.relationships()), ..notes }).await?;
        Ok(says)
    }

    /// For the result: they must be started again after it. A server that does not answer has none.
    async fn note_clients(&self, work: &Work) -> Result<()> {
        let notes = work.kept::<Notes>().await?;
        let clients = server::clients(work).await;
        if clients.is_empty() { Ok(()) } else { work.keep(&Notes { clients, ..notes }).await }
    }

    async fn set_aside(&self, work: &Work) -> Result<String> {
        let databases = self.databases(&self.manifest(work).await?);
        let act = Act::SetAside { aside: aside_name(work, work.job), databases, note_absent: true };
        offline::run(work, "aside", act, vec![], "set_aside").await?;
        Ok("Moved inside its own volume; nothing was deleted.".into())
    }

    async fn load(&self, work: &Work) -> Result<String> {
        let act = Act::Load { databases: self.databases(&self.manifest(work).await?) };
        let loaded = parse_info(&offline::run(work, "load", act, vec![helpers::staging(work)], "load").await?);
        let proven = work.kept::<Notes>().await?.loaded;
        // Read before the start: afterwards clients write.
        let missing = proven.keys().find(|database| !loaded.contains_key(*database)).map(|database| format!("{database} is missing"));
        match missing.or_else(|| other_transactions(&proven, &loaded).into_iter().next()) {
            None => Ok(String::new()),
            Some(why) => Err(Problem::new(ProblemKind::Conflict, "What was loaded is not what was proven on the copy.")
                .means(format!("{why}."))
                .todo("Try again; the backup is read anew.")
                .into()),
        }
    }

    async fn start(&self, work: &Work) -> Result<String> {
        let works = offline::start(work).await? == server::Answer::Works;
        if !works && !self.include_users {
            return Err(Error::conflict("Neo4j runs, but refuses the console's credentials, although its users were not restored."));
        }
        work.keep(&Notes { credentials_work: self.include_users.then_some(works), ..work.kept().await? }).await?;
        Ok(if works { "It answers over Bolt.".into() } else { "It answers. The restored Neo4j users do not have the console's password.".into() })
    }

    /// What was loaded is proven already. Now clients may write: their counts are told and compared with nothing.
    async fn verify(&self, work: &Work) -> Result<String> {
        let manifest = self.manifest(work).await?;
        if work.kept::<Notes>().await?.credentials_work == Some(false) {
            return Ok("The counts were proven on the copy. Enter the credentials of the backup's time to count again.".into());
        }
        let names: Vec<DatabaseName> = manifest.databases.iter().map(|d| d.database.clone()).collect();
        server::wait_until_online(work, &names).await?;
        match server::count(work, &names).await {
            Ok((nodes, relationships)) => Ok(format!("{} and {} now.", plural(nodes, "node", "nodes"), plural(relationships, "relationship", "relationships"))),
            Err(error) => {
                work.log(Some(Tone::Warn), &format!("What Neo4j has now could not be counted: {error}")).await;
                Ok("The counts were proven on the copy.".into())
            }
        }
    }

    /// Nothing here may fail the job: the restore is done and proven.
    async fn clean(&self, work: &Work) -> Result<String> {
        let databases = self.databases(&self.manifest(work).await?);
        let row = SetAsideRow { job: work.job, databases, directory: Some(aside_name(work, work.job)) };
        work.inner.store.insert_set_aside(&row, &work.deployment.name, work.inner.ports.clock.now()).await?;
        helpers::remove_or_leave(work, &HELPERS, &VOLUMES).await;
        Ok("The data from before is kept until you remove it.".into())
    }
}

/// Undoes a set-aside of this job. What stands in place is thrown away only if Neo4j never ran on it; else clients may have written
/// there, and it is kept as set-aside data of this job.
pub(super) async fn put_back(work: &Work, databases: &[DatabaseName], step: &str) -> Result<String> {
    let kept = format!("kept-{}-{}", work.inner.instance, work.job);
    let act = |window: &Window| Act::PutBack { aside: aside_name(work, work.job), databases: databases.to_vec(), keep: window.served.then(|| kept.clone()) };
    let output = offline::run_back(work, "aside", act, step).await?;
    if parse_put_back(&output) {
        let row = SetAsideRow { job: work.job, databases: databases.to_vec(), directory: Some(kept) };
        work.inner.store.insert_set_aside(&row, &work.deployment.name, work.inner.ports.clock.now()).await?;
        return Ok("The data from before is back. What Neo4j had in its place is kept until you remove it.".into());
    }
    Ok("The data from before is back.".into())
}

#[async_trait]
impl Job for Params {
    const KIND: JobKind = JobKind::Restore;
    type Step = Step;

    fn plan(_saved: &str) -> &'static [Planned<Step>] {
        &PLAN
    }

    async fn run(&self, step: Step, work: &Arc<Work>) -> Result<String> {
        match step {
            Step::Check => {
                let container = work.container().await?;
                offline::alone(work, &container).await?;
                helpers::test_access(work, &container, Vec::new(), step.into()).await?;
                check::gates_now(work, &self.backup, self.sealed_identity.is_some()).await
            }
            Step::Read => self.read(work).await,
            Step::Fetch => self.fetch(work).await,
            Step::Candidate => self.candidate(work).await,
            Step::Consistency => self.consistency(work).await,
            Step::Prove => self.prove(work).await,
            Step::Stop => {
                self.note_clients(work).await?;
                offline::open(work, Stop::Any).await
            }
            Step::SetAside => self.set_aside(work).await,
            Step::Load => self.load(work).await,
            Step::Start => self.start(work).await,
            Step::Verify => self.verify(work).await,
            Step::Clean => self.clean(work).await,
        }
    }

    async fn undo(&self, step: Step, work: &Arc<Work>) -> Result<String> {
        let quiet = |_| String::new();
        match step {
            Step::Fetch => helpers::remove(work, &["hold"], &["staging"]).await.map(quiet),
            Step::Candidate => helpers::remove(work, &["candidate-load"], &["candidate"]).await.map(quiet),
            Step::Consistency => helpers::remove(work, &["check"], &[]).await.map(quiet),
            Step::Prove => helpers::remove(work, &["serve"], &[]).await.map(quiet),
            Step::Stop => offline::close(work).await,
            Step::SetAside => put_back(work, &self.databases(&self.manifest(work).await?), step.into()).await,
            Step::Load => helpers::remove(work, &["load"], &[]).await.map(quiet),
            Step::Start => offline::open_again(work).await.map(quiet),
            Step::Clean => work.inner.store.delete_set_aside(work.job).await.map(quiet),
            Step::Check | Step::Read | Step::Verify => Ok(String::new()),
        }
    }

    async fn outcome(&self, work: &Arc<Work>) -> Result<Outcome> {
        let (manifest, notes) = (self.manifest(work).await?, work.kept::<Notes>().await?);
        Ok(Outcome {
            backup: Some(self.backup.clone()),
            nodes: notes.nodes,
            relationships: notes.relationships,
            bytes: Some(manifest.bytes()),
            offline_ms: work.offline_ms().await?,
            credentials_work: notes.credentials_work,
            clients: notes.clients,
            neo4j_users: if self.include_users && manifest.has_users() { manifest.neo4j_users.clone() } else { Vec::new() },
            ..Outcome::default()
        })
    }

    fn backup(&self) -> Option<&BackupId> {
        Some(&self.backup)
    }

    /// The identity was given for this job alone.
    fn without_secrets(&self) -> Option<Self> {
        self.sealed_identity.is_some().then(|| Self { backup: self.backup.clone(), sealed_identity: None, volume: None, ..*self })
    }
}
