//! Sessions at rest: a SQLite file of their own, so that signing in never waits for the console's database, with what was
//! read lately kept in memory. Only this process writes the file (`serve` locks the data directory), so memory and file agree.

use async_trait::async_trait;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tower_sessions::session::{Id, Record};
use tower_sessions::session_store::{Error, Result};
use tower_sessions::{ExpiredDeletion, SessionStore};
use tower_sessions_sqlx_store::SqliteStore;

/// More sessions than this are read from the file; each takes about half a kilobyte.
const KEPT: usize = 2_000;

#[derive(Clone)]
pub struct Sessions {
    file: SqliteStore,
    kept: Arc<Mutex<HashMap<Id, Record>>>,
    /// One writer at a time: nobody saves a session that another request is just ending.
    writing: Arc<tokio::sync::Mutex<()>>,
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sessions")
    }
}

impl Sessions {
    /// Opens `sessions.db` in the data directory, making it when there is none.
    pub async fn open(directory: &Path) -> std::result::Result<Self, sqlx::Error> {
        let options = SqliteConnectOptions::new()
            .filename(directory.join("sessions.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .busy_timeout(Duration::from_secs(3))
            .pragma("cache_size", "-256");
        let pool = SqlitePoolOptions::new().max_connections(2).acquire_timeout(Duration::from_secs(5)).connect_with(options).await?;
        let file = SqliteStore::new(pool);
        file.migrate().await?;
        Ok(Self { file, kept: Arc::default(), writing: Arc::default() })
    }

    /// Notes when the visitor was last here. Best effort: a read-only disk must not take the pages away.
    pub async fn touch(&self, id: Id, key: &str, at: i64) {
        let _one_at_a_time = self.writing.lock().await;
        let touched = match self.load(&id).await {
            Ok(Some(mut record)) => {
                record.data.insert(key.into(), at.into());
                // In memory first: a visitor who is here must not be sent away because the file could not be written just now.
                self.keep(&record);
                self.file.save(&record).await
            }
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = touched {
            tracing::warn!(cause = %error, "a session's last visit was not noted");
        }
    }

    /// Removes sessions that are over from the file, and from memory all: the next visit reads them again.
    pub async fn sweep(&self) -> Result<()> {
        self.kept().clear();
        self.file.delete_expired().await
    }

    async fn write(&self, record: &Record) -> Result<()> {
        self.file.save(record).await?;
        self.keep(record);
        Ok(())
    }

    fn keep(&self, record: &Record) {
        let mut kept = self.kept();
        if kept.len() >= KEPT && !kept.contains_key(&record.id) {
            kept.clear();
        }
        kept.insert(record.id, record.clone());
    }

    fn kept(&self) -> std::sync::MutexGuard<'_, HashMap<Id, Record>> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let _one_at_a_time = self.writing.lock().await;
        self.file.create(record).await?;
        self.keep(record);
        Ok(())
    }

    /// A session that was ended meanwhile stays ended.
    async fn save(&self, record: &Record) -> Result<()> {
        let _one_at_a_time = self.writing.lock().await;
        if self.load(&record.id).await?.is_none() {
            return Err(Error::Backend("the session has ended meanwhile".into()));
        }
        self.write(record).await
    }

    /// Whether it is over is for the visitor's ticket to say; it knows the console's clock.
    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let known = self.kept().get(id).cloned();
        match known {
            Some(record) => Ok(Some(record)),
            None => Ok(self.file.load(id).await?.inspect(|record| self.keep(record))),
        }
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let _one_at_a_time = self.writing.lock().await;
        self.kept().remove(id);
        self.file.delete(id).await
    }
}
