//! Table `watches`: what is set for the alarms of a deployment.

use super::Store;
use crate::error::{Error, Result};
use domain::alarm::policy::Repeat;
use domain::channel::Recipient;
use domain::deployment::DeploymentName;
use domain::freshness::Allowance;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// What is set for the alarms of one deployment.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AlarmSettingsRow {
    pub allowance: Allowance,
    pub repeat: Repeat,
    pub ping: Option<Ping>,
}

/// The dead-man ping, as it is shown and as it is sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct Ping {
    pub shown: String,
    pub sealed: String,
}

impl Store {
    /// The defaults when nothing was set.
    pub(crate) async fn alarm_settings(&self, deployment: &DeploymentName) -> Result<AlarmSettingsRow> {
        let ask = async {
            let row = sqlx::query("SELECT * FROM watches WHERE deployment = ?")
                .bind(self.key(deployment).await?)
                .fetch_optional(&self.pool)
                .await?;
            row.as_ref().map_or_else(|| Ok(AlarmSettingsRow::default()), alarm_settings)
        };
        self.cached(format!("alarm settings of {deployment}"), ask).await
    }

    /// In place of what was set before.
    pub(crate) async fn set_alarm_settings(&self, deployment: &DeploymentName, row: &AlarmSettingsRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO watches (deployment, allowance_hours, repeat_hours, ping_shown, ping_sealed) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (deployment) DO UPDATE SET allowance_hours = excluded.allowance_hours, repeat_hours = excluded.repeat_hours,
             ping_shown = excluded.ping_shown, ping_sealed = excluded.ping_sealed",
        )
        .bind(self.key(deployment).await?)
        .bind(row.allowance.as_hours())
        .bind(row.repeat.as_hours())
        .bind(row.ping.as_ref().map(|p| &p.shown))
        .bind(row.ping.as_ref().map(|p| &p.sealed))
        .execute(&*self.write())
        .await?;
        Ok(())
    }

    /// The log of a ping goes with its address, else the failures of an old one would be found on the new.
    pub(crate) async fn delete_deliveries(&self, recipient: &Recipient) -> Result<()> {
        sqlx::query("DELETE FROM deliveries WHERE recipient = ?")
            .bind(recipient.to_string())
            .execute(&*self.write())
            .await?;
        Ok(())
    }
}

fn alarm_settings(row: &SqliteRow) -> Result<AlarmSettingsRow> {
    let ping: (Option<String>, Option<String>) = (row.try_get("ping_shown")?, row.try_get("ping_sealed")?);
    Ok(AlarmSettingsRow {
        allowance: Allowance::hours(row.try_get("allowance_hours")?).map_err(Error::internal)?,
        repeat: Repeat::hours(row.try_get("repeat_hours")?).map_err(Error::internal)?,
        ping: ping.0.zip(ping.1).map(|(shown, sealed)| Ping { shown, sealed }),
    })
}
