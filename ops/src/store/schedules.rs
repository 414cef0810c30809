//! Tables `schedules` and `schedule_runs`.

use super::deployments::{DeploymentKey, deployment_name};
use super::errors::unique_violation;
use super::jobs::insertion;
use super::{NewJob, Store, ms, time, unknown};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use domain::deployment::DeploymentName;
use domain::job::JobId;
use domain::schedule::{Jitter, Keep, Kind, Outcome, Run, Schedule, ScheduleName};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// A schedule as it is stored.
#[derive(Clone)]
pub(crate) struct ScheduleRow {
    pub schedule: Schedule,
    /// Planned times up to it do not count.
    pub since: DateTime<Utc>,
}

/// What decides whether old backups are looked at again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct PruneState {
    pub last: Option<DateTime<Utc>>,
    /// A scheduled backup has succeeded since.
    pub backup_since: bool,
}

impl Store {
    /// Of one deployment or of all, by name.
    pub(crate) async fn schedules(&self, deployment: Option<&DeploymentName>) -> Result<Vec<ScheduleRow>> {
        let name = deployment.map_or("", DeploymentName::as_str);
        let ask = async {
            let rows =
                sqlx::query(SCHEDULES).bind(self.key_of_one_or_all(deployment).await?).fetch_all(&self.pool).await?;
            rows.iter().map(schedule).collect::<Result<Vec<_>>>()
        };
        self.cached(format!("schedules of {name}"), ask).await
    }

    /// One of a deployment by its name, or the error that there is none.
    pub(crate) async fn schedule(&self, deployment: &DeploymentName, name: &ScheduleName) -> Result<ScheduleRow> {
        let found = self.schedules(Some(deployment)).await?.into_iter().find(|row| &row.schedule.name == name);
        found.ok_or_else(|| Error::not_found("schedule", name.as_str()))
    }

    /// Refused when the deployment has one of this name.
    pub(crate) async fn insert_schedule(&self, s: &Schedule, since: DateTime<Utc>) -> Result<()> {
        let done = sqlx::query(
            "INSERT INTO schedules (cron, time_zone, targets, kind, keep_days, keep_count, paused, jitter_minutes, since, deployment, name)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        );
        let done = bind(done, s, since, self.key(&s.deployment).await?)?.execute(&*self.write()).await;
        done.map_err(|error| {
            unique_violation(
                error,
                "name",
                format!("There is already a schedule {}. Choose another name, or change that one.", s.name),
            )
        })?;
        Ok(())
    }

    /// Replaces everything but deployment and name.
    pub(crate) async fn update_schedule(&self, s: &Schedule, since: DateTime<Utc>) -> Result<()> {
        let done = sqlx::query(
            "UPDATE schedules SET cron = ?, time_zone = ?, targets = ?, kind = ?, keep_days = ?, keep_count = ?, paused = ?, jitter_minutes = ?, since = ?
             WHERE deployment = ? AND name = ?",
        );
        bind(done, s, since, self.key(&s.deployment).await?)?.execute(&*self.write()).await?;
        Ok(())
    }

    /// Removes it; backups it made keep its name.
    pub(crate) async fn delete_schedule(&self, deployment: &DeploymentName, name: &ScheduleName) -> Result<()> {
        sqlx::query("DELETE FROM schedules WHERE deployment = ? AND name = ?")
            .bind(self.key(deployment).await?)
            .bind(name.as_str())
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    /// After the clock was set back, nothing counts from a time to come, and no run to come was missed.
    pub(crate) async fn correct_future_times(&self, now: DateTime<Utc>) -> Result<()> {
        let ahead: i64 = sqlx::query(
            "SELECT (SELECT count(*) FROM schedules WHERE since > ?1) + (SELECT count(*) FROM schedule_runs WHERE outcome = 'missed' AND planned_at > ?1)",
        )
        .bind(ms(now))
        .fetch_one(&self.pool)
        .await?
        .try_get(0)?;
        if ahead > 0 {
            sqlx::query("UPDATE schedules SET since = ?1 WHERE since > ?1")
                .bind(ms(now))
                .execute(&*self.write())
                .await?;
            sqlx::query("DELETE FROM schedule_runs WHERE outcome = 'missed' AND planned_at > ?")
                .bind(ms(now))
                .execute(&*self.write())
                .await?;
        }
        Ok(())
    }

    /// The run settled last, of those planned up to `now`.
    pub(crate) async fn last_run(
        &self,
        deployment: &DeploymentName,
        name: &ScheduleName,
        now: DateTime<Utc>,
    ) -> Result<Option<Run>> {
        let row = sqlx::query("SELECT * FROM schedule_runs WHERE deployment = ? AND schedule = ? AND planned_at <= ? ORDER BY planned_at DESC LIMIT 1")
            .bind(self.key(deployment).await?)
            .bind(name.as_str())
            .bind(ms(now))
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(run).transpose()
    }

    /// Settles a run that no job is made for. Safe to repeat.
    pub(crate) async fn insert_missed(&self, deployment: &DeploymentName, run: &Run, at: DateTime<Utc>) -> Result<()> {
        sqlx::query(RUN)
            .bind(self.key(deployment).await?)
            .bind(run.schedule.as_str())
            .bind(ms(run.planned_at))
            .bind(ms(at))
            .bind(run.outcome.as_str())
            .bind(None::<i64>)
            .bind(&run.note)
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    /// Queues the job of a planned run and settles the run, both or neither. None when the run was settled already.
    pub(crate) async fn insert_run(&self, run: &Run, job: &NewJob<'_>) -> Result<Option<JobId>> {
        let key = self.key(job.deployment).await?;
        let writing = self.write();
        let mut tx = writing.begin().await?;
        let queued = match insertion(job, key).execute(&mut *tx).await {
            Ok(done) => done.last_insert_rowid(),
            Err(error) => {
                drop(tx);
                return Err(self.not_queued(job.deployment, error).await?);
            }
        };
        let done = sqlx::query(RUN)
            .bind(key)
            .bind(run.schedule.as_str())
            .bind(ms(run.planned_at))
            .bind(ms(job.at))
            .bind(run.outcome.as_str())
            .bind(queued)
            .bind(&run.note)
            .execute(&mut *tx)
            .await?;
        if done.rows_affected() == 0 {
            return Ok(None);
        }
        tx.commit().await?;
        Ok(Some(JobId(queued)))
    }

    /// Planned times of runs that were not made.
    pub(crate) async fn missed_between(
        &self,
        deployment: &DeploymentName,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<DateTime<Utc>>> {
        let missed = "SELECT planned_at FROM schedule_runs WHERE deployment = ? AND outcome = 'missed' AND planned_at >= ? AND planned_at < ?";
        let rows = sqlx::query(missed)
            .bind(self.key(deployment).await?)
            .bind(ms(from))
            .bind(ms(to))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok(time(row.try_get("planned_at")?))).collect()
    }

    /// The last run of each schedule that is not paused, where it was missed and neither this schedule nor a person has
    /// made a backup since.
    pub(crate) async fn missed_last(&self, deployment: &DeploymentName, now: DateTime<Utc>) -> Result<Vec<Run>> {
        let rows =
            sqlx::query(MISSED_LAST).bind(self.key(deployment).await?).bind(ms(now)).fetch_all(&self.pool).await?;
        rows.iter().map(run).collect()
    }

    /// By the last clean-up job of the deployment, whatever came of it.
    pub(crate) async fn prune_state(&self, deployment: &DeploymentName) -> Result<PruneState> {
        let row = sqlx::query(
            "SELECT id, created_at FROM jobs WHERE deployment = ? AND kind = 'prune' ORDER BY id DESC LIMIT 1",
        )
        .bind(self.key(deployment).await?)
        .fetch_optional(&self.pool)
        .await?;
        let (id, last) = match row {
            Some(row) => (row.try_get::<i64, _>("id")?, Some(time(row.try_get("created_at")?))),
            None => (0, None),
        };
        let since: i64 =
            sqlx::query("SELECT count(*) FROM jobs WHERE deployment = ? AND id > ? AND kind = 'backup' AND state = 'succeeded' AND schedule IS NOT NULL")
                .bind(self.key(deployment).await?)
                .bind(id)
                .fetch_one(&self.pool)
                .await?
                .try_get(0)?;
        Ok(PruneState { last, backup_since: since > 0 })
    }
}

const SCHEDULES: &str =
    "SELECT s.*, d.name AS deployment_name FROM schedules s JOIN deployments d ON d.id = s.deployment
  WHERE ?1 IS NULL OR s.deployment = ?1 ORDER BY d.name, s.name";

const RUN: &str = "INSERT INTO schedule_runs (deployment, schedule, planned_at, decided_at, outcome, job, note) VALUES (?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (deployment, schedule, planned_at) DO NOTHING";

/// A change of the schedule (`since`) ends it, too: what was planned before does not count any more.
const MISSED_LAST: &str = "SELECT r.* FROM schedules s JOIN schedule_runs r ON r.deployment = s.deployment AND r.schedule = s.name
  WHERE s.deployment = ?1 AND NOT s.paused AND r.outcome = 'missed' AND r.planned_at BETWEEN s.since AND ?2
    AND NOT EXISTS (SELECT 1 FROM schedule_runs later WHERE later.deployment = r.deployment AND later.schedule = r.schedule
      AND later.planned_at > r.planned_at AND later.planned_at <= ?2)
    AND NOT EXISTS (SELECT 1 FROM jobs j WHERE j.deployment = s.deployment AND j.kind = 'backup' AND j.state = 'succeeded'
      AND j.created_at > r.planned_at AND coalesce(j.schedule, s.name) = s.name)
  ORDER BY s.name";

type Statement<'q> = sqlx::query::Query<'q, sqlx::Sqlite, sqlx::sqlite::SqliteArguments<'q>>;

fn bind<'q>(
    statement: Statement<'q>,
    s: &'q Schedule,
    since: DateTime<Utc>,
    deployment: DeploymentKey,
) -> Result<Statement<'q>> {
    Ok(statement
        .bind(&s.cron)
        .bind(&s.time_zone)
        .bind(serde_json::to_string(&s.targets)?)
        .bind(s.kind.as_str())
        .bind(s.keep.days)
        .bind(s.keep.count)
        .bind(s.paused)
        .bind(s.jitter.minutes())
        .bind(ms(since))
        .bind(deployment)
        .bind(s.name.as_str()))
}

fn schedule(row: &SqliteRow) -> Result<ScheduleRow> {
    let schedule = Schedule {
        name: ScheduleName::parse(row.try_get("name")?).map_err(Error::internal)?,
        deployment: deployment_name(row)?,
        cron: row.try_get("cron")?,
        time_zone: row.try_get("time_zone")?,
        targets: serde_json::from_str(row.try_get("targets")?)?,
        kind: Kind::parse(row.try_get("kind")?).map_err(Error::internal)?,
        keep: Keep { days: row.try_get("keep_days")?, count: row.try_get("keep_count")? },
        paused: row.try_get("paused")?,
        jitter: Jitter::parse(row.try_get("jitter_minutes")?).map_err(Error::internal)?,
    };
    Ok(ScheduleRow { schedule, since: time(row.try_get("since")?) })
}

fn run(row: &SqliteRow) -> Result<Run> {
    let word: &str = row.try_get("outcome")?;
    Ok(Run {
        schedule: ScheduleName::parse(row.try_get("schedule")?).map_err(Error::internal)?,
        planned_at: time(row.try_get("planned_at")?),
        outcome: Outcome::parse(word).ok_or_else(|| unknown("outcome of a run", word))?,
        job: row.try_get::<Option<i64>, _>("job")?.map(JobId),
        note: row.try_get("note")?,
    })
}

#[cfg(test)]
impl Store {
    /// All runs of a schedule in the order they were planned.
    pub(crate) async fn runs(&self, deployment: &DeploymentName, name: &ScheduleName) -> Result<Vec<Run>> {
        let rows = sqlx::query("SELECT * FROM schedule_runs WHERE deployment = ? AND schedule = ? ORDER BY planned_at")
            .bind(self.key(deployment).await?)
            .bind(name.as_str())
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(run).collect()
    }
}
