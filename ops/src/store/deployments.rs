//! Tables `deployments`, which tells the number of each name ever heard of, and `adoptions`, of those that are the
//! console's now.

use super::errors::unique_violation;
use super::{NewJob, Store, ms, time};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use domain::backup::BackupId;
use domain::deployment::DeploymentName;
use domain::environment::Environment;
use domain::host::HostId;
use domain::job::JobId;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// Number of a deployment in all tables. It stays when the deployment gets another name or container, and its jobs and
/// backups keep it after the adoption has ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(transparent)]
pub(super) struct DeploymentKey(i64);

impl DeploymentKey {
    /// Of a name that nothing is known of. No row has it.
    const NONE: Self = Self(0);
}

/// An adopted deployment.
#[derive(Clone, PartialEq, Eq)]
pub struct DeploymentRow {
    pub name: DeploymentName,
    /// Whose engine runs the container.
    pub host: HostId,
    /// The container's name; it outlives a recreation, the id does not.
    pub container: String,
    pub neo4j_user: String,
    pub sealed_password: String,
    pub environment: Environment,
}

impl Store {
    /// The deployment's number, to look for its rows.
    pub(super) async fn key(&self, name: &DeploymentName) -> Result<DeploymentKey> {
        let ask = async {
            let found = sqlx::query("SELECT id FROM deployments WHERE name = ?").bind(name.as_str());
            let row = found.fetch_optional(&self.pool).await?;
            row.map_or(Ok(DeploymentKey::NONE), |row| Ok(row.try_get(0)?))
        };
        self.cached(format!("key {name}"), ask).await
    }

    /// None for all of them.
    pub(super) async fn key_of_one_or_all(&self, name: Option<&DeploymentName>) -> Result<Option<DeploymentKey>> {
        match name {
            Some(name) => self.key(name).await.map(Some),
            None => Ok(None),
        }
    }

    /// The deployment's number, to write rows. A name that was never heard of gets one.
    pub(super) async fn know(&self, name: &DeploymentName) -> Result<DeploymentKey> {
        sqlx::query("INSERT INTO deployments (name) VALUES (?) ON CONFLICT (name) DO NOTHING")
            .bind(name.as_str())
            .execute(&*self.write())
            .await?;
        self.key(name).await
    }

    /// None when there is no such backup.
    pub(crate) async fn deployment_of_backup(&self, id: &BackupId) -> Result<Option<DeploymentName>> {
        let ask = async {
            let found = sqlx::query(
                "SELECT name AS deployment_name FROM deployments WHERE id = (SELECT deployment FROM backups WHERE id = ?)",
            );
            let row = found.bind(id.as_str()).fetch_optional(&self.pool).await?;
            row.as_ref().map(deployment_name).transpose()
        };
        self.cached(format!("deployment of {id}"), ask).await
    }

    /// None when there is no such job.
    pub(crate) async fn deployment_of_job(&self, id: JobId) -> Result<Option<DeploymentName>> {
        let ask = async {
            let found = sqlx::query(
                "SELECT name AS deployment_name FROM deployments WHERE id = (SELECT deployment FROM jobs WHERE id = ?)",
            );
            let row = found.bind(id.0).fetch_optional(&self.pool).await?;
            row.as_ref().map(deployment_name).transpose()
        };
        self.cached(format!("deployment of job {id}"), ask).await
    }

    /// All that are adopted, by name.
    pub(crate) async fn deployments(&self) -> Result<Vec<DeploymentRow>> {
        const ALL: &str =
            "SELECT d.name AS deployment_name, a.host, a.container, a.neo4j_user, a.sealed_password, a.environment
          FROM adoptions a JOIN deployments d ON d.id = a.deployment ORDER BY d.name";
        let ask = async {
            let rows = sqlx::query(ALL).fetch_all(&self.pool).await?;
            rows.iter().map(deployment).collect::<Result<Vec<_>>>()
        };
        self.cached("deployments", ask).await
    }

    pub(crate) async fn deployment(&self, name: &DeploymentName) -> Result<DeploymentRow> {
        let found = self.deployments().await?.into_iter().find(|row| &row.name == name);
        found.ok_or_else(|| Error::not_found("deployment", name.as_str()))
    }

    /// Adopts. What is there of an earlier adoption of that name, its jobs and backups, is the deployment's again.
    pub(crate) async fn insert_deployment(&self, row: &DeploymentRow, at: DateTime<Utc>) -> Result<()> {
        let key = self.know(&row.name).await?;
        sqlx::query(
            "INSERT INTO adoptions (deployment, host, container, neo4j_user, sealed_password, environment, adopted_at)
             VALUES (?, ?, ?, ?, ?, ?, ?)",
        )
        .bind(key)
        .bind(row.host.as_str())
        .bind(&row.container)
        .bind(&row.neo4j_user)
        .bind(&row.sealed_password)
        .bind(row.environment.as_str())
        .bind(ms(at))
        .execute(&*self.write())
        .await
        .map_err(|error| match error.as_database_error() {
            Some(database) if database.is_unique_violation() && database.message().contains("container") => {
                Error::conflict(format!("The container {} is already adopted.", row.container))
            }
            Some(_) | None => {
                unique_violation(error, "name", "There is already a deployment with this name. Choose another one.")
            }
        })?;
        Ok(())
    }

    /// Adopts what a job is to make, and queues the job.
    pub(crate) async fn insert_deployment_with_job(&self, row: &DeploymentRow, job: &NewJob<'_>) -> Result<JobId> {
        self.insert_deployment(row, job.at).await?;
        match self.insert_job(job).await {
            Ok(id) => Ok(id),
            Err(error) => {
                self.delete_deployment(&row.name).await?;
                Err(error)
            }
        }
    }

    /// Those whose creation failed, or that were deleted: the last job of an adopted deployment says so.
    pub(crate) async fn ended_deployments(&self) -> Result<Vec<(DeploymentName, JobId)>> {
        let rows = sqlx::query(
            "SELECT d.name AS deployment_name, j.id FROM adoptions a JOIN deployments d ON d.id = a.deployment
               JOIN jobs j ON j.id = (SELECT MAX(id) FROM jobs WHERE deployment = a.deployment)
             WHERE j.created_at >= a.adopted_at
               AND ((j.kind = 'create_deployment' AND j.state IN ('failed', 'rolled_back', 'cancelled'))
                 OR (j.kind = 'delete_deployment' AND j.state = 'succeeded'))",
        );
        let ended = |row: &SqliteRow| Ok((deployment_name(row)?, JobId(row.try_get("id")?)));
        rows.fetch_all(&self.pool).await?.iter().map(ended).collect()
    }

    pub(crate) async fn set_credentials(&self, name: &DeploymentName, user: &str, sealed: &str) -> Result<()> {
        sqlx::query("UPDATE adoptions SET neo4j_user = ?, sealed_password = ? WHERE deployment = ?")
            .bind(user)
            .bind(sealed)
            .bind(self.key(name).await?)
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    pub(crate) async fn set_environment(&self, name: &DeploymentName, environment: Environment) -> Result<()> {
        sqlx::query("UPDATE adoptions SET environment = ? WHERE deployment = ?")
            .bind(environment.as_str())
            .bind(self.key(name).await?)
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    /// The beginning of time where nobody ever did.
    pub(crate) async fn data_accepted_at(&self, name: &DeploymentName) -> Result<DateTime<Utc>> {
        let ask = async {
            let row = sqlx::query("SELECT data_accepted_at FROM adoptions WHERE deployment = ?")
                .bind(self.key(name).await?)
                .fetch_optional(&self.pool)
                .await?;
            Ok(row.map(|row| row.try_get("data_accepted_at")).transpose()?.unwrap_or(0))
        };
        Ok(time(self.cached(format!("data accepted {name}"), ask).await?))
    }

    pub(crate) async fn accept_data(&self, name: &DeploymentName, at: DateTime<Utc>) -> Result<()> {
        sqlx::query("UPDATE adoptions SET data_accepted_at = ? WHERE deployment = ?")
            .bind(ms(at))
            .bind(self.key(name).await?)
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    /// As [`Self::delete_deployment`], unless it was adopted anew since this job of it.
    pub(crate) async fn delete_ended_deployment(&self, name: &DeploymentName, job: JobId) -> Result<()> {
        sqlx::query(
            "DELETE FROM adoptions WHERE deployment = ? AND adopted_at <= (SELECT created_at FROM jobs WHERE id = ?)",
        )
        .bind(self.key(name).await?)
        .bind(job.0)
        .execute(&*self.write())
        .await?;
        Ok(())
    }

    /// Ends the adoption, with its schedules, alarms and plans. Its jobs and backups stay, and so does its number.
    pub(crate) async fn delete_deployment(&self, name: &DeploymentName) -> Result<()> {
        let key = self.key(name).await?;
        sqlx::query("DELETE FROM adoptions WHERE deployment = ?").bind(key).execute(&*self.write()).await?;
        Ok(())
    }
}

/// Of a row with the column `deployment_name`.
pub(super) fn deployment_name(row: &SqliteRow) -> Result<DeploymentName> {
    DeploymentName::parse(row.try_get("deployment_name")?).map_err(Error::internal)
}

fn deployment(row: &SqliteRow) -> Result<DeploymentRow> {
    Ok(DeploymentRow {
        name: deployment_name(row)?,
        host: HostId::parse(row.try_get("host")?).map_err(Error::internal)?,
        container: row.try_get("container")?,
        neo4j_user: row.try_get("neo4j_user")?,
        sealed_password: row.try_get("sealed_password")?,
        environment: Environment::parse(row.try_get("environment")?).map_err(Error::internal)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, host: &str, container: &str) -> DeploymentRow {
        DeploymentRow {
            name: DeploymentName::parse(name).expect("a name"),
            host: HostId::parse(host).expect("a host"),
            container: container.into(),
            neo4j_user: "neo4j".into(),
            sealed_password: "sealed".into(),
            environment: Environment::Staging,
        }
    }

    async fn adopt(store: &Store, row: &DeploymentRow) -> Result<()> {
        store.insert_deployment(row, DateTime::UNIX_EPOCH).await
    }

    #[tokio::test]
    async fn a_container_is_known_by_its_host_and_name() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::open(directory.path()).await.expect("opens");
        adopt(&store, &row("sales", "local", "graph")).await.expect("adopted");
        adopt(&store, &row("sales-far", "far", "graph")).await.expect("the same name on another host");
        let again = adopt(&store, &row("other", "far", "graph")).await.expect_err("refused").to_string();
        assert!(again.contains("already adopted"), "{again}");
        let names =
            |rows: Vec<DeploymentRow>| rows.iter().map(|r| format!("{}@{}", r.name, r.host)).collect::<Vec<_>>();
        assert_eq!(names(store.deployments().await.expect("read")), ["sales@local", "sales-far@far"]);
    }

    #[tokio::test]
    async fn another_name_is_one_column_and_what_outlives_an_adoption_is_there_after_the_next() {
        let directory = tempfile::tempdir().expect("a directory");
        let store = Store::open(directory.path()).await.expect("opens");
        let (sales, shop) = (row("sales", "local", "graph"), row("shop", "local", "graph"));
        adopt(&store, &sales).await.expect("adopted");
        let key = store.key(&sales.name).await.expect("a number");
        sqlx::query("UPDATE deployments SET name = 'shop'").execute(&*store.write()).await.expect("renamed");
        assert_eq!(store.deployments().await.expect("read")[0].name, shop.name);
        assert_eq!(store.key(&shop.name).await.expect("a number"), key);
        store.delete_deployment(&shop.name).await.expect("forgotten");
        assert!(store.deployments().await.expect("read").is_empty());
        adopt(&store, &shop).await.expect("adopted again");
        assert_eq!(store.key(&shop.name).await.expect("a number"), key);
    }
}
