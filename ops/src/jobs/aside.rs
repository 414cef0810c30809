//! The data that a restore set aside: where it lies, and how it is put back.

use super::context::StepContext;
use super::{helpers, offline};
use crate::error::Result;
use crate::store::SetAsideRow;
use domain::database::DatabaseName;
use domain::helper::{HelperCommand, parse_put_back};
use domain::job::JobId;
use domain::offline::OfflineWindow;

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

/// Undoes a set-aside of this job. What stands in place is thrown away only if Neo4j never ran on it; else clients may
/// have written there, and it is kept as set-aside data of this job.
pub(super) async fn put_back(cx: &StepContext, databases: &[DatabaseName], step: &str) -> Result<String> {
    let directory = format!("kept-{}-{}", cx.state.instance, cx.job);
    let act = |window: &OfflineWindow| HelperCommand::PutBack {
        aside: aside_name(cx, cx.job),
        databases: databases.to_vec(),
        keep: window.served.then(|| directory.clone()),
    };
    let output = offline::run_putting_back(cx, "aside", act, step).await?;
    if parse_put_back(&output) {
        let row = SetAsideRow { job: cx.job, databases: databases.to_vec(), directory: Some(directory) };
        cx.state.store.insert_set_aside(&row, &cx.deployment.name, cx.state.ports.clock.now()).await?;
        return Ok("The data from before is back. What Neo4j had in its place is kept until you remove it.".into());
    }
    Ok("The data from before is back.".into())
}
