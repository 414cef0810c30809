//! What a restore looks at before and beside its steps: the gates as they are now, and a scratch server's answer.

use super::context::StepContext;
use super::helpers;
use crate::engine::graph::{self, DefaultDatabase};
use crate::error::{Error, Result};
use crate::store::{BackupRow, Store};
use domain::Problem;
use domain::backup::BackupId;
use domain::container::{Container, ContainerId, MountSource, RunState};
use domain::deployment::{DeploymentName, Observation, Room};
use domain::gate::{Gate, GateInput, IdentityNeed, NewServer, all_pass, gates, gates_as_new};
use domain::helper::{HelperCommand, explain_failure, parse_measure};
use domain::image::{Edition, Version};
use domain::problem::ProblemKind;
use domain::statements;
use domain::storage;
use domain::text::Tone;
use std::time::Duration;

/// One question to a scratch server.
const ASK_EVERY: Duration = Duration::from_secs(5);
const LOG_LINES: usize = 50;
const LOOK: Duration = Duration::from_secs(10);

/// The gates once more, with the space measured and the manifest read from the target itself.
pub async fn gates_now(cx: &StepContext, id: &BackupId, has_identity: bool) -> Result<String> {
    let row = cx.state.store.backup(id).await?;
    let container = cx.container().await?;
    let seen = cx.state.observer.refresh(&cx.deployment, &cx.state.seal).await;
    let room = measure(cx, &container).await?;
    let (edition, version) = edition_and_version(&row, Some(&container), &seen);
    let all = gates(&GateInput {
        manifest: &row.manifest,
        state: row.state,
        origin: row.origin,
        deployment: &cx.deployment.name,
        container: Some(&container),
        version,
        edition,
        room: Some(room),
        identity_need: identity_need_of_job(cx, id, has_identity).await?,
    });
    judge(&all, "Neo4j was not touched.")
}

/// The verdict as a step's sentence or its failure. `then`: what is true if it fails.
pub fn judge(all: &[Gate], then: &str) -> Result<String> {
    if all_pass(all) {
        return Ok(format!("{} of {} checks passed.", all.iter().filter(|g| g.tone == Tone::Good).count(), all.len()));
    }
    let first = all.iter().find(|g| g.tone == Tone::Bad).map(|g| format!("{}: {}", g.name, g.says)).unwrap_or_default();
    Err(Problem::new(ProblemKind::Conflict, "This backup cannot be restored here.")
        .means(format!("{first} {then}"))
        .into())
}

/// Whether its copies need an identity.
pub async fn identity_need(store: &Store, id: &BackupId) -> Result<IdentityNeed> {
    let copies = store.copies(id).await?;
    Ok(IdentityNeed::of(copies.iter().filter(|copy| copy.state.may_be_whole()).map(|copy| copy.encrypted.is_some())))
}

/// The same, given the identity of the job.
pub async fn identity_need_of_job(cx: &StepContext, id: &BackupId, has_identity: bool) -> Result<IdentityNeed> {
    let identity_need = identity_need(&cx.state.store, id).await?;
    Ok(if has_identity && identity_need == IdentityNeed::Missing { IdentityNeed::Given } else { identity_need })
}

/// What the server runs. One that does not answer now, but runs the very image of the backup, has its version.
pub fn edition_and_version(
    row: &BackupRow,
    container: Option<&Container>,
    seen: &Observation,
) -> (Option<Edition>, Option<Version>) {
    let of_image = container.and_then(Container::image_release);
    let same = container.filter(|c| row.manifest.image_id == c.image_id).map(|_| &row.manifest);
    // What it runs now, before what it answered when it last ran.
    let edition = of_image.map(|image| image.edition).or(seen.server.edition).or(same.map(|same| same.edition));
    let version = of_image.map(|image| image.version).or(seen.server.version).or(same.map(|same| same.version));
    (edition, version)
}

async fn measure(cx: &StepContext, container: &Container) -> Result<Room> {
    let mut data = helpers::live_data(container)?;
    data.writable = false;
    let output =
        helpers::run_once(cx, "measure", helpers::like(container)?, HelperCommand::Measure, vec![data], "check")
            .await?;
    parse_measure(&output).ok_or_else(|| Error::conflict("The free space could not be measured."))
}

async fn default_database(cx: &StepContext, id: &ContainerId) -> DefaultDatabase {
    match graph::query_inside(cx.engine.as_ref(), id, "system", &[statements::DATABASES], LOOK).await {
        Ok(answers) => graph::default_database(&answers),
        Err(error) => DefaultDatabase::NotYet(error.to_string()),
    }
}

/// Waits until the scratch server answers over its own loopback. To ask costs a process inside, its log nearly nothing;
/// where that does not say that it started, it is asked now and then all the same.
pub async fn wait_inside(cx: &StepContext, id: &ContainerId) -> Result<()> {
    let (engine, clock, timeouts) = (cx.engine.as_ref(), &cx.state.ports.clock, &cx.state.timeouts);
    let started = clock.monotonic();
    let mut asked = started;
    loop {
        if let RunState::Stopped { exit_code, .. } = engine.inspect(id).await?.run {
            let log = engine.logs(id, 20).await.unwrap_or_default();
            cx.log_output(Some(Tone::Warn), &log).await;
            let kind = helpers::blame(&explain_failure(exit_code, &log));
            return Err(Problem::new(kind, format!("Neo4j could not start on the copy (code {exit_code})."))
                .means("The live data was not touched.")
                .next_step("The job's log has its last lines.")
                .into());
        }
        let says_so = engine.logs(id, LOG_LINES).await.unwrap_or_default().contains("Started.");
        if says_so || clock.monotonic() - asked >= ASK_EVERY {
            asked = clock.monotonic();
            match default_database(cx, id).await {
                DefaultDatabase::Online => return Ok(()),
                DefaultDatabase::Failed(why) => return Err(cannot_open(cx, id, &why).await),
                DefaultDatabase::NotYet(_) => {}
            }
        }
        if clock.monotonic() - started >= timeouts.ready {
            return Err(Problem::new(ProblemKind::Unavailable, "Neo4j was started on the copy, but does not answer.")
                .means("The live data was not touched.")
                .into());
        }
        clock.sleep(timeouts.poll).await;
    }
}

/// Nothing else has the copy open, so it is the copy.
async fn cannot_open(cx: &StepContext, id: &ContainerId, why: &str) -> Error {
    let log = cx.engine.logs(id, 20).await.unwrap_or_default();
    cx.log_output(Some(Tone::Warn), &log).await;
    Problem::new(ProblemKind::Conflict, "Neo4j cannot open the copy.")
        .means(format!("{why} The live data was not touched."))
        .next_step("The job's log has its last lines.")
        .into()
}

/// For the wizard's page: the gates from what was last seen.
pub fn gates_seen(
    row: &BackupRow,
    name: &DeploymentName,
    seen: &Observation,
    identity_need: IdentityNeed,
) -> Vec<Gate> {
    gates(&gate_input(row, name, seen, identity_need))
}

/// As [`gates_seen`], of a restore as a new deployment.
pub fn gates_seen_as_new(
    row: &BackupRow,
    name: &DeploymentName,
    seen: &Observation,
    identity_need: IdentityNeed,
    new: &NewServer<'_>,
) -> Vec<Gate> {
    // The new volume lies where Docker keeps its own. Where that was not measured, the present data may lie elsewhere.
    let in_volume = |c: &Container| storage::data(c).is_ok_and(|m| matches!(m.source, MountSource::Volume(_)));
    let room = seen.room.filter(|room| room.docker.is_some() || seen.container.as_ref().is_some_and(in_volume));
    gates_as_new(&GateInput { room, ..gate_input(row, name, seen, identity_need) }, new)
}

fn gate_input<'a>(
    row: &'a BackupRow,
    name: &'a DeploymentName,
    seen: &'a Observation,
    identity_need: IdentityNeed,
) -> GateInput<'a> {
    let container = seen.container.as_ref();
    let (edition, version) = edition_and_version(row, container, seen);
    GateInput {
        manifest: &row.manifest,
        state: row.state,
        origin: row.origin,
        deployment: name,
        container,
        version,
        edition,
        room: seen.room,
        identity_need,
    }
}
