//! Tables `targets` and `backup_copies`.

use super::errors::unique_violation;
use super::{Store, ms, time, unknown};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use domain::backup::BackupId;
use domain::deployment::DeploymentName;
use domain::encryption::Recipient;
use domain::target::{BackupCopy, CopyState, Place, TargetName};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// A target with its keys as they are at rest.
#[derive(Clone)]
pub struct TargetRow {
    pub name: TargetName,
    pub place: Place,
    pub sealed_keys: Option<String>,
    /// Copies there are encrypted to these; none: they are not.
    pub recipients: Vec<Recipient>,
}

impl Store {
    /// Those that were added, by name; the console's own has no row.
    pub(crate) async fn targets(&self) -> Result<Vec<TargetRow>> {
        let ask = async {
            let rows = sqlx::query("SELECT * FROM targets ORDER BY name").fetch_all(&self.pool).await?;
            rows.iter().map(target).collect::<Result<Vec<_>>>()
        };
        self.cached("targets", ask).await
    }

    /// One by its name, or the error that there is none.
    pub(crate) async fn target(&self, name: &TargetName) -> Result<TargetRow> {
        let found = self.targets().await?.into_iter().find(|row| &row.name == name);
        found.ok_or_else(|| Error::not_found("target", name.as_str()))
    }

    /// Refused when the name is taken.
    pub(crate) async fn insert_target(&self, row: &TargetRow, at: DateTime<Utc>) -> Result<()> {
        sqlx::query("INSERT INTO targets (name, place, sealed_keys, recipients, created_at) VALUES (?, ?, ?, ?, ?)")
            .bind(row.name.as_str())
            .bind(serde_json::to_string(&row.place)?)
            .bind(&row.sealed_keys)
            .bind(serde_json::to_string(&row.recipients)?)
            .bind(ms(at))
            .execute(&*self.write())
            .await
            .map_err(|error| {
                unique_violation(error, "name", "There is already a target with this name. Choose another one.")
            })?;
        Ok(())
    }

    /// Removes the row. What lies there stays.
    pub(crate) async fn delete_target(&self, name: &TargetName) -> Result<()> {
        sqlx::query("DELETE FROM targets WHERE name = ?").bind(name.as_str()).execute(&*self.write()).await?;
        Ok(())
    }

    /// How many backups have a copy there.
    pub(crate) async fn copies_on(&self, name: &TargetName) -> Result<i64> {
        Ok(sqlx::query("SELECT count(*) FROM backup_copies WHERE target = ?")
            .bind(name.as_str())
            .fetch_one(&self.pool)
            .await?
            .try_get(0)?)
    }

    /// The console's own first, then by name.
    pub(crate) async fn copies(&self, backup: &BackupId) -> Result<Vec<BackupCopy>> {
        let rows = sqlx::query("SELECT * FROM backup_copies WHERE backup = ? ORDER BY target <> 'local', target")
            .bind(backup.as_str())
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(copy).collect()
    }

    /// The backups of a deployment that have a copy there, and whether nothing is known against it.
    pub(crate) async fn stored_on(
        &self,
        deployment: &DeploymentName,
        target: &TargetName,
    ) -> Result<Vec<(BackupId, bool)>> {
        let rows = sqlx::query("SELECT c.backup, c.state FROM backup_copies c JOIN backups b ON b.id = c.backup WHERE b.deployment = ? AND c.target = ?")
            .bind(self.key(deployment).await?)
            .bind(target.as_str())
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|row| {
                Ok((
                    BackupId::parse(row.try_get("backup")?).map_err(Error::internal)?,
                    CopyState::parse(row.try_get("state")?).is_some_and(CopyState::may_be_whole),
                ))
            })
            .collect()
    }

    /// Replaces what was known. A backup with a verified copy is verified; without one, but with a copy nobody read
    /// yet, it is unread; else it is broken.
    pub(crate) async fn set_copy(&self, backup: &BackupId, copy: &BackupCopy) -> Result<()> {
        let writing = self.write();
        let mut tx = writing.begin().await?;
        sqlx::query(
            "INSERT INTO backup_copies (backup, target, state, bytes, problem, encrypted, checked_at) VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (backup, target) DO UPDATE SET state = excluded.state, bytes = excluded.bytes, problem = excluded.problem,
             encrypted = excluded.encrypted, checked_at = excluded.checked_at",
        )
        .bind(backup.as_str())
        .bind(copy.target.as_str())
        .bind(copy.state.as_str())
        .bind(i64::try_from(copy.bytes).unwrap_or(i64::MAX))
        .bind(&copy.problem)
        .bind(copy.encrypted.as_ref().map(serde_json::to_string).transpose()?)
        .bind(ms(copy.checked_at))
        .execute(&mut *tx)
        .await?;
        sqlx::query(&format!(
            "UPDATE backups SET state = {STATE_BY_COPIES},
             verified_at = CASE WHEN state = 'unread' AND ?2 = 'verified' THEN ?4 ELSE verified_at END,
             problem = CASE WHEN ?2 IN ('verified', 'unread') THEN NULL ELSE coalesce(?3, problem) END WHERE id = ?1",
        ))
        .bind(backup.as_str())
        .bind(copy.state.as_str())
        .bind(&copy.problem)
        .bind(ms(copy.checked_at))
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(())
    }

    /// The copy is gone from its target. What is left decides the backup's state, as in [`Store::set_copy`].
    pub(crate) async fn delete_copy(&self, backup: &BackupId, target: &TargetName) -> Result<()> {
        let writing = self.write();
        let mut tx = writing.begin().await?;
        sqlx::query("DELETE FROM backup_copies WHERE backup = ? AND target = ?")
            .bind(backup.as_str())
            .bind(target.as_str())
            .execute(&mut *tx)
            .await?;
        sqlx::query(&format!("UPDATE backups SET state = {STATE_BY_COPIES} WHERE id = ?"))
            .bind(backup.as_str())
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(())
    }

    /// Forgets every copy on a target, whatever lies there, and the backups that have no other one. How many those are.
    pub(crate) async fn forget_copies_on(&self, target: &TargetName) -> Result<u64> {
        const ON: &str = "id IN (SELECT backup FROM backup_copies WHERE target = ?)";
        let writing = self.write();
        let mut tx = writing.begin().await?;
        let elsewhere = "EXISTS (SELECT 1 FROM backup_copies c WHERE c.backup = id AND c.target <> ?)";
        let gone = sqlx::query(&format!("DELETE FROM backups WHERE {ON} AND NOT {elsewhere}"))
            .bind(target.as_str())
            .bind(target.as_str())
            .execute(&mut *tx)
            .await?;
        let left = sqlx::query("DELETE FROM backup_copies WHERE target = ? RETURNING backup")
            .bind(target.as_str())
            .fetch_all(&mut *tx)
            .await?;
        for row in &left {
            let backup: &str = row.try_get("backup")?;
            sqlx::query(&format!("UPDATE backups SET state = {STATE_BY_COPIES} WHERE id = ?"))
                .bind(backup)
                .execute(&mut *tx)
                .await?;
        }
        tx.commit().await?;
        Ok(gone.rows_affected())
    }
}

/// Of a row of `backups`.
const STATE_BY_COPIES: &str = "CASE WHEN EXISTS (SELECT 1 FROM backup_copies c WHERE c.backup = id AND c.state = 'verified') THEN 'verified'
    WHEN EXISTS (SELECT 1 FROM backup_copies c WHERE c.backup = id AND c.state = 'unread') THEN 'unread' ELSE 'broken' END";

fn target(row: &SqliteRow) -> Result<TargetRow> {
    Ok(TargetRow {
        name: TargetName::parse(row.try_get("name")?).map_err(Error::internal)?,
        place: serde_json::from_str(row.try_get("place")?)?,
        sealed_keys: row.try_get("sealed_keys")?,
        recipients: serde_json::from_str(row.try_get("recipients")?)?,
    })
}

fn copy(row: &SqliteRow) -> Result<BackupCopy> {
    let state: &str = row.try_get("state")?;
    Ok(BackupCopy {
        target: TargetName::parse(row.try_get("target")?).map_err(Error::internal)?,
        state: CopyState::parse(state).ok_or_else(|| unknown("state of a copy", state))?,
        bytes: row.try_get::<i64, _>("bytes")?.unsigned_abs(),
        problem: row.try_get("problem")?,
        encrypted: row.try_get::<Option<&str>, _>("encrypted")?.map(serde_json::from_str).transpose()?,
        checked_at: time(row.try_get("checked_at")?),
    })
}
