//! The console's own state in SQLite: one file a table. The only place with SQL.

mod alarms;
mod audit;
mod backups;
mod channels;
mod clones;
mod deliveries;
mod deployments;
mod drills;
mod jobs;
mod kept;
mod members;
mod news;
mod offline_windows;
mod schedules;
mod set_asides;
mod targets;
mod watches;

pub use backups::BackupRow;
pub use channels::ChannelRow;
pub use deployments::DeploymentRow;
pub use jobs::{JobRow, MarkRow, NewJob};
pub use members::MemberRow;
pub use news::{JobEnd, News};
pub(crate) use schedules::ScheduleRow;
pub(crate) use set_asides::SetAsideRow;
pub use targets::TargetRow;
pub use watches::{Ping, WatchRow};

use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Forward only. Index + 1 is the schema's version; a released one is never edited.
const MIGRATIONS: [&str; 10] = [
    include_str!("migrations/0001_foundation.sql"),
    include_str!("migrations/0002_targets.sql"),
    include_str!("migrations/0003_schedules.sql"),
    include_str!("migrations/0004_notifications.sql"),
    include_str!("migrations/0005_drills.sql"),
    include_str!("migrations/0006_uploaded_dumps.sql"),
    include_str!("migrations/0007_encryption.sql"),
    include_str!("migrations/0008_offline.sql"),
    include_str!("migrations/0009_proofs.sql"),
    include_str!("migrations/0010_stores.sql"),
];

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pool: SqlitePool,
    kept: Arc<kept::Kept>,
}

impl Store {
    /// Opens `directory/console.db`, creating and migrating it as needed.
    ///
    /// # Errors
    /// When the directory is not writable, the disk is full, or the database is from a newer console.
    pub async fn open(directory: &Path) -> Result<Self> {
        let options = SqliteConnectOptions::new()
            .filename(directory.join("console.db"))
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A mark that was written must survive a power cut: what a job does next rests on it.
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(5));
        // Before there is a pool: a connection that has read an older schema prepares statements by it, and their answers have more columns
        // than sqlx then counts on.
        let mut first = options.connect().await?;
        migrate(&mut first).await?;
        first.close().await?;
        let pool = SqlitePoolOptions::new().max_connections(4).acquire_timeout(Duration::from_secs(8)).connect_with(options).await?;
        Ok(Self { pool, kept: Arc::default() })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Closes all connections; for an orderly end.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A value of the console's own, for example the set-up token's hash.
    pub(crate) async fn value(&self, key: &str) -> Result<Option<String>> {
        let row = sqlx::query("SELECT value FROM console WHERE key = ?").bind(key).fetch_optional(&self.pool).await?;
        Ok(row.map(|r| r.get(0)))
    }

    pub(crate) async fn set_value(&self, key: &str, value: Option<&str>) -> Result<()> {
        match value {
            Some(v) => sqlx::query("INSERT INTO console (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value").bind(key).bind(v),
            None => sqlx::query("DELETE FROM console WHERE key = ?").bind(key),
        }
        .execute(&*self.write())
        .await?;
        Ok(())
    }

    /// This console's own id: marks its helpers, so that two consoles on one engine leave each other alone.
    pub async fn instance(&self) -> Result<String> {
        let fresh = format!("{:016x}", rand::random::<u64>());
        sqlx::query("INSERT INTO console (key, value) VALUES ('instance', ?) ON CONFLICT DO NOTHING").bind(&fresh).execute(&*self.write()).await?;
        Ok(self.value("instance").await?.unwrap_or(fresh))
    }
}

async fn migrate(connection: &mut SqliteConnection) -> Result<()> {
    let version: i64 = sqlx::query("PRAGMA user_version").fetch_one(&mut *connection).await?.get(0);
    let version = usize::try_from(version).unwrap_or(0);
    if version > MIGRATIONS.len() {
        return Err(Error::conflict(format!("The database has schema {version}, this console knows {}. Start the newer console again.", MIGRATIONS.len())));
    }
    for (i, script) in MIGRATIONS.iter().enumerate().skip(version) {
        let mut tx = connection.begin().await?;
        sqlx::raw_sql(script).execute(&mut *tx).await?;
        sqlx::raw_sql(&format!("PRAGMA user_version = {}", i + 1)).execute(&mut *tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

/// Milliseconds, as times are stored.
fn ms(at: DateTime<Utc>) -> i64 {
    at.timestamp_millis()
}

fn time(ms: i64) -> DateTime<Utc> {
    DateTime::from_timestamp_millis(ms).unwrap_or_default()
}

/// A page's offset; pages count from 1.
fn offset(page: u32, per_page: u32) -> i64 {
    i64::from(page.max(1) - 1) * i64::from(per_page)
}

/// A word in the database that this console does not know: written by a newer one, or by hand.
fn unknown(what: &str, word: &str) -> Error {
    Error::internal(format!("the database holds an unknown {what}: {word}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn opening_twice_migrates_once_and_keeps_the_instance() {
        let dir = tempfile::tempdir().expect("a directory");
        let first = Store::open(dir.path()).await.expect("opens").instance().await.expect("id");
        let again = Store::open(dir.path()).await.expect("opens again");
        assert_eq!(again.instance().await.expect("id"), first);
        again.ping().await.expect("answers");
    }

    #[tokio::test]
    async fn a_database_of_a_newer_console_is_refused_with_a_sentence() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path()).await.expect("opens");
        sqlx::raw_sql("PRAGMA user_version = 99").execute(&store.pool).await.expect("set");
        store.close().await;
        let error = Store::open(dir.path()).await.err().expect("refused").to_string();
        assert!(error.contains("newer console"), "{error}");
    }
}
