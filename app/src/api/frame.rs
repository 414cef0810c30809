//! What stands around every page: the deployments in the sidebar, the running jobs in the top bar.

use crate::problem::ApiError;
use domain::job::JobBrief;
use domain::overview::State;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use super::request::*;

/// A deployment as the sidebar shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    pub name: String,
    pub state: State,
    /// Version and edition, as far as known.
    pub version: String,
}

/// The deployments of the sidebar (`deployment.view`).
#[server(prefix = "/api/fn", endpoint = "list_sidebar")]
pub async fn list_sidebar() -> Result<Vec<Entry>, ApiError> {
    let all = ask(ops::use_cases::deployments::ListDeployments {}).await?;
    let version = |s: &domain::overview::Summary| {
        s.version.map(|v| format!("Neo4j {v}")).unwrap_or_else(|| "version unknown".into())
    };
    Ok(all.into_iter().map(|s| Entry { version: version(&s), name: s.name.to_string(), state: s.state }).collect())
}

/// Queued, running and stuck jobs, for the chip in the top bar (`job.view`).
#[server(prefix = "/api/fn", endpoint = "list_running_jobs")]
pub async fn list_running_jobs() -> Result<Vec<JobBrief>, ApiError> {
    ask(ops::use_cases::jobs::RunningJobs {}).await
}
