//! Table `configurations`: what the console knows a container to be set to.

use super::{Store, ms};
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::change::Configuration;
use domain::deployment::DeploymentName;
use sqlx::Row;

impl Store {
    /// None before the first look at it.
    pub(crate) async fn configuration(&self, deployment: &DeploymentName) -> Result<Option<Configuration>> {
        let ask = async {
            let row = sqlx::query("SELECT configuration FROM configurations WHERE deployment = ?")
                .bind(self.key(deployment).await?)
                .fetch_optional(&self.pool)
                .await?;
            row.map(|row| Ok(serde_json::from_str(row.try_get("configuration")?)?)).transpose()
        };
        self.cached(format!("configuration of {deployment}"), ask).await
    }

    /// In place of what was known before.
    pub(crate) async fn set_configuration(
        &self,
        deployment: &DeploymentName,
        configuration: &Configuration,
        at: DateTime<Utc>,
    ) -> Result<()> {
        sqlx::query("INSERT INTO configurations (deployment, configuration, known_at) VALUES (?, ?, ?) ON CONFLICT (deployment) DO UPDATE SET configuration = excluded.configuration, known_at = excluded.known_at")
            .bind(self.key(deployment).await?)
            .bind(serde_json::to_string(configuration)?)
            .bind(ms(at))
            .execute(&*self.write())
            .await?;
        Ok(())
    }
}
