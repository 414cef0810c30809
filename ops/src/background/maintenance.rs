//! Periodic maintenance: drills, a weekly read-back of every backup, and the space reserve of the database. It keeps no
//! state: jobs and copies tell when each was last done.

use crate::actor::Actor;
use crate::console::Console;
use crate::engine::containers;
use crate::error::{Error, Result};
use crate::jobs::drill;
use crate::store::DeploymentRow;
use crate::use_cases::backups::VerifyBackup;
use crate::use_cases::drills::StartDrill;
use chrono::{DateTime, TimeDelta, Utc};
use domain::Problem;
use domain::backup::BackupId;
use domain::container::Container;
use domain::member::Role;
use std::time::Duration;

const INTERVAL: Duration = Duration::from_secs(600);
/// A copy that was not read for so long is read again.
const UNREAD: TimeDelta = TimeDelta::days(7);
/// A reading that failed is tried again after this.
const AGAIN: TimeDelta = TimeDelta::days(1);

/// A look every ten minutes, the first one ten minutes after the start.
pub(crate) async fn run_forever(console: Console) {
    loop {
        console.state.store.ensure_space_reserve().await;
        console.state.ports.clock.sleep(INTERVAL).await;
        if let Err(error) = tick(&console).await {
            tracing::error!(%error, "maintenance check failed");
        }
    }
}

/// One look at every deployment; at most one job each.
pub(crate) async fn tick(console: &Console) -> Result<()> {
    let now = console.state.ports.clock.now();
    for row in console.state.store.deployments().await? {
        match look(console, &row, now).await {
            // Another request queued a job first.
            Ok(()) | Err(Error::Busy { .. }) => {}
            Err(error) => tracing::warn!(deployment = %row.name, %error, "maintenance postponed"),
        }
    }
    Ok(())
}

async fn look(console: &Console, row: &DeploymentRow, now: DateTime<Utc>) -> Result<()> {
    let (store, name) = (&console.state.store, &row.name);
    if store.live_job(name).await?.is_some() {
        return Ok(());
    }
    let due = due_drill(console, row, now).await?;
    let shortage = match &due {
        Some((container, backup)) => shortage(console, row, container, backup).await?,
        None => None,
    };
    let begins = due.is_some() && shortage.is_none();
    // Also where none is due: a drill by hand, another plan or a stopped server ends the waiting.
    console.state.postponed_drills.set(name, shortage.map(|problem| format!("{} {}", problem.title, problem.means)));
    if begins {
        let who = Actor::schedule("drill", Role::Operator);
        return console.perform(&who, StartDrill { deployment: name.clone(), backup: None }).await.map(|_| ());
    }
    if let Some(backup) = store.longest_unread(name, now - UNREAD, now - AGAIN).await? {
        console.perform(&Actor::schedule("weekly reading", Role::Operator), VerifyBackup { backup }).await?;
    }
    Ok(())
}

/// The backup to be drilled and the server it is of, where one is due. A drill measures room inside the running server,
/// so it waits for one. Where every copy is encrypted none is begun: it could only fail, day after day, and say nothing
/// of the backups. The page of the drills says so instead.
async fn due_drill(
    console: &Console,
    row: &DeploymentRow,
    now: DateTime<Utc>,
) -> Result<Option<(Container, BackupId)>> {
    let (store, name) = (&console.state.store, &row.name);
    let Some(oldest) = store.oldest_drillable(name).await? else { return Ok(None) };
    if !store.drill_interval(name).await?.is_due(store.last_drill(name).await?, oldest, now) {
        return Ok(None);
    }
    let container = containers::inspect(&console.state.ports, row).await?;
    if !container.run.is_running() {
        return Ok(None);
    }
    Ok(store.newest_drillable(name).await?.map(|backup| (container, backup)))
}

/// What disk or memory the host is too short of just now. The page of drills says so until a look finds enough.
async fn shortage(
    console: &Console,
    row: &DeploymentRow,
    container: &Container,
    backup: &BackupId,
) -> Result<Option<Problem>> {
    let engine = console.state.ports.engines.of(&row.host)?.as_ref();
    let manifest = console.state.store.backup(backup).await?.manifest;
    Ok(drill::HostResources::on_host(engine, container, &manifest).await?.shortage())
}

#[cfg(test)]
mod tests;
