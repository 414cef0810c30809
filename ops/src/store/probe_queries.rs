//! Table `probe_queries`.

use super::Store;
use crate::error::{Error, Result};
use domain::database::DatabaseName;
use domain::deployment::DeploymentName;
use domain::probe_query::{ProbeName, ProbeQuery, ProbeText};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

impl Store {
    /// Of a deployment, by name.
    pub(crate) async fn probe_queries(&self, deployment: &DeploymentName) -> Result<Vec<ProbeQuery>> {
        let rows = sqlx::query("SELECT * FROM probe_queries WHERE deployment = ? ORDER BY name")
            .bind(self.key(deployment).await?)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(probe_query).collect()
    }

    /// In place of the one of its name, if there is one.
    pub(crate) async fn set_probe_query(&self, deployment: &DeploymentName, probe: &ProbeQuery) -> Result<()> {
        sqlx::query(
            "INSERT INTO probe_queries (deployment, name, database, query) VALUES (?, ?, ?, ?)
             ON CONFLICT (deployment, name) DO UPDATE SET database = excluded.database, query = excluded.query",
        )
        .bind(self.key(deployment).await?)
        .bind(probe.name.as_str())
        .bind(probe.database.as_str())
        .bind(probe.query.as_str())
        .execute(&*self.write())
        .await?;
        Ok(())
    }

    /// Whether there was one.
    pub(crate) async fn delete_probe_query(&self, deployment: &DeploymentName, name: &ProbeName) -> Result<bool> {
        let done = sqlx::query("DELETE FROM probe_queries WHERE deployment = ? AND name = ?")
            .bind(self.key(deployment).await?)
            .bind(name.as_str())
            .execute(&*self.write())
            .await?;
        Ok(done.rows_affected() > 0)
    }
}

fn probe_query(row: &SqliteRow) -> Result<ProbeQuery> {
    Ok(ProbeQuery {
        name: ProbeName::parse(row.try_get("name")?).map_err(Error::internal)?,
        database: DatabaseName::parse(row.try_get("database")?).map_err(Error::internal)?,
        query: ProbeText::parse(row.try_get("query")?).map_err(Error::internal)?,
    })
}
