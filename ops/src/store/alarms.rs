//! Table `alarms`.

use super::deployments::deployment_name;
use super::{Store, ms, time, unknown};
use crate::error::Result;
use domain::alarm::event::{Kind, Level};
use domain::alarm::policy::Open;
use domain::deployment::DeploymentName;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

/// As part of a transaction. One of a deployment that was forgotten meanwhile is not kept.
pub(super) async fn set(tx: &mut SqliteConnection, open: &Open) -> Result<()> {
    sqlx::query(
        "INSERT INTO alarms (kind, deployment, since, told_at, told_level) SELECT ?1, a.deployment, ?3, ?4, ?5 FROM adoptions a JOIN deployments d ON d.id = a.deployment WHERE d.name = ?2
         ON CONFLICT (kind, deployment) DO UPDATE SET told_at = excluded.told_at, told_level = excluded.told_level",
    )
    .bind(open.kind.as_str())
    .bind(open.deployment.as_str())
    .bind(ms(open.since))
    .bind(open.told.map(|(at, _)| ms(at)))
    .bind(open.told.map(|(_, level)| level.as_str()))
    .execute(tx)
    .await?;
    Ok(())
}

pub(super) async fn close(tx: &mut SqliteConnection, kind: Kind, deployment: &DeploymentName) -> Result<()> {
    sqlx::query("DELETE FROM alarms WHERE kind = ? AND deployment = (SELECT id FROM deployments WHERE name = ?)")
        .bind(kind.as_str())
        .bind(deployment.as_str())
        .execute(tx)
        .await?;
    Ok(())
}

impl Store {
    /// Of all deployments, by deployment and kind.
    pub(crate) async fn open_alarms(&self) -> Result<Vec<Open>> {
        sqlx::query("SELECT a.*, d.name AS deployment_name FROM alarms a JOIN deployments d ON d.id = a.deployment ORDER BY d.name, a.kind")
            .fetch_all(&self.pool)
            .await?
            .iter()
            .map(open)
            .collect()
    }
}

fn open(row: &SqliteRow) -> Result<Open> {
    let (kind, level): (&str, Option<&str>) = (row.try_get("kind")?, row.try_get("told_level")?);
    let told = row.try_get::<Option<i64>, _>("told_at")?.zip(level.map(|l| Level::parse(l).unwrap_or(Level::Info)));
    Ok(Open {
        kind: Kind::parse(kind).ok_or_else(|| unknown("kind of alarm", kind))?,
        deployment: deployment_name(row)?,
        since: time(row.try_get("since")?),
        told: told.map(|(at, level)| (time(at), level)),
    })
}
