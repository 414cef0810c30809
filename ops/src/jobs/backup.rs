//! The backup job: clean stop → dumps side by side → start again → copy → read back. Only then it is verified.

pub mod clone;
mod write;

use super::copies::{self, Fare};
use super::job::{Planned, looks, touches};
use super::offline::{self, Stop};
use super::work::Work;
use super::{describe, helpers, server};
use crate::error::{Error, Result};
use crate::jobs::job::Job;
use async_trait::async_trait;
use domain::Problem;
use domain::backup::{BackupId, Kind, Manifest};
use domain::container::{Container, ContainerId, RunState};
use domain::database::DatabaseName;
use domain::helper::{Act, DUMPS, MEASURE, parse_measure};
use domain::job::Kind as JobKind;
use domain::job::Outcome;
use domain::problem::ProblemKind;
use domain::schedule::{Schedule, ScheduleName};
use domain::target::{CopyState, TargetName};
use domain::text::{file_size, plural};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use strum::{EnumString, IntoStaticStr};

#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Step {
    Check,
    Prepare,
    Stop,
    Clone,
    Dump,
    Start,
    Copy,
    Verify,
    Clean,
}

const CHECK: Planned<Step> = looks(Step::Check, "Check the server, count what is in it");
const PREPARE: Planned<Step> = looks(Step::Prepare, "Prepare the copy");
const STOP: Planned<Step> = touches(Step::Stop, "Stop Neo4j cleanly").begins_outage();
const START: Planned<Step> = touches(Step::Start, "Start Neo4j").ends_outage();
const COPY: Planned<Step> = looks(Step::Copy, "Copy to the target");
const VERIFY: Planned<Step> = looks(Step::Verify, "Read back and compare");
const CLEAN: Planned<Step> = looks(Step::Clean, "Clean up");

/// Neo4j is started again before anything slow: hashing, copying and reading back happen while it serves.
pub const PLAN: [Planned<Step>; 8] = [CHECK, PREPARE, STOP, touches(Step::Dump, "Copy data and Neo4j users"), START, COPY, VERIFY, CLEAN];

/// Where the data volume can clone files, as `check` found out: all that goes before is the same.
pub const SHORT_PLAN: [Planned<Step>; 9] =
    [CHECK, PREPARE, STOP, touches(Step::Clone, "Clone the stores"), START, looks(Step::Dump, "Copy data and Neo4j users from the clone"), COPY, VERIFY, CLEAN];

const DUMP: &str = "dump";
const STAGING: &str = "staging";
const MEASURE_LIMIT: Duration = Duration::from_secs(60);
/// Of the manifest, the guide and the settings.
const SMALL_PARTS: u64 = 1 << 20;

/// Also of jobs queued before there were schedules.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
pub struct Params {
    /// The schedule it is made for; its rules decide how long the backup stays.
    pub schedule: Option<ScheduleName>,
    /// The console's own directory when there is none.
    pub targets: Vec<TargetName>,
    /// As asked for; what is made stands in the manifest.
    pub kind: Kind,
}

impl Params {
    pub fn of(schedule: &Schedule) -> Self {
        Self { schedule: Some(schedule.name.clone()), targets: schedule.targets.clone(), kind: schedule.kind }
    }

    fn targets(&self) -> Vec<TargetName> {
        if self.targets.is_empty() { vec![TargetName::local()] } else { self.targets.clone() }
    }
}

/// What steps keep for later ones.
#[derive(Serialize, Deserialize, Default)]
struct Notes {
    manifest: Option<Manifest>,
    /// Of `manifest.json` as written.
    manifest_sha256: String,
    #[serde(default)]
    fares: Vec<Fare>,
}

impl Notes {
    fn is_short(&self) -> bool {
        self.manifest.as_ref().is_some_and(|m| m.kind == Kind::ShortOutageDump.as_str())
    }

    fn manifest(self) -> Result<Manifest> {
        self.manifest.ok_or_else(|| Error::internal("the manifest is not there yet"))
    }
}

fn databases(manifest: &Manifest) -> Vec<DatabaseName> {
    manifest.databases.iter().map(|d| d.database.clone()).chain([DatabaseName::system()]).collect()
}

async fn notes(work: &Work) -> Result<Notes> {
    work.kept().await
}

/// Nothing is touched before all of this holds.
async fn check(work: &Work, targets: &[TargetName], asked: Kind) -> Result<String> {
    let container = work.container().await?;
    if !container.run.is_running() {
        let (state, todo) = match container.run {
            RunState::Restarting => ("keeps restarting", "Look at its log. To bring a backup back, restore it: that works in this state."),
            RunState::Running | RunState::Paused | RunState::Created | RunState::Stopped { .. } => ("is not running", "Start it, then back up."),
        };
        return Err(Problem::new(ProblemKind::Conflict, format!("{} {state}.", work.deployment.name))
            .means("A backup counts what it saves, so that it can be proven later. That needs the running server.")
            .todo(todo)
            .into());
    }
    if !work.inner.ports.engine.image_exists(&container.image_id).await? {
        return Err(Problem::new(ProblemKind::Conflict, "The image of the server is gone from the Docker host.")
            .means("The dump is made by exactly the server's own image. A clean-up may have removed it.")
            .todo(format!("Pull {} again, then back up.", container.image))
            .into());
    }
    offline::alone(work, &container).await?;
    let used = space(work, &container, targets).await?;
    let id = BackupId::new(&work.deployment.name, work.inner.ports.clock.now(), work.job.0);
    let (mut manifest, (kind, how)) = tokio::try_join!(describe::manifest(work, &container, id), clone::way(work, &container, asked))?;
    helpers::test_access(work, &container, databases(&manifest), "check").await?;
    (manifest.kind, manifest.how) = (kind.as_str().into(), how);
    let missing = if manifest.left_out.is_empty() { String::new() } else { format!(" Not online, so not saved: {}.", manifest.left_out.join(", ")) };
    let says = format!(
        "{}, {}, {} on disk. {}{missing}",
        plural(manifest.nodes(), "node", "nodes"),
        plural(manifest.relationships(), "relationship", "relationships"),
        file_size(used),
        manifest.how
    );
    work.keep(&Notes { manifest: Some(manifest), ..Notes::default() }).await?;
    Ok(says)
}

/// A dump is at most about as large as the data; both places must have room for that. Returns the size of the data.
async fn space(work: &Work, container: &Container, targets: &[TargetName]) -> Result<u64> {
    let done = work.inner.ports.engine.exec(&container.id, &["/bin/bash", "-c", MEASURE], MEASURE_LIMIT).await?;
    let room = parse_measure(&done.output).ok_or_else(|| Error::conflict("The size of the data could not be measured."))?;
    let needed = room.used + SMALL_PARTS;
    let full = |place: &str, free: u64| {
        Problem::new(ProblemKind::Conflict, format!("There is not enough space {place}."))
            .means(format!("The backup may need {}, {} are free. Neo4j was not stopped.", file_size(needed), file_size(free)))
            .todo("Free some space, then back up again.")
    };
    // The dump is written into a volume of Docker's own.
    if room.free_in_docker() < needed {
        return Err(full("on the disk of the Docker host", room.free_in_docker()).into());
    }
    if let Some(free) = least_free(work, targets).await
        && free < needed
    {
        return Err(full("on the target", free).into());
    }
    Ok(room.used)
}

/// On the fullest target that can tell. One that cannot be reached now is found out at the copy, where the others still count.
async fn least_free(work: &Work, targets: &[TargetName]) -> Option<u64> {
    let mut least = None;
    for name in targets {
        let free = match work.inner.open_target(name).await {
            Ok(target) => target.free().await.ok().flatten(),
            Err(_) => None,
        };
        least = least.into_iter().chain(free).min();
    }
    least
}

/// The helper is created before the stop, so that the outage holds only what must be in it.
async fn prepare(work: &Work) -> Result<String> {
    let container = work.container().await?;
    let notes = notes(work).await?;
    let (short, manifest) = (notes.is_short(), notes.manifest()?);
    work.inner.ports.engine.create_volume(&work.volume(STAGING), &work.labels()).await?;
    let id = if short {
        clone::prepare(work, &container, databases(&manifest)).await?
    } else {
        let mounts = vec![helpers::live_data(&container)?, helpers::staging(work)];
        helpers::create(work, DUMP, helpers::like(&container)?, Act::Dump { databases: databases(&manifest) }, mounts).await?
    };
    work.inner.ports.engine.make_directory(&id, DUMPS).await?;
    Ok(format!("The dump will be written as {} with the server's own image.", helpers::like(&container)?.user))
}

async fn dump(work: &Work) -> Result<String> {
    if notes(work).await?.is_short() {
        return helpers::run_to_end(work, &ContainerId(work.name(DUMP)), "dump").await.map(|_| String::new());
    }
    offline::around(work, helpers::run_to_end(work, &ContainerId(work.name(DUMP)), "dump")).await.map(|_| String::new())
}

/// Moves everything into the bundle on each target, hashing on the way.
async fn copy(work: &Arc<Work>, targets: Vec<TargetName>) -> Result<String> {
    // Not at the end of `dump`, which may be repeated; not later, as it grows with what Neo4j writes.
    clone::remove(work).await;
    let mut manifest = notes(work).await?.manifest()?;
    manifest.parts.clear();
    manifest.offline_ms = work.offline_ms().await?.unwrap_or(0);
    manifest.duration_ms = (work.inner.ports.clock.now() - manifest.made_at).num_milliseconds().max(0).unsigned_abs();
    let texts = write::texts(work, &manifest).await?;
    let mut fares: Vec<Fare> = targets.into_iter().map(|target| Fare { target, problem: None, encrypted: None }).collect();
    for fare in &mut fares {
        match write::parts(work, &fare.target, &manifest, &texts).await {
            Ok((parts, encrypted)) if manifest.parts.is_empty() || parts == manifest.parts => {
                manifest.parts = parts;
                fare.encrypted = encrypted;
            }
            // No fault of the target: the whole step is done again when Docker answers.
            Err(error @ Error::Away(_)) => return Err(error),
            Ok(_) => copies::failed(work, fare, &Error::conflict("What arrived is not what arrived at the first target.")).await,
            Err(error) => copies::failed(work, fare, &error).await,
        }
    }
    copies::some_work(&fares)?;
    let mut written = String::new();
    for fare in fares.iter_mut().filter(|f| f.works()) {
        match write::manifest(work, &fare.target, &manifest, fare.encrypted.as_ref()).await {
            Ok(part) => written = part.sha256,
            Err(error) => copies::failed(work, fare, &error).await,
        }
    }
    copies::some_work(&fares)?;
    let says = format!("{}. {}", file_size(manifest.bytes()), copies::words(&fares));
    work.keep(&Notes { manifest: Some(manifest), manifest_sha256: written, fares }).await?;
    Ok(says)
}

async fn verify(work: &Arc<Work>, schedule: Option<&ScheduleName>) -> Result<String> {
    let mut notes = notes(work).await?;
    let manifest = notes.manifest.clone().ok_or_else(|| Error::internal("the manifest is not there yet"))?;
    for fare in notes.fares.iter_mut().filter(|f| f.works()) {
        match copies::damage(work, &fare.target, &manifest, fare.encrypted.as_ref(), "verify").await {
            Ok(None) => {}
            Ok(Some((_, why))) => copies::failed(work, fare, &Error::conflict(why)).await,
            Err(error) => copies::failed(work, fare, &error).await,
        }
    }
    copies::some_work(&notes.fares)?;
    if notes.fares.iter().filter(|f| f.works()).all(|f| f.encrypted.is_some()) {
        write::prove_at_home(work, &manifest).await?;
    }
    work.inner.store.insert_backup(&manifest, &notes.manifest_sha256, schedule, work.inner.ports.clock.now()).await?;
    for fare in &notes.fares {
        let found = fare.why().map(|why| (CopyState::Failed, why));
        copies::note(work, &manifest, &fare.target, fare.encrypted.clone(), found).await?;
    }
    if let Some(problem) = copies::some_failed(&notes.fares) {
        work.inner.store.set_job_problem(work.job, &problem).await?;
    }
    let says = format!("Read back, every sha256 equal, the dumps unpack to their end. {}", copies::words(&notes.fares));
    work.keep(&notes).await?;
    Ok(says)
}

/// What was written to targets that failed is no backup. One that is away keeps it; a clean-up reports it.
async fn remove_halves(work: &Work) -> Result<()> {
    let notes = notes(work).await?;
    let failed: Vec<TargetName> = notes.fares.iter().filter(|f| !f.works() && !f.target.is_local()).map(|f| f.target.clone()).collect();
    copies::remove(work, &notes.manifest()?.id, &failed).await
}

async fn remove_bundle(work: &Work, targets: &[TargetName]) -> Result<String> {
    let Some(manifest) = notes(work).await?.manifest else { return Ok(String::new()) };
    work.inner.store.delete_backup(&manifest.id).await?;
    copies::remove(work, &manifest.id, targets).await?;
    Ok("The half bundle was removed.".into())
}

#[async_trait]
impl Job for Params {
    const KIND: JobKind = JobKind::Backup;
    type Step = Step;

    /// Before `check` has chosen a way, the ordinary one.
    fn plan(saved: &str) -> &'static [Planned<Step>] {
        let short = serde_json::from_str::<Notes>(saved).is_ok_and(|notes| notes.is_short());
        if short { &SHORT_PLAN } else { &PLAN }
    }

    async fn run(&self, step: Step, work: &Arc<Work>) -> Result<String> {
        match step {
            Step::Check => check(work, &self.targets(), self.kind).await,
            Step::Prepare => prepare(work).await,
            Step::Stop => offline::open(work, Stop::Clean).await,
            Step::Clone => clone::make(work, self.kind).await,
            Step::Dump => dump(work).await,
            Step::Start => offline::start(work).await.map(server::answers),
            Step::Copy => copy(work, self.targets()).await,
            Step::Verify => verify(work, self.schedule.as_ref()).await,
            Step::Clean => {
                helpers::remove_or_leave(work, &[DUMP, "clone", "access"], &[STAGING]).await;
                clone::remove(work).await;
                remove_halves(work).await.map(|()| String::new())
            }
        }
    }

    async fn undo(&self, step: Step, work: &Arc<Work>) -> Result<String> {
        match step {
            // Killed before the server may start: two processes must never meet on one store.
            Step::Dump => helpers::remove(work, &[DUMP], &[]).await.map(|()| String::new()),
            Step::Clone => helpers::remove(work, &["clone"], &[]).await.map(|()| String::new()),
            Step::Stop => offline::close(work).await,
            Step::Prepare => clone::undo(work).await.map(|()| String::new()),
            Step::Copy | Step::Verify => remove_bundle(work, &self.targets()).await,
            Step::Check | Step::Start | Step::Clean => Ok(String::new()),
        }
    }

    async fn outcome(&self, work: &Arc<Work>) -> Result<Outcome> {
        let manifest = notes(work).await?.manifest()?;
        Ok(Outcome {
            nodes: Some(manifest.nodes()),
            relationships: Some(manifest.relationships()),
            bytes: Some(manifest.bytes()),
            offline_ms: Some(manifest.offline_ms),
            backup: Some(manifest.id),
            ..Outcome::default()
        })
    }

    fn schedule(&self) -> Option<&ScheduleName> {
        self.schedule.as_ref()
    }
}

#[cfg(test)]
mod tests;
