//! Table `channels`.

use super::errors::unique_violation;
use super::{Store, ms};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use domain::channel::{ChannelName, Kind, Recipient, Terms};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// A row of `channels`.
#[derive(Clone)]
pub struct ChannelRow {
    pub name: ChannelName,
    pub kind: Kind,
    /// The destination without its secrets.
    pub shown: String,
    pub sealed: String,
    pub terms: Terms,
}

impl Store {
    /// All, by name.
    pub(crate) async fn channels(&self) -> Result<Vec<ChannelRow>> {
        let ask = async {
            let rows = sqlx::query("SELECT * FROM channels ORDER BY name").fetch_all(&self.pool).await?;
            rows.iter().map(channel).collect::<Result<Vec<_>>>()
        };
        self.cached("channels", ask).await
    }

    /// One by its name, or the error that there is none.
    pub(crate) async fn channel(&self, name: &ChannelName) -> Result<ChannelRow> {
        let found = self.channels().await?.into_iter().find(|row| &row.name == name);
        found.ok_or_else(|| Error::not_found("channel", name.as_str()))
    }

    /// Refused when the name is taken.
    pub(crate) async fn insert_channel(&self, row: &ChannelRow, at: DateTime<Utc>) -> Result<()> {
        sqlx::query("INSERT INTO channels (name, kind, shown, sealed, terms, created_at) VALUES (?, ?, ?, ?, ?, ?)")
            .bind(row.name.as_str())
            .bind(row.kind.as_str())
            .bind(&row.shown)
            .bind(&row.sealed)
            .bind(serde_json::to_string(&row.terms)?)
            .bind(ms(at))
            .execute(&*self.write())
            .await
            .map_err(|error| {
                unique_violation(error, "name", "There is already a channel with this name. Choose another one.")
            })?;
        Ok(())
    }

    /// Replaces everything but the name.
    pub(crate) async fn set_channel(&self, row: &ChannelRow) -> Result<()> {
        sqlx::query("UPDATE channels SET kind = ?, shown = ?, sealed = ?, terms = ? WHERE name = ?")
            .bind(row.kind.as_str())
            .bind(&row.shown)
            .bind(&row.sealed)
            .bind(serde_json::to_string(&row.terms)?)
            .bind(row.name.as_str())
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    /// With its delivery log: another channel of the same name later has its own.
    pub(crate) async fn delete_channel(&self, name: &ChannelName) -> Result<()> {
        let pool = self.write();
        let mut tx = pool.begin().await?;
        sqlx::query("DELETE FROM channels WHERE name = ?").bind(name.as_str()).execute(&mut *tx).await?;
        sqlx::query("DELETE FROM deliveries WHERE recipient = ?")
            .bind(Recipient::Channel(name.clone()).to_string())
            .execute(&mut *tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

fn channel(row: &SqliteRow) -> Result<ChannelRow> {
    Ok(ChannelRow {
        name: ChannelName::parse(row.try_get("name")?).map_err(Error::internal)?,
        kind: Kind::parse(row.try_get("kind")?).map_err(Error::internal)?,
        shown: row.try_get("shown")?,
        sealed: row.try_get("sealed")?,
        terms: serde_json::from_str(row.try_get("terms")?)?,
    })
}
