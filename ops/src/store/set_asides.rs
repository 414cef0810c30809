//! Table `set_asides`: the previous data of restores, kept inside the data volume.

use super::{Store, ms};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use domain::database::DatabaseName;
use domain::deployment::DeploymentName;
use domain::job::JobId;
use domain::set_aside::LastRun;
use serde::{Deserialize, Serialize};
use sqlx::Row;

/// Data that a job set aside in the deployment's volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAsideRow {
    pub job: JobId,
    pub databases: Vec<DatabaseName>,
    /// Below `.neo4j-console`; none where it follows from the job, as an older console had it
    /// (`jobs::aside::directory_of`).
    pub directory: Option<String>,
    /// Which Neo4j had it open last; none where an older console did not note it.
    pub last_run: Option<LastRun>,
}

impl Store {
    /// Safe to repeat.
    pub(crate) async fn insert_set_aside(
        &self,
        row: &SetAsideRow,
        deployment: &DeploymentName,
        at: DateTime<Utc>,
    ) -> Result<()> {
        let last_run = row.last_run.as_ref().map(serde_json::to_string).transpose()?;
        sqlx::query("INSERT INTO set_asides (job, deployment, databases, directory, last_run, made_at) VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (job) DO NOTHING")
            .bind(row.job.0)
            .bind(self.key(deployment).await?)
            .bind(serde_json::to_string(&row.databases)?)
            .bind(row.directory.as_deref().unwrap_or_default())
            .bind(last_run.unwrap_or_default())
            .bind(ms(at))
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    /// Once the data was brought back or removed.
    pub(crate) async fn delete_set_aside(&self, job: JobId) -> Result<()> {
        sqlx::query("DELETE FROM set_asides WHERE job = ?").bind(job.0).execute(&*self.write()).await?;
        Ok(())
    }

    /// What a job set aside on this deployment.
    pub(crate) async fn set_aside(&self, job: JobId, deployment: &DeploymentName) -> Result<SetAsideRow> {
        let row = sqlx::query("SELECT databases, directory, last_run FROM set_asides WHERE job = ? AND deployment = ?")
            .bind(job.0)
            .bind(self.key(deployment).await?)
            .fetch_optional(&self.pool)
            .await?;
        let row = row.ok_or_else(|| {
            Error::conflict(format!(
                "The data that job {job} set aside is no longer there: it was brought back or removed."
            ))
        })?;
        let last_run: String = row.try_get("last_run")?;
        Ok(SetAsideRow {
            job,
            databases: serde_json::from_str(row.try_get("databases")?)?,
            directory: Some(row.try_get("directory")?).filter(|directory: &String| !directory.is_empty()),
            last_run: Some(last_run)
                .filter(|text| !text.is_empty())
                .map(|text| serde_json::from_str(&text))
                .transpose()?,
        })
    }

    /// Restores of this deployment that can be undone, newest first.
    pub(crate) async fn set_aside_jobs(&self, deployment: &DeploymentName) -> Result<Vec<JobId>> {
        let rows = sqlx::query("SELECT job FROM set_asides WHERE deployment = ? ORDER BY job DESC")
            .bind(self.key(deployment).await?)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok(JobId(row.try_get(0)?))).collect()
    }
}
