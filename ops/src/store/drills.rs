//! Results of drills, from the table `jobs`; how often they are run, in `drill_plans`; and what was not read back for
//! long.

use super::{Store, ms, time, unknown};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use domain::backup::BackupId;
use domain::deployment::DeploymentName;
use domain::drill::{DrillInterval, DrillResult, DrillStatus};
use domain::job::{JobId, Outcome, State};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// Verified, with a copy that needs no identity: the console has none.
const DRILLABLE: &str = "b.deployment = ? AND b.state = 'verified' AND b.origin = 'own' AND EXISTS
    (SELECT 1 FROM backup_copies c WHERE c.backup = b.id AND c.state IN ('verified', 'unread') AND c.encrypted IS NULL)";

impl Store {
    /// Newest first.
    pub(crate) async fn drills(&self, deployment: &DeploymentName, most: u32) -> Result<Vec<DrillResult>> {
        let rows = sqlx::query("SELECT * FROM jobs WHERE deployment = ? AND kind = 'drill' ORDER BY id DESC LIMIT ?")
            .bind(self.key(deployment).await?)
            .bind(most)
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(drill_result).collect()
    }

    /// The last that passed, and the last of all where it failed after that.
    pub(crate) async fn drill_status(&self, deployment: &DeploymentName) -> Result<DrillStatus> {
        const LAST: &str = "SELECT * FROM jobs WHERE deployment = ? AND kind = 'drill' AND state IN";
        let ask = async {
            let find = |states: &'static str| async move {
                let last = format!("{LAST} ({states}) ORDER BY id DESC LIMIT 1");
                let row = sqlx::query(&last).bind(self.key(deployment).await?).fetch_optional(&self.pool).await?;
                row.as_ref().map(drill_result).transpose()
            };
            let (last_passed, last_failed) =
                (find("'succeeded'").await?, find("'failed', 'rolled_back', 'stuck'").await?);
            let last_failed = last_failed.filter(|f| last_passed.as_ref().is_none_or(|p| f.job.0 > p.job.0));
            let all_encrypted =
                self.newest_drillable(deployment).await?.is_none() && self.last_verified(deployment).await?.is_some();
            Ok(DrillStatus { last_passed, last_failed, all_encrypted })
        };
        self.cached(format!("drills of {deployment}"), ask).await
    }

    /// How the last drill ended, if there ever was one, with when it was asked for.
    pub(crate) async fn last_drill(&self, deployment: &DeploymentName) -> Result<Option<(State, DateTime<Utc>)>> {
        let last =
            "SELECT state, created_at FROM jobs WHERE deployment = ? AND kind = 'drill' ORDER BY id DESC LIMIT 1";
        let row = sqlx::query(last).bind(self.key(deployment).await?).fetch_optional(&self.pool).await?;
        let Some(row) = row else { return Ok(None) };
        let state: &str = row.try_get("state")?;
        let state = State::parse(state).ok_or_else(|| unknown("state of a job", state))?;
        Ok(Some((state, time(row.try_get("created_at")?))))
    }

    /// When the first verified backup was made of those that a drill can read.
    pub(crate) async fn oldest_drillable(&self, deployment: &DeploymentName) -> Result<Option<DateTime<Utc>>> {
        let oldest = format!("SELECT min(made_at) FROM backups b WHERE {DRILLABLE}");
        let oldest: Option<i64> =
            sqlx::query(&oldest).bind(self.key(deployment).await?).fetch_one(&self.pool).await?.try_get(0)?;
        Ok(oldest.map(time))
    }

    /// The newest verified backup that a drill can read.
    pub(crate) async fn newest_drillable(&self, deployment: &DeploymentName) -> Result<Option<BackupId>> {
        let newest = format!("SELECT id FROM backups b WHERE {DRILLABLE} ORDER BY made_at DESC, id DESC LIMIT 1");
        let row = sqlx::query(&newest).bind(self.key(deployment).await?).fetch_optional(&self.pool).await?;
        row.map(|row| BackupId::parse(row.try_get("id")?).map_err(Error::internal)).transpose()
    }

    /// The backup of which a copy was not read back for longest, if that was before `before` or never. One that
    /// somebody tried to read since `tried` waits: its target may be away, and the others must not wait for it.
    pub(crate) async fn longest_unread(
        &self,
        deployment: &DeploymentName,
        before: DateTime<Utc>,
        tried: DateTime<Utc>,
    ) -> Result<Option<BackupId>> {
        let unread = "SELECT b.id FROM backups b JOIN backup_copies c ON c.backup = b.id
                      WHERE b.deployment = ?1 AND (c.checked_at < ?2 OR c.state = 'unread') AND b.id NOT IN
                      (SELECT backup FROM jobs WHERE deployment = ?1 AND backup IS NOT NULL AND kind IN ('verify', 'prove_dump') AND created_at >= ?3)
                      ORDER BY c.checked_at, b.id LIMIT 1";
        let row = sqlx::query(unread)
            .bind(self.key(deployment).await?)
            .bind(ms(before))
            .bind(ms(tried))
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| BackupId::parse(row.try_get("id")?).map_err(Error::internal)).transpose()
    }

    /// How often drills run.
    pub(crate) async fn drill_interval(&self, deployment: &DeploymentName) -> Result<DrillInterval> {
        let row = sqlx::query("SELECT every_days FROM drill_plans WHERE deployment = ?")
            .bind(self.key(deployment).await?)
            .fetch_optional(&self.pool)
            .await?;
        row.map_or(Ok(DrillInterval::DEFAULT), |row| {
            DrillInterval::days(row.try_get("every_days")?).map_err(Error::internal)
        })
    }

    /// In place of what was set before.
    pub(crate) async fn set_drill_interval(&self, deployment: &DeploymentName, every: DrillInterval) -> Result<()> {
        sqlx::query("INSERT INTO drill_plans (deployment, every_days) VALUES (?, ?) ON CONFLICT (deployment) DO UPDATE SET every_days = excluded.every_days")
            .bind(self.key(deployment).await?)
            .bind(every.as_days())
            .execute(&*self.write())
            .await?;
        Ok(())
    }
}

fn drill_result(row: &SqliteRow) -> Result<DrillResult> {
    let state: &str = row.try_get("state")?;
    let backup: Option<&str> = row.try_get("backup")?;
    let outcome: Option<Outcome> = row.try_get::<Option<&str>, _>("outcome")?.map(serde_json::from_str).transpose()?;
    let outcome = outcome.unwrap_or_default();
    let (created, started): (i64, Option<i64>) = (row.try_get("created_at")?, row.try_get("started_at")?);
    Ok(DrillResult {
        job: JobId(row.try_get("id")?),
        backup: backup.map(BackupId::parse).transpose().map_err(Error::internal)?,
        state: State::parse(state).ok_or_else(|| unknown("state of a job", state))?,
        started_at: time(started.unwrap_or(created)),
        ended_at: row.try_get::<Option<i64>, _>("ended_at")?.map(time),
        nodes: outcome.nodes,
        relationships: outcome.relationships,
        problem: row.try_get::<Option<&str>, _>("problem")?.map(serde_json::from_str).transpose()?,
    })
}
