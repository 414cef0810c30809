//! Sessions at rest: a SQLite file of their own, so that signing in never waits for the console's database, with what
//! was read lately kept in memory. Only this process writes the file (`serve` locks the data directory), so memory and
//! file agree. The file holds hashes of the sessions' ids: whoever reads a copy of it has no session.

use async_trait::async_trait;
use sha2::{Digest, Sha256};
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
const CACHE_SIZE: usize = 2_000;

/// The store of sessions.
#[derive(Clone)]
pub struct Sessions {
    file: SqliteStore,
    cache: Arc<Mutex<HashMap<Id, Record>>>,
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
        let pool = SqlitePoolOptions::new()
            .max_connections(2)
            .acquire_timeout(Duration::from_secs(5))
            .connect_with(options)
            .await?;
        let file = SqliteStore::new(pool);
        file.migrate().await?;
        Ok(Self { file, cache: Arc::default(), writing: Arc::default() })
    }

    /// Notes when the visitor was last here. Best effort: a read-only disk must not take the pages away.
    pub async fn touch(&self, id: Id, key: &str, at: i64) {
        let _one_at_a_time = self.writing.lock().await;
        let touched = match self.load(&id).await {
            Ok(Some(mut record)) => {
                record.data.insert(key.into(), at.into());
                // In memory first: a visitor who is here must not be sent away because the file could not be written
                // just now.
                self.remember(&record);
                self.file.save(&at_rest(&record)).await
            }
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = touched {
            tracing::warn!(%error, "could not store the last use of a session");
        }
    }

    /// Removes sessions that are over from the file, and from memory all: the next visit reads them again.
    pub async fn sweep(&self) -> Result<()> {
        self.cache().clear();
        self.file.delete_expired().await
    }

    async fn write(&self, record: &Record) -> Result<()> {
        self.file.save(&at_rest(record)).await?;
        self.remember(record);
        Ok(())
    }

    fn remember(&self, record: &Record) {
        let mut cache = self.cache();
        if cache.len() >= CACHE_SIZE && !cache.contains_key(&record.id) {
            cache.clear();
        }
        cache.insert(record.id, record.clone());
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, HashMap<Id, Record>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An id is random and as long as this, so one round of a plain hash is enough.
fn hashed(id: &Id) -> Id {
    let digest = Sha256::digest(id.0.to_le_bytes());
    let (half, _) = digest.split_at(16);
    Id(i128::from_le_bytes(half.try_into().unwrap_or_default()))
}

fn at_rest(record: &Record) -> Record {
    Record { id: hashed(&record.id), ..record.clone() }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        let _one_at_a_time = self.writing.lock().await;
        while self.load(&record.id).await?.is_some() {
            record.id = Id::default();
        }
        self.write(record).await
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
        let known = self.cache().get(id).cloned();
        match known {
            Some(record) => Ok(Some(record)),
            None => {
                let found = self.file.load(&hashed(id)).await?;
                Ok(found.map(|filed| Record { id: *id, ..filed }).inspect(|record| self.remember(record)))
            }
        }
    }

    async fn delete(&self, id: &Id) -> Result<()> {
        let _one_at_a_time = self.writing.lock().await;
        self.cache().remove(id);
        self.file.delete(&hashed(id)).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_the_file_holds_is_no_session() {
        let directory = tempfile::tempdir().expect("a directory");
        let sessions = Sessions::open(directory.path()).await.expect("sessions");
        let expiry_date = time::OffsetDateTime::now_utc() + time::Duration::hours(1);
        let mut record = Record { id: Id::default(), data: HashMap::new(), expiry_date };
        sessions.create(&mut record).await.expect("made");
        let again = Sessions::open(directory.path()).await.expect("sessions, after a restart");
        assert_eq!(again.load(&record.id).await.expect("read").map(|found| found.id), Some(record.id));
        // As a thief would send them.
        let filed: Vec<String> = sqlx::query_scalar("SELECT id FROM tower_sessions")
            .fetch_all(&pool(directory.path()).await)
            .await
            .expect("rows");
        assert_eq!(filed.len(), 1);
        for id in filed {
            assert_ne!(id, record.id.to_string());
            assert!(again.load(&id.parse().expect("an id")).await.expect("read").is_none());
        }
        again.delete(&record.id).await.expect("ended");
        assert!(
            Sessions::open(directory.path()).await.expect("sessions").load(&record.id).await.expect("read").is_none()
        );
    }

    async fn pool(directory: &Path) -> sqlx::SqlitePool {
        sqlx::SqlitePool::connect_with(SqliteConnectOptions::new().filename(directory.join("sessions.db")))
            .await
            .expect("opened")
    }
}
