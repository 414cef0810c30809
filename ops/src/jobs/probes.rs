//! The probe queries of a deployment in a rehearsal: on the copy with the new version, and on the server of today.

use super::context::StepContext;
use crate::engine::credentials::bolt;
use crate::engine::probes::run_inside;
use crate::error::Result;
use domain::container::ContainerId;
use domain::probe_query::ProbeQuery;
use domain::probe_result::{Ran, Tried, summary};
use ports::{BoltServer, GraphError};
use std::time::Duration;

const LIMIT: Duration = Duration::from_secs(60);

/// Runs all of them, a line each in the job's log, and says what came of them; nothing where there are none. None stops
/// a rehearsal. What they answer is neither kept nor shown.
pub(super) async fn compare(cx: &StepContext, scratch: &ContainerId) -> Result<String> {
    let all = cx.state.store.probe_queries(&cx.deployment.name).await?;
    if all.is_empty() {
        return Ok(String::new());
    }
    let live = bolt(&cx.state.ports, &cx.deployment, &cx.container().await?, &cx.state.seal).await?;
    let mut results = Vec::new();
    for probe in &all {
        let tried = Tried {
            name: probe.name.clone(),
            new: on_copy(cx, scratch, probe).await,
            now: today(cx, &live, probe).await,
        };
        let (tone, line) = tried.line();
        cx.log(Some(tone), &line).await;
        results.push(tried);
    }
    let (tone, says) = summary(&results);
    cx.log(Some(tone), &says).await;
    Ok(says)
}

/// Twice, the second counts: the first fills the page cache and the plan cache, as on a server in use.
async fn on_copy(cx: &StepContext, id: &ContainerId, probe: &ProbeQuery) -> Result<Ran, String> {
    run_inside(cx.engine.as_ref(), id, probe, LIMIT).await?;
    run_inside(cx.engine.as_ref(), id, probe, LIMIT).await
}

/// The same way.
async fn today(cx: &StepContext, server: &BoltServer, probe: &ProbeQuery) -> Result<Ran, String> {
    let run = || cx.state.ports.graph.run_probe(server, probe.database.as_str(), &probe.query, LIMIT);
    run().await.map_err(|error| words(&error))?;
    run().await.map_err(|error| words(&error))
}

/// In Neo4j's own words, as on the copy.
fn words(error: &GraphError) -> String {
    match error {
        GraphError::Refused { message, .. } => message.clone(),
        GraphError::TimedOut => format!("it did not end within {} s", LIMIT.as_secs()),
        GraphError::Unreachable(_)
        | GraphError::Unauthorized
        | GraphError::RateLimited
        | GraphError::PasswordChangeRequired
        | GraphError::TooMuch => error.to_string(),
    }
}
