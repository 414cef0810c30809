//! The backup job: clean stop → dumps side by side → start again → copy → read back. Only then it is verified.

pub mod clone;
mod write;

use super::context::StepContext;
use super::copies::{self, CopyStatus};
use super::job::{Direction, Planned, looks, nothing, touches};
use super::offline::{self, Stop};
use super::{describe, helpers, server};
use crate::error::{Error, Result};
use crate::jobs::job::Job;
use async_trait::async_trait;
use domain::Problem;
use domain::backup::{BackupId, Kind, Manifest};
use domain::container::{Container, ContainerId, RunState};
use domain::database::DatabaseName;
use domain::helper::{DUMPS, HelperCommand, MEASURE, parse_measure};
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

/// Its steps.
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
pub const PLAN: [Planned<Step>; 8] =
    [CHECK, PREPARE, STOP, touches(Step::Dump, "Copy data and Neo4j users"), START, COPY, VERIFY, CLEAN];

/// Where the data volume can clone files, as `check` found out: all that goes before is the same.
pub const SHORT_PLAN: [Planned<Step>; 9] = [
    CHECK,
    PREPARE,
    STOP,
    touches(Step::Clone, "Clone the stores"),
    START,
    looks(Step::Dump, "Copy data and Neo4j users from the clone"),
    COPY,
    VERIFY,
    CLEAN,
];

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
    /// The backup that a schedule asks for.
    pub fn of(schedule: &Schedule) -> Self {
        Self { schedule: Some(schedule.name.clone()), targets: schedule.targets.clone(), kind: schedule.kind }
    }

    fn targets(&self) -> Vec<TargetName> {
        if self.targets.is_empty() { vec![TargetName::local()] } else { self.targets.clone() }
    }
}

/// What steps save for later ones.
#[derive(Serialize, Deserialize, Default)]
struct Saved {
    manifest: Option<Manifest>,
    /// Of `manifest.json` as written.
    manifest_sha256: String,
    #[serde(default, alias = "fares")]
    statuses: Vec<CopyStatus>,
}

impl Saved {
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

async fn saved(cx: &StepContext) -> Result<Saved> {
    cx.saved().await
}

/// Nothing is touched before all of this holds.
async fn check(cx: &StepContext, targets: &[TargetName], asked: Kind) -> Result<String> {
    let container = cx.container().await?;
    if !container.run.is_running() {
        let (state, todo) = match container.run {
            RunState::Restarting => {
                ("keeps restarting", "Check its log. To bring a backup back, restore it: that works in this state.")
            }
            RunState::Running | RunState::Paused | RunState::Created | RunState::Stopped { .. } => {
                ("is not running", "Start it, then back up.")
            }
        };
        return Err(Problem::new(ProblemKind::Conflict, format!("{} {state}.", cx.deployment.name))
            .means("A backup counts what it saves, so that it can be proven later. That needs the running server.")
            .next_step(todo)
            .into());
    }
    if cx.engine.find_image(container.image_id.as_str()).await?.is_none() {
        return Err(Problem::new(ProblemKind::Conflict, "The image of the server is gone from the Docker host.")
            .means("The dump is made by exactly the server's own image. A clean-up may have removed it.")
            .next_step(format!("Pull {} again, then back up.", container.image))
            .into());
    }
    offline::alone(cx, &container).await?;
    let used = space(cx, &container, targets).await?;
    let id = BackupId::new(&cx.deployment.name, cx.state.ports.clock.now(), cx.job.0);
    let (mut manifest, (kind, how)) =
        tokio::try_join!(describe::manifest(cx, &container, id), clone::way(cx, &container, asked))?;
    helpers::test_access(cx, &container, databases(&manifest), "check").await?;
    (manifest.kind, manifest.how) = (kind.as_str().into(), how);
    let missing = if manifest.left_out.is_empty() {
        String::new()
    } else {
        format!(" Not online, so not saved: {}.", manifest.left_out.join(", "))
    };
    let says = format!(
        "{}, {}, {} on disk. {}{missing}",
        plural(manifest.nodes(), "node", "nodes"),
        plural(manifest.relationships(), "relationship", "relationships"),
        file_size(used),
        manifest.how
    );
    cx.save(&Saved { manifest: Some(manifest), ..Saved::default() }).await?;
    Ok(says)
}

/// A dump is at most about as large as the data; both places must have room for that. Returns the size of the data.
async fn space(cx: &StepContext, container: &Container, targets: &[TargetName]) -> Result<u64> {
    let done = cx.engine.exec(&container.id, &["/bin/bash", "-c", MEASURE], MEASURE_LIMIT).await?;
    let room =
        parse_measure(&done.output).ok_or_else(|| Error::conflict("The size of the data could not be measured."))?;
    let needed = room.used + SMALL_PARTS;
    let full = |place: &str, free: u64| {
        Problem::new(ProblemKind::Conflict, format!("There is not enough space {place}."))
            .means(format!(
                "The backup may need {}, {} are free. Neo4j was not stopped.",
                file_size(needed),
                file_size(free)
            ))
            .next_step("Free some space, then back up again.")
    };
    // The dump is written into a volume of Docker's own.
    if room.free_in_docker() < needed {
        return Err(full("on the disk of the Docker host", room.free_in_docker()).into());
    }
    if let Some(free) = least_free(cx, targets).await
        && free < needed
    {
        return Err(full("on the target", free).into());
    }
    Ok(room.used)
}

/// On the fullest target that can tell. One that cannot be reached now is found out at the copy, where the others still
/// count.
async fn least_free(cx: &StepContext, targets: &[TargetName]) -> Option<u64> {
    let mut least = None;
    for name in targets {
        let free = match cx.state.open_target(name).await {
            Ok(target) => target.free().await.ok().flatten(),
            Err(_) => None,
        };
        least = least.into_iter().chain(free).min();
    }
    least
}

/// The helper is created before the stop, so that the outage holds only what must be in it.
async fn prepare(cx: &StepContext) -> Result<String> {
    let container = cx.container().await?;
    let saved = saved(cx).await?;
    let (short, manifest) = (saved.is_short(), saved.manifest()?);
    cx.engine.create_volume(&cx.volume(STAGING), &cx.labels()).await?;
    let id = if short {
        clone::prepare(cx, &container, databases(&manifest)).await?
    } else {
        let mounts = vec![helpers::live_data(&container)?, helpers::staging(cx)];
        helpers::create(
            cx,
            DUMP,
            helpers::like(&container)?,
            HelperCommand::Dump { databases: databases(&manifest) },
            mounts,
        )
        .await?
    };
    cx.engine.make_directory(&id, DUMPS).await?;
    Ok(format!("The dump will be written as {} with the server's own image.", helpers::like(&container)?.user))
}

async fn dump(cx: &StepContext) -> Result<String> {
    if saved(cx).await?.is_short() {
        return helpers::run_to_end(cx, &ContainerId(cx.name(DUMP)), "dump").await.map(|_| String::new());
    }
    offline::around(cx, helpers::run_to_end(cx, &ContainerId(cx.name(DUMP)), "dump")).await.map(|_| String::new())
}

/// Moves everything into the bundle on each target, hashing on the way.
async fn copy(cx: &Arc<StepContext>, targets: Vec<TargetName>) -> Result<String> {
    // Not at the end of `dump`, which may be repeated; not later, as it grows with what Neo4j writes.
    clone::remove(cx).await;
    let mut manifest = saved(cx).await?.manifest()?;
    manifest.parts.clear();
    manifest.offline_ms = cx.offline_ms().await?.unwrap_or(0);
    manifest.duration_ms = (cx.state.ports.clock.now() - manifest.made_at).num_milliseconds().max(0).unsigned_abs();
    let texts = write::texts(cx, &manifest).await?;
    let mut statuses: Vec<CopyStatus> =
        targets.into_iter().map(|target| CopyStatus { target, problem: None, encrypted: None }).collect();
    for status in &mut statuses {
        match write::parts(cx, &status.target, &manifest, &texts).await {
            Ok((parts, encrypted)) if manifest.parts.is_empty() || parts == manifest.parts => {
                manifest.parts = parts;
                status.encrypted = encrypted;
            }
            // No fault of the target: the whole step is done again when Docker answers.
            Err(error @ Error::Away(_)) => return Err(error),
            Ok(_) => {
                copies::failed(cx, status, &Error::conflict("The copy differs from the one on the first target."))
                    .await;
            }
            Err(error) => copies::failed(cx, status, &error).await,
        }
    }
    copies::some_work(&statuses)?;
    let mut written = String::new();
    for status in statuses.iter_mut().filter(|f| f.works()) {
        match write::manifest(cx, &status.target, &manifest, status.encrypted.as_ref()).await {
            Ok(part) => written = part.sha256,
            Err(error) => copies::failed(cx, status, &error).await,
        }
    }
    copies::some_work(&statuses)?;
    let says = format!("{}. {}", file_size(manifest.bytes()), copies::words(&statuses));
    cx.save(&Saved { manifest: Some(manifest), manifest_sha256: written, statuses }).await?;
    Ok(says)
}

async fn verify(cx: &Arc<StepContext>, schedule: Option<&ScheduleName>) -> Result<String> {
    let mut saved = saved(cx).await?;
    let manifest = saved.manifest.clone().ok_or_else(|| Error::internal("the manifest is not there yet"))?;
    for status in saved.statuses.iter_mut().filter(|f| f.works()) {
        match copies::damage(cx, &status.target, &manifest, status.encrypted.as_ref(), "verify").await {
            Ok(None) => {}
            Ok(Some((_, why))) => copies::failed(cx, status, &Error::conflict(why)).await,
            Err(error) => copies::failed(cx, status, &error).await,
        }
    }
    copies::some_work(&saved.statuses)?;
    if saved.statuses.iter().filter(|f| f.works()).all(|f| f.encrypted.is_some()) {
        write::prove_at_home(cx, &manifest).await?;
    }
    cx.state.store.insert_backup(&manifest, &saved.manifest_sha256, schedule, cx.state.ports.clock.now()).await?;
    for status in &saved.statuses {
        let found = status.why().map(|why| (CopyState::Failed, why));
        copies::note(cx, &manifest, &status.target, status.encrypted.clone(), found).await?;
    }
    if let Some(problem) = copies::some_failed(&saved.statuses) {
        cx.state.store.set_job_problem(cx.job, &problem).await?;
    }
    let says =
        format!("Read back, every sha256 equal, the dumps unpack to their end. {}", copies::words(&saved.statuses));
    cx.save(&saved).await?;
    Ok(says)
}

async fn clean(cx: &StepContext) -> Result<String> {
    helpers::remove_or_leave(cx, &[DUMP, "clone", "access"], &[STAGING]).await;
    clone::remove(cx).await;
    remove_halves(cx).await.map(|()| String::new())
}

/// What was written to targets that failed is no backup. One that is away keeps it; a clean-up reports it.
async fn remove_halves(cx: &StepContext) -> Result<()> {
    let saved = saved(cx).await?;
    let failed: Vec<TargetName> =
        saved.statuses.iter().filter(|f| !f.works() && !f.target.is_local()).map(|f| f.target.clone()).collect();
    copies::remove(cx, &saved.manifest()?.id, &failed).await
}

async fn remove_bundle(cx: &StepContext, targets: &[TargetName]) -> Result<String> {
    let Some(manifest) = saved(cx).await?.manifest else { return Ok(String::new()) };
    cx.state.store.delete_backup(&manifest.id).await?;
    copies::remove(cx, &manifest.id, targets).await?;
    Ok("The incomplete bundle was removed.".into())
}

#[async_trait]
impl Job for Params {
    const KIND: JobKind = JobKind::Backup;
    type Step = Step;

    /// Before `check` has chosen a way, the ordinary one.
    fn plan(saved: &str) -> &'static [Planned<Step>] {
        let short = serde_json::from_str::<Saved>(saved).is_ok_and(|saved| saved.is_short());
        if short { &SHORT_PLAN } else { &PLAN }
    }

    async fn act(&self, step: Step, direction: Direction, cx: &Arc<StepContext>) -> Result<String> {
        match (step, direction) {
            (Step::Check, Direction::Run) => check(cx, &self.targets(), self.kind).await,
            (Step::Check, Direction::Undo) => nothing(),
            (Step::Prepare, Direction::Run) => prepare(cx).await,
            (Step::Prepare, Direction::Undo) => clone::undo(cx).await.and_then(|()| nothing()),
            (Step::Stop, Direction::Run) => offline::open(cx, Stop::Clean).await,
            (Step::Stop, Direction::Undo) => offline::close(cx).await,
            (Step::Clone, Direction::Run) => clone::make(cx, self.kind).await,
            // Killed before the server may start: two processes must never meet on one store.
            (Step::Clone, Direction::Undo) => helpers::remove(cx, &["clone"], &[]).await.and_then(|()| nothing()),
            (Step::Dump, Direction::Run) => dump(cx).await,
            (Step::Dump, Direction::Undo) => helpers::remove(cx, &[DUMP], &[]).await.and_then(|()| nothing()),
            (Step::Start, Direction::Run) => offline::start(cx).await.map(server::answers),
            (Step::Start, Direction::Undo) => nothing(),
            (Step::Copy, Direction::Run) => copy(cx, self.targets()).await,
            (Step::Verify, Direction::Run) => verify(cx, self.schedule.as_ref()).await,
            (Step::Copy | Step::Verify, Direction::Undo) => remove_bundle(cx, &self.targets()).await,
            (Step::Clean, Direction::Run) => clean(cx).await,
            (Step::Clean, Direction::Undo) => nothing(),
        }
    }

    async fn outcome(&self, cx: &Arc<StepContext>) -> Result<Outcome> {
        let manifest = saved(cx).await?.manifest()?;
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
