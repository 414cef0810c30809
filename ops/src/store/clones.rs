//! Clones of stores inside data volumes, noted from before they are made until they are removed: no engine can list
//! them. They are values of `console`, as there is hardly ever more than one.

use super::Store;
use crate::error::{Error, Result};
use domain::job::JobId;
use sqlx::Row;

const KEY: &str = "clone of job ";

impl Store {
    /// Safe to repeat, like its opposite.
    pub(crate) async fn note_clone(&self, job: JobId) -> Result<()> {
        self.set_value(&format!("{KEY}{job}"), Some("")).await
    }

    /// Once it is removed.
    pub(crate) async fn forget_clone(&self, job: JobId) -> Result<()> {
        self.set_value(&format!("{KEY}{job}"), None).await
    }

    /// The jobs that made them.
    pub(crate) async fn clones(&self) -> Result<Vec<JobId>> {
        let rows =
            sqlx::query("SELECT key FROM console WHERE key LIKE ? || '%'").bind(KEY).fetch_all(&self.pool).await?;
        let id = |key: &str| key.strip_prefix(KEY).and_then(|id| id.parse().ok()).map(JobId);
        rows.iter()
            .map(|row| id(row.try_get("key")?).ok_or_else(|| Error::internal("a noted clone names no job")))
            .collect()
    }
}
