//! What a restore looks at before and beside its steps: the gates as they are now, and a scratch server's answer.

use super::helpers;
use super::work::Work;
use crate::error::{Error, Result};
use crate::graph;
use crate::store::Store;
use domain::backup::BackupId;
use domain::container::{Container, ContainerId, RunState};
use domain::deployment::Room;
use domain::gate::{Lock, Situation, all_pass, gates};
use domain::helper::{Act, parse_measure};
use domain::image::Edition;
use domain::problem::ProblemKind;
use domain::text::Tone;
use domain::{Problem, backup};
use std::time::Duration;

/// One question to a scratch server.
const LOOK: Duration = Duration::from_secs(10);

/// The gates once more, with the space measured and the manifest read from the target itself.
pub async fn gates_now(work: &Work, id: &BackupId, has_identity: bool) -> Result<String> {
    let lock = lock(&work.inner.store, id).await?;
    let row = work.inner.store.backup(id).await?;
    let container = work.container().await?;
    let seen = work.inner.observer.look(&work.deployment, &work.inner.seal).await;
    let room = measure(work, &container).await?;
    let edition = seen.server.edition.or_else(|| container.env_value("NEO4J_EDITION").and_then(Edition::parse));
    let version = seen.server.version.or_else(|| same_image(&row, &container));
    let all = gates(&Situation {
        manifest: &row.manifest,
        state: row.state,
        deployment: &work.deployment.name,
        container: Some(&container),
        version,
        edition,
        room: Some(room),
        lock: if has_identity && lock == Lock::Locked { Lock::Opened } else { lock },
    });
    if all_pass(&all) {
        return Ok(format!("{} of {} checks passed.", all.iter().filter(|g| g.tone == Tone::Good).count(), all.len()));
    }
    let first = all.iter().find(|g| g.tone == Tone::Bad).map(|g| format!("{}: {}", g.name, g.says)).unwrap_or_default();
    Err(Problem::new(ProblemKind::Conflict, "This backup cannot be restored here.").means(format!("{first} Neo4j was not touched.")).into())
}

/// Whether its copies need an identity.
pub async fn lock(store: &Store, id: &BackupId) -> Result<Lock> {
    let copies = store.copies(id).await?;
    Ok(Lock::of(copies.iter().filter(|copy| copy.state.may_be_whole()).map(|copy| copy.encrypted.is_some())))
}

/// A server that does not answer now, but runs the very image of the backup, has its version.
pub fn same_image(row: &crate::store::BackupRow, container: &Container) -> Option<domain::image::Version> {
    (row.manifest.image_id == container.image_id).then_some(row.manifest.version)
}

async fn measure(work: &Work, container: &Container) -> Result<Room> {
    let mut data = helpers::live_data(container)?;
    data.writable = false;
    let output = helpers::run_once(work, "measure", &container.image_id, Act::Measure, vec![data], "check").await?;
    parse_measure(&output).ok_or_else(|| Error::conflict("The free space could not be measured."))
}

/// Waits until the scratch server answers over its own loopback.
pub async fn wait_inside(work: &Work, id: &ContainerId) -> Result<()> {
    let (engine, clock, patience) = (work.inner.ports.engine.as_ref(), &work.inner.ports.clock, &work.inner.patience);
    let started = clock.now();
    loop {
        if let RunState::Stopped { exit_code, .. } = engine.inspect(id).await?.run {
            let log = engine.logs(id, 20).await.unwrap_or_default();
            work.log_output(Some(Tone::Warn), &log).await;
            return Err(Problem::new(ProblemKind::Conflict, format!("Neo4j could not start on the copy (code {exit_code})."))
                .means("The live data was not touched.")
                .todo("The job's log has its last lines.")
                .into());
        }
        let online = match graph::query_inside(engine, id, "system", &[graph::DATABASES], LOOK).await {
            Ok(answers) => answers.first().map(|rows| graph::databases(rows)).unwrap_or_default().iter().any(|d| d.default && d.status == "online"),
            Err(_) => false,
        };
        if online {
            return Ok(());
        }
        if (clock.now() - started).to_std().unwrap_or_default() >= patience.ready {
            return Err(Problem::new(ProblemKind::Unavailable, "Neo4j was started on the copy, but does not answer.")
                .means("The live data was not touched.")
                .into());
        }
        clock.sleep(patience.poll).await;
    }
}

/// For the wizard's page: the gates from what was last seen.
pub fn gates_seen(
    row: &crate::store::BackupRow,
    name: &domain::deployment::DeploymentName,
    seen: &domain::deployment::Observation,
    lock: Lock,
) -> Vec<domain::gate::Gate> {
    let container = seen.container.as_ref();
    let edition = seen.server.edition.or_else(|| container.and_then(|c| c.env_value("NEO4J_EDITION")).and_then(Edition::parse));
    let version = seen.server.version.or_else(|| container.and_then(|c| same_image(row, c)));
    let state: backup::State = row.state;
    gates(&Situation { manifest: &row.manifest, state, deployment: name, container, version, edition, room: seen.room, lock })
}
