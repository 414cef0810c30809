//! Table `offline_windows`: what a job has stopped.

use super::Store;
use crate::error::Result;
use domain::job::JobId;
use domain::offline::OfflineWindow;
use sqlx::Row;

impl Store {
    /// What the job has stopped; none when it has stopped nothing, or all runs again.
    pub(crate) async fn offline_window(&self, job: JobId) -> Result<Option<OfflineWindow>> {
        let row = sqlx::query("SELECT window FROM offline_windows WHERE job = ?")
            .bind(job.0)
            .fetch_optional(&self.pool)
            .await?;
        row.map(|row| Ok(serde_json::from_str(row.try_get("window")?)?)).transpose()
    }

    /// In place of what was noted before.
    pub(crate) async fn set_offline_window(&self, job: JobId, window: &OfflineWindow) -> Result<()> {
        sqlx::query("INSERT INTO offline_windows (job, window) VALUES (?, ?) ON CONFLICT (job) DO UPDATE SET window = excluded.window")
            .bind(job.0)
            .bind(serde_json::to_string(window)?)
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    /// Safe when there is none.
    pub(crate) async fn delete_offline_window(&self, job: JobId) -> Result<()> {
        sqlx::query("DELETE FROM offline_windows WHERE job = ?").bind(job.0).execute(&*self.write()).await?;
        Ok(())
    }
}
