//! What an upgrade needs before it, and the copy that the new version works on.

use super::Saved;
use super::data::STAYS;
use crate::engine::credentials::bolt;
use crate::engine::{freshness, graph};
use crate::error::{Error, Result};
use crate::jobs::context::StepContext;
use crate::jobs::{aside, helpers, offline};
use domain::Problem;
use domain::container::Container;
use domain::database::DatabaseName;
use domain::freshness::Age;
use domain::helper::{HelperCommand, parse_measure};
use domain::problem::ProblemKind;
use domain::statements;
use domain::text::file_size;
use std::time::Duration;

const ASK: Duration = Duration::from_secs(30);

/// What must hold before; all databases of the server. Nothing is touched.
pub async fn prepare(cx: &StepContext, container: &Container) -> Result<Vec<DatabaseName>> {
    let now = cx.state.ports.clock.now();
    let (freshness, _) = freshness::freshness(&cx.state.store, &cx.deployment.name, now).await?;
    match freshness.age {
        Age::Ok | Age::DueSoon => {}
        Age::Overdue | Age::Never => return Err(no_backup()),
    }
    let databases = databases(cx, container).await?;
    let data = helpers::live_data(container)?;
    let measure = HelperCommand::Measure;
    let output = helpers::run_once(cx, "measure", helpers::like(container)?, measure, vec![data], "pull").await?;
    let room = parse_measure(&output).ok_or_else(|| Error::conflict("The free space could not be measured."))?;
    if room.free < room.used {
        return Err(no_room(room.used, room.free));
    }
    Ok(databases)
}

fn no_backup() -> Error {
    Problem::new(ProblemKind::Conflict, "There is no verified backup that is new enough for an upgrade.")
        .means("A newer Neo4j changes the data, and no older one opens it again. Neo4j was not stopped.")
        .next_step("Take a backup, then apply the change again.")
        .into()
}

fn no_room(needed: u64, free: u64) -> Error {
    let title = "There is no room for the copy that the new version works on.";
    Problem::new(ProblemKind::Conflict, title)
        .means(format!(
            "It needs {}; {} are free beside the data. Neo4j was not stopped.",
            file_size(needed),
            file_size(free)
        ))
        .next_step("Remove set-aside data, or make the disk larger, then try again.")
        .into()
}

/// All of them, `system` too.
async fn databases(cx: &StepContext, container: &Container) -> Result<Vec<DatabaseName>> {
    let server = bolt(&cx.state.ports, &cx.deployment, container, &cx.state.seal).await?;
    let answers = cx.state.ports.graph.query(&server, "system", &[statements::DATABASES], ASK).await?;
    let found = graph::databases(answers.first().map(Vec::as_slice).unwrap_or_default());
    let closed: Vec<&str> = found.iter().filter(|one| one.status != "online").map(|one| one.name.as_str()).collect();
    if !closed.is_empty() {
        let title = format!("Not every database is online: {}.", closed.join(", "));
        return Err(Problem::new(ProblemKind::Conflict, title)
            .means("Whether the new version can open it would be known only afterwards. Neo4j was not stopped.")
            .next_step("Start it or drop it, then try again.")
            .into());
    }
    found.iter().map(|one| DatabaseName::parse(&one.name).map_err(Error::from)).collect()
}

pub async fn copy(cx: &StepContext) -> Result<String> {
    let Some(databases) = cx.saved::<Saved>().await?.upgraded else { return Ok(STAYS.into()) };
    let act = HelperCommand::CopyAside { aside: aside::aside_name(cx, cx.job), databases };
    offline::run(cx, "aside", act, vec![], "copy").await?;
    Ok(String::new())
}
