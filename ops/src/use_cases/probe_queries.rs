//! Probe queries of a deployment: which there are, saving one, removing one. They run in rehearsals (`jobs/probes.rs`).

use crate::console::context::{Change, Context, Query};
use crate::engine::credentials::bolt;
use crate::error::{Error, Result};
use domain::Invalid;
use domain::deployment::DeploymentName;
use domain::permission::Permission;
use domain::probe_query::{MOST, ProbeName, ProbeQuery};
use domain::scope::Subject;
use ports::GraphError;
use serde::{Deserialize, Serialize};
use std::time::Duration;

#[cfg(test)]
mod tests;

/// How long Neo4j has to say whether it would run one.
const CHECK: Duration = Duration::from_secs(10);

/// By name.
pub struct ListProbeQueries {
    pub deployment: DeploymentName,
}

impl Query for ListProbeQueries {
    const NEEDS: &'static [Permission] = &[Permission::DeploymentView];
    type Answer = Vec<ProbeQuery>;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Vec<ProbeQuery>> {
        cx.store().deployment(&self.deployment).await?;
        cx.store().probe_queries(&self.deployment).await
    }
}

/// Adds it, or puts it in place of the one of its name.
#[derive(Serialize, Deserialize)]
pub struct SaveProbeQuery {
    pub deployment: DeploymentName,
    pub probe: ProbeQuery,
}

/// How it was saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// Neo4j would run it, and it only reads.
    Checked,
    /// Neo4j did not answer.
    Unchecked,
}

impl Change for SaveProbeQuery {
    const NAME: &'static str = "save probe query";
    const NEEDS: &'static [Permission] = &[Permission::ConfigChange];
    type Outcome = Saved;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    /// Without its text, which may be long and name people.
    fn target(&self) -> String {
        format!("{} {}", self.deployment, self.probe.name)
    }
    async fn apply(self, cx: &Context<'_>) -> Result<Saved> {
        cx.store().deployment(&self.deployment).await?;
        let present = cx.store().probe_queries(&self.deployment).await?;
        if present.len() >= MOST && present.iter().all(|one| one.name != self.probe.name) {
            return Err(Error::conflict(format!("There are {MOST} probe queries already. Remove one first.")));
        }
        let saved = check(cx, &self.deployment, &self.probe).await?;
        cx.store().set_probe_query(&self.deployment, &self.probe).await?;
        Ok(saved)
    }
}

/// Asks the server that runs. One that is away, or does not let the console in, is no reason to refuse.
async fn check(cx: &Context<'_>, deployment: &DeploymentName, probe: &ProbeQuery) -> Result<Saved> {
    let Ok((row, container)) = cx.with_container(deployment).await else { return Ok(Saved::Unchecked) };
    let server = bolt(cx.ports(), &row, &container, cx.seal()).await?;
    match cx.ports().graph.check_probe(&server, probe.database.as_str(), &probe.query, CHECK).await {
        Ok(()) => Ok(Saved::Checked),
        Err(GraphError::Refused { code, message }) => Err(Invalid::new("query", why(&code, &message)).into()),
        Err(
            GraphError::Unreachable(_)
            | GraphError::Unauthorized
            | GraphError::RateLimited
            | GraphError::PasswordChangeRequired
            | GraphError::TimedOut
            | GraphError::TooMuch,
        ) => Ok(Saved::Unchecked),
    }
}

/// 5.15 has no word of its own for what would write, but for what it would do with it in a cluster.
fn why(code: &str, message: &str) -> String {
    if code.ends_with("Statement.AccessMode") || message.starts_with("Routing WRITE queries") {
        return "It would write. A probe query may only read, because it runs on the server in use, too.".into();
    }
    format!("Neo4j does not run it: {message}")
}

/// Of that name.
#[derive(Serialize, Deserialize)]
pub struct RemoveProbeQuery {
    pub deployment: DeploymentName,
    pub name: ProbeName,
}

impl Change for RemoveProbeQuery {
    const NAME: &'static str = "remove probe query";
    const NEEDS: &'static [Permission] = &[Permission::ConfigChange];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        format!("{} {}", self.deployment, self.name)
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        cx.store().deployment(&self.deployment).await?;
        match cx.store().delete_probe_query(&self.deployment, &self.name).await? {
            true => Ok(()),
            false => Err(Error::not_found("probe query", self.name.as_str())),
        }
    }
}
