//! What stands around every page: the deployments in the sidebar, the running jobs in the top bar.

use crate::problem::ApiError;
use domain::job::JobBrief;
use domain::overview::State;
use serde::{Deserialize, Serialize};

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
pub async fn list_sidebar() -> Result<Vec<Entry>, ApiError> {
    let all = ask(ops::use_cases::deployments::ListDeployments {}).await?;
    let version = |s: &domain::overview::Summary| {
        s.version.map(|v| format!("Neo4j {v}")).unwrap_or_else(|| "version unknown".into())
    };
    Ok(all.into_iter().map(|s| Entry { version: version(&s), name: s.name.to_string(), state: s.state }).collect())
}

/// Queued, running and stuck jobs, for the chip in the top bar (`job.view`).
pub async fn list_running_jobs() -> Result<Vec<JobBrief>, ApiError> {
    ask(ops::use_cases::jobs::RunningJobs {}).await
}
