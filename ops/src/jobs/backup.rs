//! The backup job: clean stop → dumps side by side → start again → copy → read back. Only then it is verified.

use super::work::Work;
use super::{Job, describe, helpers, server};
use crate::bundle::{self, GUIDE, MANIFEST, SUMS};
use crate::error::{Error, Result};
use async_trait::async_trait;
use domain::Problem;
use domain::backup::{BackupId, Manifest, Part};
use domain::container::{Container, ContainerId};
use domain::helper::{Act, DUMPS, MEASURE, NEO4J_UID, parse_measure};
use domain::job::Outcome;
use domain::plan::Step;
use domain::problem::ProblemKind;
use domain::schedule::{Schedule, ScheduleName};
use domain::text::{file_size, plural};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// Neo4j is started again before anything slow: hashing, copying and reading back happen while it serves.
pub const PLAN: [Step; 8] = [
    Step { name: "check", title: "Check the server, count what is in it", touches: false },
    Step { name: "prepare", title: "Prepare the copy", touches: false },
    Step { name: "stop", title: "Stop Neo4j cleanly", touches: true },
    Step { name: "dump", title: "Copy data and Neo4j users", touches: true },
    Step { name: "start", title: "Start Neo4j", touches: true },
    Step { name: "copy", title: "Copy to the target", touches: false },
    Step { name: "verify", title: "Read back and compare", touches: false },
    Step { name: "clean", title: "Clean up", touches: false },
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
    /// Names of targets; empty is the console's own.
    pub targets: Vec<String>,
}

impl Params {
    pub fn of(schedule: &Schedule) -> Self {
        Self { schedule: Some(schedule.name.clone()), targets: schedule.targets.clone() }
    }
}

/// What steps keep for later ones.
#[derive(Serialize, Deserialize, Default)]
struct Notes {
    manifest: Option<Manifest>,
    /// Of `manifest.json` as written.
    manifest_sha256: String,
}

impl Notes {
    fn manifest(self) -> Result<Manifest> {
        self.manifest.ok_or_else(|| Error::internal("the manifest is not there yet"))
    }
}

fn databases(manifest: &Manifest) -> Vec<String> {
    manifest.databases.iter().map(|d| d.database.clone()).chain(["system".to_string()]).collect()
}

async fn notes(work: &Work) -> Result<Notes> {
    work.kept().await
}

/// Nothing is touched before all of this holds.
async fn check(work: &Work) -> Result<String> {
    let container = work.container().await?;
    if !container.run.is_running() {
        return Err(Problem::new(ProblemKind::Conflict, format!("{} is not running.", work.deployment.name))
            .means("A backup counts what it saves, so that it can be proven later. That needs the running server.")
            .todo("Start it, then back up.")
            .into());
    }
    if !work.inner.ports.engine.image_exists(&container.image_id).await? {
        return Err(Problem::new(ProblemKind::Conflict, "The image of the server is gone from the Docker host.")
            .means("The dump is made by exactly the server's own image. A clean-up may have removed it.")
            .todo(format!("Pull {} again, then back up.", container.image))
            .into());
    }
    helpers::live_data(&container)?;
    let used = space(work, &container).await?;
    let id = BackupId::new(&work.deployment.name, work.inner.ports.clock.now(), work.job.0);
    let manifest = describe::manifest(work, &container, id).await?;
    let says = format!(
        "{}, {}, {} on disk.",
        plural(manifest.nodes(), "node", "nodes"),
        plural(manifest.relationships(), "relationship", "relationships"),
        file_size(used)
    );
    work.keep(&Notes { manifest: Some(manifest), ..Notes::default() }).await?;
    Ok(says)
}

/// A dump is at most about as large as the data; both places must have room for that. Returns the size of the data.
async fn space(work: &Work, container: &Container) -> Result<u64> {
    let done = work.inner.ports.engine.exec(&container.id, &["/bin/bash", "-c", MEASURE], MEASURE_LIMIT).await?;
    let room = parse_measure(&done.output).ok_or_else(|| Error::conflict("The size of the data could not be measured."))?;
    let needed = room.used + SMALL_PARTS;
    let full = |place: &str, free: u64| {
        Problem::new(ProblemKind::Conflict, format!("There is not enough space {place}."))
            .means(format!("The backup may need {}, {} are free. Neo4j was not stopped.", file_size(needed), file_size(free)))
            .todo("Free some space, then back up again.")
    };
    if room.free < needed {
        return Err(full("on the disk of the Docker host", room.free).into());
    }
    match work.inner.ports.target.free().await? {
        Some(free) if free < needed => Err(full("on the target", free).into()),
        _ => Ok(room.used),
    }
}

/// The helper is created before the stop, so that the outage holds only what must be in it.
async fn prepare(work: &Work) -> Result<String> {
    let container = work.container().await?;
    let manifest = notes(work).await?.manifest()?;
    work.inner.ports.engine.create_volume(&work.volume(STAGING), &work.labels()).await?;
    let mounts = vec![helpers::live_data(&container)?, helpers::staging(work)];
    let id = helpers::create(work, DUMP, &container.image_id, Act::Dump { databases: databases(&manifest) }, mounts).await?;
    work.inner.ports.engine.make_directory(&id, DUMPS).await?;
    Ok(format!("The dump will be written by uid {NEO4J_UID} of the server's own image."))
}

async fn dump(work: &Work) -> Result<String> {
    // A crash may have come in mid-dump, or between this job's prepare and now the server may have been started by hand.
    let container = work.container().await?;
    if container.run.is_running() {
        return Err(Error::conflict("Neo4j was started by somebody in the middle of the backup."));
    }
    helpers::run_to_end(work, &ContainerId(work.name(DUMP)), "dump").await?;
    Ok(String::new())
}

/// Moves everything into the bundle on the target, hashing on the way.
async fn copy(work: &Arc<Work>) -> Result<String> {
    let mut manifest = notes(work).await?.manifest()?;
    let container = work.container().await?;
    let (engine, target) = (&work.inner.ports.engine, work.inner.ports.target.as_ref());
    manifest.parts.clear();
    let helper = ContainerId(work.name(DUMP));
    for database in databases(&manifest) {
        let name = format!("dumps/{database}.dump");
        let (facts, content) = engine.read_file(&helper, &format!("{DUMPS}/{database}.dump")).await?;
        let counter = work.byte_counter("copy", facts.bytes, &name);
        let part = bundle::put(target, &manifest.id, &name, content, counter).await?;
        if part.bytes != facts.bytes {
            return Err(Error::conflict(format!("Only {} of {} of {name} arrived.", file_size(part.bytes), file_size(facts.bytes))));
        }
        work.log(None, &format!("{name}: {}", file_size(part.bytes))).await;
        manifest.parts.push(part);
    }
    for conf in describe::conf(work, &container).await? {
        manifest.parts.push(bundle::put(target, &manifest.id, &conf.part, bundle::once(conf.text), |_| {}).await?);
    }
    let volume = helpers::live_data(&container)?.source;
    manifest.parts.push(bundle::put(target, &manifest.id, GUIDE, bundle::once(bundle::guide(&manifest, &volume)), |_| {}).await?);
    manifest.offline_ms = work.offline_ms().await?.unwrap_or(0);
    manifest.duration_ms = (work.inner.ports.clock.now() - manifest.made_at).num_milliseconds().max(0).unsigned_abs();
    let written = write_manifest(work, &manifest).await?;
    let bytes = manifest.bytes();
    work.keep(&Notes { manifest: Some(manifest), manifest_sha256: written.sha256 }).await?;
    Ok(format!("{} in {}.", file_size(bytes), target.location()))
}

async fn write_manifest(work: &Work, manifest: &Manifest) -> Result<Part> {
    let target = work.inner.ports.target.as_ref();
    bundle::put(target, &manifest.id, SUMS, bundle::once(bundle::sums(manifest)), |_| {}).await?;
    // Last: a bundle without a manifest is not a bundle.
    bundle::put(target, &manifest.id, MANIFEST, bundle::once(serde_json::to_string_pretty(manifest)?), |_| {}).await
}

async fn verify(work: &Arc<Work>, schedule: Option<&ScheduleName>) -> Result<String> {
    let notes = notes(work).await?;
    let sha256 = notes.manifest_sha256.clone();
    let manifest = notes.manifest()?;
    let target = work.inner.ports.target.as_ref();
    let counter = work.byte_counter("verify", manifest.bytes(), "read back");
    for part in &manifest.parts {
        bundle::read_back(target, &manifest.id, part, counter.clone()).await?;
    }
    let text = bundle::read_text(target, &manifest.id, MANIFEST).await?;
    if serde_json::from_str::<Manifest>(&text)? != manifest {
        return Err(Error::conflict("The manifest on the target is not the one that was written."));
    }
    work.inner.store.insert_backup(&manifest, &sha256, schedule, work.inner.ports.clock.now()).await?;
    Ok(format!("{} read back, every sha256 equal, the dumps unpack to their end.", plural(manifest.parts.len() as u64 + 1, "file", "files")))
}

async fn remove_bundle(work: &Work) -> Result<String> {
    let Some(manifest) = notes(work).await?.manifest else { return Ok(String::new()) };
    work.inner.store.delete_backup(&manifest.id).await?;
    work.inner.ports.target.remove(manifest.id.as_str()).await?;
    Ok("The half bundle was removed.".into())
}

#[async_trait]
impl Job for Params {
    fn plan(&self) -> &'static [Step] {
        &PLAN
    }

    async fn run(&self, step: &str, work: &Arc<Work>) -> Result<String> {
        match step {
            "check" => check(work).await,
            "prepare" => prepare(work).await,
            "stop" => server::stop_cleanly(work).await,
            "dump" => dump(work).await,
            "start" => server::start_again(work).await,
            "copy" => copy(work).await,
            "verify" => verify(work, self.schedule.as_ref()).await,
            _ => {
                helpers::remove_or_leave(work, &[DUMP], &[STAGING]).await;
                Ok(String::new())
            }
        }
    }

    async fn undo(&self, step: &str, work: &Arc<Work>) -> Result<String> {
        match step {
            // Killed before the server may start: two processes must never meet on one store.
            "dump" => helpers::remove(work, &[DUMP], &[]).await.map(|()| String::new()),
            "stop" => server::start_again(work).await,
            "prepare" => helpers::remove(work, &[DUMP], &[STAGING]).await.map(|()| String::new()),
            "copy" | "verify" => remove_bundle(work).await,
            _ => Ok(String::new()),
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
}
