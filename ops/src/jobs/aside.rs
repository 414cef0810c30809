//! The data that a restore set aside: where it lies, and how it is put back.

use super::context::StepContext;
use super::{helpers, offline};
use crate::error::{Error, Result};
use crate::store::SetAsideRow;
use domain::Problem;
use domain::database::DatabaseName;
use domain::helper::{Aside, HelperCommand, parse_look, parse_put_back};
use domain::job::JobId;
use domain::offline::OfflineWindow;
use domain::problem::ProblemKind;
use domain::set_aside::LastRun;

/// Where a restore keeps the previous data inside the volume. With the console's id: one that begins anew after its
/// state was lost counts its jobs from 1 again, and must never take what an earlier one set aside for its own.
pub(super) fn aside_name(cx: &StepContext, restore: JobId) -> String {
    aside_of(&cx.state.instance, restore)
}

/// Where the data that a job set aside lies; `noted`: as its row says.
pub(super) fn directory_of(cx: &StepContext, job: JobId, noted: Option<&str>) -> String {
    noted.map_or_else(|| aside_name(cx, job), str::to_owned)
}

pub(super) fn aside_of(instance: &str, restore: JobId) -> String {
    format!("restore-{instance}-{restore}")
}

/// Runs a helper on the live data, as whoever the server is. For what moves nothing that the server has open.
pub(super) async fn on_live_data(cx: &StepContext, act: HelperCommand, step: &str) -> Result<String> {
    let container = cx.container().await?;
    let (runs, data) = (helpers::like(&container)?, helpers::live_data(&container)?);
    helpers::run_once(cx, "aside", runs, act, vec![data], step).await
}

/// That all of it is there; nothing is moved. Of what is there in its place it tells the names.
pub(super) async fn look(cx: &StepContext, directory: &str, databases: &[DatabaseName], step: &str) -> Result<Aside> {
    let act = HelperCommand::LookAside { aside: directory.into(), databases: databases.to_vec() };
    let output = on_live_data(cx, act, step).await?;
    let aside = parse_look(&output).ok_or_else(|| Error::conflict("What is set aside could not be read."))?;
    if aside.missing.is_empty() {
        return Ok(aside);
    }
    Err(Problem::new(ProblemKind::Conflict, "The data that was set aside is not in the volume any more.")
        .means(format!(
            "Missing: {}. It was removed, or the server has another volume now. Nothing was moved.",
            aside.missing.join(", ")
        ))
        .next_step("Restore a backup instead.")
        .into())
}

/// Undoes bringing back: what came from there lies there again.
pub(super) async fn take_away(
    cx: &StepContext,
    directory: &str,
    databases: &[DatabaseName],
    step: &str,
) -> Result<String> {
    let act = |_: &OfflineWindow| HelperCommand::SetAside {
        aside: directory.into(),
        databases: databases.to_vec(),
        note_absent: false,
    };
    offline::run_putting_back(cx, "aside", act, step).await.map(|_| String::new())
}

/// The Neo4j that has the live data open, or had it last.
pub(super) async fn last_run(cx: &StepContext) -> Result<Option<LastRun>> {
    Ok(cx.find_container().await?.as_ref().map(LastRun::of))
}

/// One entry of the list of set-aside data in place of another. Safe to repeat.
pub(super) async fn list_in_place_of(cx: &StepContext, row: &SetAsideRow, gone: JobId) -> Result<()> {
    let (store, now) = (&cx.state.store, cx.state.ports.clock.now());
    store.insert_set_aside(row, &cx.deployment.name, now).await?;
    store.delete_set_aside(gone).await
}

/// Undoes a set-aside of this job. What stands in place is thrown away only if Neo4j never ran on it; else clients may
/// have written there, and it is kept as set-aside data of this job. `ran`: the Neo4j that may have run on it.
pub(super) async fn put_back(
    cx: &StepContext,
    databases: &[DatabaseName],
    ran: Option<LastRun>,
    step: &str,
) -> Result<String> {
    let directory = format!("kept-{}-{}", cx.state.instance, cx.job);
    let act = |window: &OfflineWindow| HelperCommand::PutBack {
        aside: aside_name(cx, cx.job),
        databases: databases.to_vec(),
        keep: window.served.then(|| directory.clone()),
    };
    let output = offline::run_putting_back(cx, "aside", act, step).await?;
    if parse_put_back(&output) {
        let row = SetAsideRow { job: cx.job, databases: databases.to_vec(), directory: Some(directory), last_run: ran };
        cx.state.store.insert_set_aside(&row, &cx.deployment.name, cx.state.ports.clock.now()).await?;
        return Ok("The data from before is back. What Neo4j had in its place is kept until you remove it.".into());
    }
    Ok("The data from before is back.".into())
}
