//! Table `deployments`.

use super::errors::taken;
use super::{Store, ms, time};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use domain::deployment::DeploymentName;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// An adopted deployment.
#[derive(Clone, PartialEq, Eq)]
pub struct DeploymentRow {
    pub name: DeploymentName,
    /// The container's name; it outlives a recreation, the id does not.
    pub container: String,
    pub neo4j_user: String,
    pub sealed_password: String,
}

impl Store {
    /// All, by name.
    pub(crate) async fn deployments(&self) -> Result<Vec<DeploymentRow>> {
        let ask = async {
            let rows = sqlx::query("SELECT * FROM deployments ORDER BY name").fetch_all(&self.pool).await?;
            rows.iter().map(deployment).collect::<Result<Vec<_>>>()
        };
        self.kept("deployments", ask).await
    }

    /// One by its name, or the error that there is none.
    pub(crate) async fn deployment(&self, name: &DeploymentName) -> Result<DeploymentRow> {
        let found = self.deployments().await?.into_iter().find(|row| &row.name == name);
        found.ok_or_else(|| Error::not_found("deployment", name.as_str()))
    }

    /// Refused when the name is taken or the container is adopted already.
    pub(crate) async fn insert_deployment(&self, row: &DeploymentRow, at: DateTime<Utc>) -> Result<()> {
        sqlx::query(
            "INSERT INTO deployments (name, container, neo4j_user, sealed_password, adopted_at) VALUES (?, ?, ?, ?, ?)",
        )
        .bind(row.name.as_str())
        .bind(&row.container)
        .bind(&row.neo4j_user)
        .bind(&row.sealed_password)
        .bind(ms(at))
        .execute(&*self.write())
        .await
        .map_err(|error| match error.as_database_error() {
            Some(database) if database.is_unique_violation() && database.message().contains("container") => {
                Error::conflict(format!("The container {} is already adopted.", row.container))
            }
            Some(_) | None => taken(error, "name", "There is already a deployment with this name. Choose another one."),
        })?;
        Ok(())
    }

    /// The password comes sealed.
    pub(crate) async fn set_credentials(&self, name: &DeploymentName, user: &str, sealed: &str) -> Result<()> {
        sqlx::query("UPDATE deployments SET neo4j_user = ?, sealed_password = ? WHERE name = ?")
            .bind(user)
            .bind(sealed)
            .bind(name.as_str())
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    /// The beginning of time where nobody ever did.
    pub(crate) async fn data_accepted_at(&self, name: &DeploymentName) -> Result<DateTime<Utc>> {
        let ask = async {
            let row = sqlx::query("SELECT data_accepted_at FROM deployments WHERE name = ?")
                .bind(name.as_str())
                .fetch_optional(&self.pool)
                .await?;
            Ok(row.map(|row| row.try_get("data_accepted_at")).transpose()?.unwrap_or(0))
        };
        Ok(time(self.kept(format!("data accepted {name}"), ask).await?))
    }

    /// Notes that the loss of all data from before this time is accepted.
    pub(crate) async fn accept_data(&self, name: &DeploymentName, at: DateTime<Utc>) -> Result<()> {
        sqlx::query("UPDATE deployments SET data_accepted_at = ? WHERE name = ?")
            .bind(ms(at))
            .bind(name.as_str())
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    /// With its schedules, drill plan, alarms and watch. Backups and jobs stay.
    pub(crate) async fn delete_deployment(&self, name: &DeploymentName) -> Result<()> {
        sqlx::query("DELETE FROM deployments WHERE name = ?").bind(name.as_str()).execute(&*self.write()).await?;
        Ok(())
    }
}

fn deployment(row: &SqliteRow) -> Result<DeploymentRow> {
    Ok(DeploymentRow {
        name: DeploymentName::parse(row.try_get("name")?).map_err(Error::internal)?,
        container: row.try_get("container")?,
        neo4j_user: row.try_get("neo4j_user")?,
        sealed_password: row.try_get("sealed_password")?,
    })
}
