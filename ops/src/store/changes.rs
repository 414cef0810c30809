//! Table `changes`: plans, and what became of them.

use super::deployments::deployment_name;
use super::jobs::{NewJob, insertion};
use super::{Store, ms, offset, time, unknown};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use domain::change::{ChangeEntry, ChangeId, ImageUse, Plan, State};
use domain::container::ContainerId;
use domain::deployment::DeploymentName;
use domain::job::{self, JobId, Outcome};
use domain::page::Page;
use sha2::{Digest, Sha256};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// A plan to keep.
pub struct NewChange<'a> {
    pub deployment: &'a DeploymentName,
    pub plan: &'a Plan,
    pub by: &'a str,
    pub reason: &'a str,
    pub at: DateTime<Utc>,
    pub reverts: Option<ChangeId>,
}

/// A container that a change took out of service.
pub struct ReplacedRow {
    pub change: ChangeId,
    pub deployment: DeploymentName,
    pub container: ContainerId,
    pub job_state: job::State,
}

/// With the deployment's name, and how its job ended.
const CHANGES: &str =
    "SELECT c.*, d.name AS deployment_name, j.state AS job_state, j.ended_at AS ended_at, j.outcome AS outcome
  FROM changes c JOIN deployments d ON d.id = c.deployment LEFT JOIN jobs j ON j.id = c.job";

impl Store {
    /// The plan as it is kept is what its digest is of.
    pub(crate) async fn insert_change(&self, new: &NewChange<'_>) -> Result<ChangeId> {
        let plan = serde_json::to_string(new.plan)?;
        let digest = hex::encode(Sha256::digest(&plan));
        let done = sqlx::query("INSERT INTO changes (deployment, kind, plan, digest, by, reason, created_at, reverts) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
            .bind(self.key(new.deployment).await?)
            .bind(new.plan.kind.as_str())
            .bind(plan)
            .bind(digest)
            .bind(new.by)
            .bind(new.reason)
            .bind(ms(new.at))
            .bind(new.reverts.map(|id| id.0))
            .execute(&*self.write())
            .await?;
        Ok(ChangeId(done.last_insert_rowid()))
    }

    /// Of this deployment, or the error that there is none.
    pub(crate) async fn change(&self, deployment: &DeploymentName, id: ChangeId) -> Result<ChangeEntry> {
        let one = format!("{CHANGES} WHERE c.id = ? AND c.deployment = ?");
        let row = sqlx::query(&one).bind(id.0).bind(self.key(deployment).await?).fetch_optional(&self.pool).await?;
        entry(&row.ok_or_else(|| Error::not_found("change", id.to_string()))?)
    }

    /// Newest first. `page` counts from 1.
    pub(crate) async fn change_page(
        &self,
        deployment: &DeploymentName,
        page: u32,
        per_page: u32,
    ) -> Result<Page<ChangeEntry>> {
        let key = self.key(deployment).await?;
        let total: i64 = sqlx::query("SELECT count(*) FROM changes WHERE deployment = ?")
            .bind(key)
            .fetch_one(&self.pool)
            .await?
            .try_get(0)?;
        let some = format!("{CHANGES} WHERE c.deployment = ? ORDER BY c.id DESC LIMIT ? OFFSET ?");
        let rows =
            sqlx::query(&some).bind(key).bind(per_page).bind(offset(page, per_page)).fetch_all(&self.pool).await?;
        let items = rows.iter().map(entry).collect::<Result<_>>()?;
        Ok(Page { items, total: total.unsigned_abs(), page: page.max(1), per_page })
    }

    /// Queues the job of a plan that has none. Two that ask at once get one job.
    pub(crate) async fn apply_change(&self, id: ChangeId, job: &NewJob<'_>) -> Result<JobId> {
        let key = self.key(job.deployment).await?;
        let mut tx = self.write().begin().await?;
        let queued = match insertion(job, key).execute(&mut *tx).await {
            Ok(done) => JobId(done.last_insert_rowid()),
            Err(error) => {
                drop(tx);
                return Err(self.not_queued(job.deployment, error).await?);
            }
        };
        let noted = sqlx::query("UPDATE changes SET job = ? WHERE id = ? AND deployment = ? AND job IS NULL")
            .bind(queued.0)
            .bind(id.0)
            .bind(key)
            .execute(&mut *tx)
            .await?;
        if noted.rows_affected() == 0 {
            return Err(Error::conflict(
                "This plan was applied or tried before. Plan the change again, from what is there now.",
            ));
        }
        tx.commit().await?;
        Ok(queued)
    }

    /// The images of rehearsals that succeeded since then.
    pub(crate) async fn rehearsed_images(
        &self,
        deployment: &DeploymentName,
        since: DateTime<Utc>,
    ) -> Result<Vec<ImageUse>> {
        let plans = "SELECT c.plan FROM jobs j JOIN changes c ON c.id = json_extract(j.params, '$.change')
                     WHERE j.deployment = ? AND j.kind = 'rehearsal' AND j.state = 'succeeded' AND j.ended_at >= ?";
        let key = self.key(deployment).await?;
        let rows = sqlx::query(plans).bind(key).bind(ms(since)).fetch_all(&self.pool).await?;
        let plan = |row: &SqliteRow| Ok(serde_json::from_str::<Plan>(row.try_get("plan")?)?);
        let plans: Vec<Plan> = rows.iter().map(plan).collect::<Result<_>>()?;
        Ok(plans.iter().filter_map(|plan| plan.new_image().cloned()).collect())
    }

    /// `None`: it is removed, or in service again.
    pub(crate) async fn set_replaced(&self, id: ChangeId, container: Option<&ContainerId>) -> Result<()> {
        sqlx::query("UPDATE changes SET replaced = ? WHERE id = ?")
            .bind(container.map(ContainerId::as_str))
            .bind(id.0)
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    /// Containers out of service that may still be there.
    pub(crate) async fn replaced_containers(&self) -> Result<Vec<ReplacedRow>> {
        let all = format!("{CHANGES} WHERE c.replaced IS NOT NULL ORDER BY c.id");
        let rows = sqlx::query(&all).fetch_all(&self.pool).await?;
        rows.iter()
            .map(|row| {
                Ok(ReplacedRow {
                    change: ChangeId(row.try_get("id")?),
                    deployment: deployment_name(row)?,
                    container: ContainerId(row.try_get("replaced")?),
                    job_state: job_state(row)?.ok_or_else(|| Error::internal("a change without a job replaced"))?,
                })
            })
            .collect()
    }
}

fn job_state(row: &SqliteRow) -> Result<Option<job::State>> {
    let state: Option<&str> = row.try_get("job_state")?;
    state.map(|word| job::State::parse(word).ok_or_else(|| unknown("state of a job", word))).transpose()
}

fn entry(row: &SqliteRow) -> Result<ChangeEntry> {
    let outcome: Option<Outcome> = row.try_get::<Option<&str>, _>("outcome")?.map(serde_json::from_str).transpose()?;
    Ok(ChangeEntry {
        id: ChangeId(row.try_get("id")?),
        deployment: deployment_name(row)?,
        plan: serde_json::from_str(row.try_get("plan")?)?,
        digest: row.try_get("digest")?,
        by: row.try_get("by")?,
        reason: row.try_get("reason")?,
        created_at: time(row.try_get("created_at")?),
        state: job_state(row)?.map_or(State::Planned, State::Asked),
        job: row.try_get::<Option<i64>, _>("job")?.map(JobId),
        ended_at: row.try_get::<Option<i64>, _>("ended_at")?.map(time),
        offline_ms: outcome.and_then(|outcome| outcome.offline_ms),
        reverts: row.try_get::<Option<i64>, _>("reverts")?.map(ChangeId),
    })
}
