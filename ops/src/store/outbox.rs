//! Table `job_ends`, and the one transaction in which what was found becomes messages: a crash loses none and doubles
//! none.

use super::{Store, alarms, deliveries, unknown};
use crate::error::Result;
use domain::alarm::event::{Event, Kind};
use domain::alarm::policy::Open;
use domain::channel::Recipient;
use domain::deployment::DeploymentName;
use domain::job::{JobId, State};
use sqlx::Row;

/// A job ended, or got stuck, and nobody was told yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobEnd {
    pub id: i64,
    pub job: JobId,
    pub state: State,
}

/// What one look found.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Outbox {
    pub messages: Vec<(Recipient, Event)>,
    /// Began, or was told again.
    pub open: Vec<Open>,
    pub over: Vec<(Kind, DeploymentName)>,
}

impl Store {
    /// The oldest hundred.
    pub(crate) async fn job_ends(&self) -> Result<Vec<JobEnd>> {
        const SOME: i64 = 100;
        let rows = sqlx::query("SELECT id, job, state FROM job_ends ORDER BY id LIMIT ?")
            .bind(SOME)
            .fetch_all(&self.pool)
            .await?;
        let end = |r: &sqlx::sqlite::SqliteRow| {
            let word: &str = r.try_get("state")?;
            Ok(JobEnd {
                id: r.try_get("id")?,
                job: JobId(r.try_get("job")?),
                state: State::parse(word).ok_or_else(|| unknown("state of a job", word))?,
            })
        };
        rows.iter().map(end).collect()
    }

    /// All of it or nothing. `end` is the job's end it follows from; it is then done with.
    pub(crate) async fn enqueue(&self, news: &Outbox, end: Option<JobEnd>) -> Result<()> {
        let pool = self.write();
        let mut tx = pool.begin().await?;
        for (recipient, event) in &news.messages {
            deliveries::insert(&mut tx, recipient, event).await?;
        }
        // Over before open: what ended and began anew in one look is open.
        for (kind, deployment) in &news.over {
            alarms::close(&mut tx, *kind, deployment).await?;
        }
        for open in &news.open {
            alarms::set(&mut tx, open).await?;
        }
        if let Some(end) = end {
            sqlx::query("DELETE FROM job_ends WHERE id = ?").bind(end.id).execute(&mut *tx).await?;
        }
        Ok(tx.commit().await?)
    }
}
