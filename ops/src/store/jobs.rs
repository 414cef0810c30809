//! Tables `jobs`, `job_marks`, `job_progress` and `job_log`.

use super::deployments::{DeploymentKey, deployment_name};
use super::{Store, ms, offset, time, unknown};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use domain::Problem;
use domain::backup::BackupId;
use domain::change::ChangeId;
use domain::deployment::DeploymentName;
use domain::job::{JobBrief, JobId, Kind, LogLine, Outcome, Progress, State};
use domain::page::Page;
use domain::plan::Mark;
use domain::schedule::ScheduleName;
use domain::text::Tone;
use sqlx::error::DatabaseError;
use sqlx::query::Query;
use sqlx::sqlite::{SqliteArguments, SqliteRow};
use sqlx::{Row, Sqlite};

/// A job to queue. `params` and what steps save are serialised by the job's own file.
pub struct NewJob<'a> {
    pub kind: Kind,
    pub deployment: &'a DeploymentName,
    pub params: String,
    /// What it is about, and what asked for it: for those who look for jobs.
    pub backup: Option<&'a BackupId>,
    pub schedule: Option<&'a ScheduleName>,
    pub by: &'a str,
    pub reason: &'a str,
    pub at: DateTime<Utc>,
}

/// A row of `jobs`, with its progress.
#[derive(Clone)]
pub struct JobRow {
    pub brief: JobBrief,
    pub cancel: bool,
    pub params: String,
    /// What steps save for later steps; overwritten. The column is `work`.
    pub saved: String,
    pub started_at: Option<DateTime<Utc>>,
    pub problem: Option<Problem>,
    pub outcome: Option<Outcome>,
}

/// A row of `job_marks`.
#[derive(Clone)]
pub struct MarkRow {
    pub step: String,
    pub mark: Mark,
    pub at: DateTime<Utc>,
    pub detail: String,
}

const LOG_LINES: i64 = 500;

/// With the deployment's name and the progress.
const JOBS: &str = "SELECT j.*, d.name AS deployment_name, p.progress FROM jobs j
  JOIN deployments d ON d.id = j.deployment LEFT JOIN job_progress p ON p.job = j.id";

impl Store {
    /// Queues a job; the unique index refuses a second live one on the deployment.
    pub(crate) async fn insert_job(&self, new: &NewJob<'_>) -> Result<JobId> {
        let key = self.key(new.deployment).await?;
        let done = insertion(new, key).execute(&*self.write()).await;
        match done {
            Ok(done) => Ok(JobId(done.last_insert_rowid())),
            Err(error) => Err(self.not_queued(new.deployment, error).await?),
        }
    }

    /// Why a job could not be queued.
    pub(super) async fn not_queued(&self, deployment: &DeploymentName, error: sqlx::Error) -> Result<Error> {
        if !error.as_database_error().is_some_and(DatabaseError::is_unique_violation) {
            return Ok(error.into());
        }
        match self.live_job(deployment).await? {
            Some(job) => Ok(Error::Busy { job: job.id }),
            None => Ok(Error::conflict("Another job has just ended. Try again.")),
        }
    }

    /// The queued, running or stuck job of a deployment, if any.
    pub(crate) async fn live_job(&self, deployment: &DeploymentName) -> Result<Option<JobBrief>> {
        Ok(self.live_jobs().await?.into_iter().find(|job| &job.deployment == deployment))
    }

    /// Queued, running and stuck ones of all deployments, oldest first.
    pub(crate) async fn live_jobs(&self) -> Result<Vec<JobBrief>> {
        let live = format!("{JOBS} WHERE j.live = 1 ORDER BY j.id");
        let ask =
            async { sqlx::query(&live).fetch_all(&self.pool).await?.iter().map(brief).collect::<Result<Vec<_>>>() };
        self.cached("live jobs", ask).await
    }

    /// One job in full, or the error that there is none.
    pub(crate) async fn job(&self, id: JobId) -> Result<JobRow> {
        let one = format!("{JOBS} WHERE j.id = ?");
        let row = sqlx::query(&one).bind(id.0).fetch_optional(&self.pool).await?;
        let row = row.ok_or_else(|| Error::not_found("job", id.to_string()))?;
        Ok(JobRow {
            brief: brief(&row)?,
            cancel: row.try_get("cancel")?,
            params: row.try_get("params")?,
            saved: row.try_get("work")?,
            started_at: row.try_get::<Option<i64>, _>("started_at")?.map(time),
            problem: row.try_get::<Option<&str>, _>("problem")?.map(serde_json::from_str).transpose()?,
            outcome: row.try_get::<Option<&str>, _>("outcome")?.map(serde_json::from_str).transpose()?,
        })
    }

    /// Newest first, of one deployment or of all. `page` counts from 1.
    pub(crate) async fn job_page(
        &self,
        deployment: Option<&DeploymentName>,
        page: u32,
        per_page: u32,
    ) -> Result<Page<JobBrief>> {
        let name = deployment.map_or("", DeploymentName::as_str);
        self.cached(format!("jobs {per_page} {page} {name}"), self.read_job_page(deployment, page, per_page)).await
    }

    /// Backup jobs that ended without a backup, but not cancelled by a member, by when they were asked for.
    pub(crate) async fn failed_backups_between(
        &self,
        deployment: &DeploymentName,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<(JobId, DateTime<Utc>)>> {
        let failed = "SELECT id, created_at FROM jobs WHERE deployment = ? AND kind = 'backup' AND state IN ('failed', 'rolled_back', 'stuck')
                      AND created_at >= ? AND created_at < ?";
        let rows = sqlx::query(failed)
            .bind(self.key(deployment).await?)
            .bind(ms(from))
            .bind(ms(to))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(|row| Ok((JobId(row.try_get("id")?), time(row.try_get("created_at")?)))).collect()
    }

    /// The last rehearsal of a change.
    pub(crate) async fn last_rehearsal(&self, deployment: &DeploymentName, of: ChangeId) -> Result<Option<JobBrief>> {
        let last = format!(
            "{JOBS} WHERE j.deployment = ? AND j.kind = 'rehearsal' AND json_extract(j.params, '$.change') = ? ORDER BY j.id DESC LIMIT 1"
        );
        let row = sqlx::query(&last).bind(self.key(deployment).await?).bind(of.0).fetch_optional(&self.pool).await?;
        row.as_ref().map(brief).transpose()
    }

    async fn read_job_page(
        &self,
        deployment: Option<&DeploymentName>,
        page: u32,
        per_page: u32,
    ) -> Result<Page<JobBrief>> {
        let key = self.key_of_one_or_all(deployment).await?;
        let total: i64 = sqlx::query("SELECT count(*) FROM jobs WHERE ?1 IS NULL OR deployment = ?1")
            .bind(key)
            .fetch_one(&self.pool)
            .await?
            .try_get(0)?;
        let some = format!("{JOBS} WHERE ?1 IS NULL OR j.deployment = ?1 ORDER BY j.id DESC LIMIT ?2 OFFSET ?3");
        let rows =
            sqlx::query(&some).bind(key).bind(per_page).bind(offset(page, per_page)).fetch_all(&self.pool).await?;
        Ok(Page {
            items: rows.iter().map(brief).collect::<Result<_>>()?,
            total: total.unsigned_abs(),
            page: page.max(1),
            per_page,
        })
    }

    /// How long Neo4j was offline in the last job of this kind that succeeded.
    pub(crate) async fn last_offline_ms(&self, deployment: &DeploymentName, kind: Kind) -> Result<Option<u64>> {
        let row = sqlx::query("SELECT outcome FROM jobs WHERE deployment = ? AND kind = ? AND state = 'succeeded' ORDER BY id DESC LIMIT 1")
            .bind(self.key(deployment).await?)
            .bind(kind.as_str())
            .fetch_optional(&self.pool)
            .await?;
        let outcome = row.map(|row| row.try_get::<Option<String>, _>(0)).transpose()?.flatten();
        let outcome: Option<Outcome> = outcome.map(|outcome| serde_json::from_str(&outcome)).transpose()?;
        Ok(outcome.and_then(|o| o.offline_ms))
    }

    /// Runs from now on. The first start stays noted when it is started again.
    pub(crate) async fn set_job_started(&self, id: JobId, at: DateTime<Utc>) -> Result<()> {
        sqlx::query("UPDATE jobs SET state = 'running', started_at = coalesce(started_at, ?) WHERE id = ?")
            .bind(ms(at))
            .bind(id.0)
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    /// `params`: replace those with secrets, which are forgotten with the job. What is stuck can only be undone, which
    /// needs none.
    pub(crate) async fn end_job(
        &self,
        id: JobId,
        state: State,
        outcome: Option<&Outcome>,
        params: Option<&str>,
        at: DateTime<Utc>,
    ) -> Result<()> {
        let outcome = outcome.map(serde_json::to_string).transpose()?;
        let mut tx = self.write().begin().await?;
        sqlx::query(
            "UPDATE jobs SET state = ?, live = ?, ended_at = ?, outcome = ?, params = coalesce(?, params) WHERE id = ?",
        )
        .bind(state.as_str())
        .bind(state.is_live())
        .bind(ms(at))
        .bind(outcome)
        .bind(params)
        .bind(id.0)
        .execute(&mut *tx)
        .await?;
        sqlx::query("DELETE FROM job_progress WHERE job = ?").bind(id.0).execute(&mut *tx).await?;
        tx.commit().await?;
        // Nor does it stay in the log of changes. Somebody who reads just now keeps the log; the next end takes it
        // along.
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&*self.write()).await?;
        Ok(())
    }

    /// Only a live job can be asked to stop; says whether it was.
    pub(crate) async fn request_cancel(&self, id: JobId) -> Result<bool> {
        Ok(sqlx::query("UPDATE jobs SET cancel = 1 WHERE id = ? AND live = 1")
            .bind(id.0)
            .execute(&*self.write())
            .await?
            .rows_affected()
            == 1)
    }

    /// What went wrong, in place of what was noted before. The state stays as it is.
    pub(crate) async fn set_job_problem(&self, id: JobId, problem: &Problem) -> Result<()> {
        sqlx::query("UPDATE jobs SET problem = ? WHERE id = ?")
            .bind(serde_json::to_string(problem)?)
            .bind(id.0)
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    /// What the job must still know after a restart of the console, as JSON.
    pub(crate) async fn set_job_saved(&self, id: JobId, saved: &str) -> Result<()> {
        sqlx::query("UPDATE jobs SET work = ? WHERE id = ?").bind(saved).bind(id.0).execute(&*self.write()).await?;
        Ok(())
    }

    /// Adds one to the marks of a step; none is ever changed.
    pub(crate) async fn insert_mark(
        &self,
        job: JobId,
        step: &str,
        mark: Mark,
        detail: &str,
        at: DateTime<Utc>,
    ) -> Result<()> {
        sqlx::query("INSERT INTO job_marks (job, step, mark, at, detail) VALUES (?, ?, ?, ?, ?)")
            .bind(job.0)
            .bind(step)
            .bind(mark.as_str())
            .bind(ms(at))
            .bind(detail)
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    /// All of a job, in the order they were written.
    pub(crate) async fn marks(&self, job: JobId) -> Result<Vec<MarkRow>> {
        let rows = sqlx::query("SELECT step, mark, at, detail FROM job_marks WHERE job = ? ORDER BY id")
            .bind(job.0)
            .fetch_all(&self.pool)
            .await?;
        rows.iter()
            .map(|r| {
                let word: &str = r.try_get("mark")?;
                Ok(MarkRow {
                    step: r.try_get("step")?,
                    mark: Mark::parse(word).ok_or_else(|| unknown("mark", word))?,
                    at: time(r.try_get("at")?),
                    detail: r.try_get("detail")?,
                })
            })
            .collect()
    }

    /// In place of the last one.
    pub(crate) async fn set_progress(&self, job: JobId, progress: &Progress) -> Result<()> {
        sqlx::query("INSERT INTO job_progress (job, progress) VALUES (?, ?) ON CONFLICT (job) DO UPDATE SET progress = excluded.progress")
            .bind(job.0)
            .bind(serde_json::to_string(progress)?)
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    /// The last one that was noted.
    pub(crate) async fn progress(&self, job: JobId) -> Result<Option<Progress>> {
        let row = sqlx::query("SELECT progress FROM job_progress WHERE job = ?")
            .bind(job.0)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| Ok(serde_json::from_str(row.try_get(0)?)?)).transpose()
    }

    /// Adds one line; a plain one has no tone.
    pub(crate) async fn log(&self, job: JobId, tone: Option<Tone>, line: &str, at: DateTime<Utc>) -> Result<()> {
        sqlx::query("INSERT INTO job_log (job, at, tone, line) VALUES (?, ?, ?, ?)")
            .bind(job.0)
            .bind(ms(at))
            .bind(tone.map(Tone::as_str))
            .bind(line)
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    /// The newest lines, oldest first.
    pub(crate) async fn log_lines(&self, job: JobId) -> Result<Vec<LogLine>> {
        let rows = sqlx::query(
            "SELECT at, tone, line FROM (SELECT * FROM job_log WHERE job = ? ORDER BY id DESC LIMIT ?) ORDER BY id",
        )
        .bind(job.0)
        .bind(LOG_LINES)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(log_line).collect()
    }
}

fn log_line(row: &SqliteRow) -> Result<LogLine> {
    let tone = match row.try_get("tone")? {
        Some("warn") => Some(Tone::Warn),
        Some("bad") => Some(Tone::Bad),
        _ => None,
    };
    Ok(LogLine { at: time(row.try_get("at")?), tone, text: row.try_get("line")? })
}

/// The statement that queues a job; also within the transaction that needs it.
pub(super) fn insertion<'q>(new: &'q NewJob<'_>, deployment: DeploymentKey) -> Query<'q, Sqlite, SqliteArguments<'q>> {
    sqlx::query(
        "INSERT INTO jobs (kind, deployment, state, live, params, backup, schedule, by, reason, created_at) VALUES (?, ?, 'queued', 1, ?, ?, ?, ?, ?, ?)",
    )
    .bind(new.kind.as_str())
    .bind(deployment)
    .bind(&new.params)
    .bind(new.backup.map(BackupId::as_str))
    .bind(new.schedule.map(ScheduleName::as_str))
    .bind(new.by)
    .bind(new.reason)
    .bind(ms(new.at))
}

fn brief(row: &SqliteRow) -> Result<JobBrief> {
    let (kind, state): (&str, &str) = (row.try_get("kind")?, row.try_get("state")?);
    let progress: Option<Progress> =
        row.try_get::<Option<&str>, _>("progress")?.map(serde_json::from_str).transpose()?;
    Ok(JobBrief {
        id: JobId(row.try_get("id")?),
        kind: Kind::parse(kind).ok_or_else(|| unknown("kind of job", kind))?,
        deployment: deployment_name(row)?,
        state: State::parse(state).ok_or_else(|| unknown("state of a job", state))?,
        by: row.try_get("by")?,
        reason: row.try_get("reason")?,
        created_at: time(row.try_get("created_at")?),
        ended_at: row.try_get::<Option<i64>, _>("ended_at")?.map(time),
        percent: progress.and_then(|p| p.percent()),
    })
}

#[cfg(test)]
impl Store {
    /// As if the console had died between the act and its mark.
    pub(crate) async fn forget_last_mark(&self, job: JobId) -> Result<()> {
        sqlx::query("DELETE FROM job_marks WHERE id = (SELECT max(id) FROM job_marks WHERE job = ?)")
            .bind(job.0)
            .execute(&*self.write())
            .await?;
        Ok(())
    }
}
