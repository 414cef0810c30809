//! Verdicts of drills, from the table `jobs`.

use super::{Store, time, unknown};
use crate::error::Result;
use crate::jobs::drill;
use domain::deployment::DeploymentName;
use domain::drill::Verdict;
use domain::job::{JobId, Outcome, State};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

impl Store {
    /// Newest first.
    pub(crate) async fn drills(&self, deployment: &DeploymentName, most: u32) -> Result<Vec<Verdict>> {
        let rows = sqlx::query("SELECT * FROM jobs WHERE deployment = ? AND kind = 'drill' ORDER BY id DESC LIMIT ?")
            .bind(deployment.as_str())
            .bind(most)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(verdict).collect()
    }
}

fn verdict(row: &SqliteRow) -> Result<Verdict> {
    let state: &str = row.get("state");
    let params: drill::Params = serde_json::from_str(row.get("params"))?;
    let outcome: Option<Outcome> = row.get::<Option<&str>, _>("outcome").map(serde_json::from_str).transpose()?;
    let outcome = outcome.unwrap_or_default();
    Ok(Verdict {
        job: JobId(row.get("id")),
        backup: Some(params.backup),
        state: State::parse(state).ok_or_else(|| unknown("state of a job", state))?,
        started_at: time(row.get::<Option<i64>, _>("started_at").unwrap_or_else(|| row.get("created_at"))),
        ended_at: row.get::<Option<i64>, _>("ended_at").map(time),
        nodes: outcome.nodes,
        relationships: outcome.relationships,
        problem: row.get::<Option<&str>, _>("problem").map(serde_json::from_str).transpose()?,
    })
}
