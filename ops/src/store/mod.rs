//! The console's own state in SQLite: one file a table. The only place with SQL.

mod alarm_settings;
mod alarms;
mod audit;
mod backups;
mod cache;
mod changes;
mod channels;
mod clones;
mod configurations;
mod deliveries;
mod deployments;
mod drills;
mod errors;
mod jobs;
mod members;
mod offline_windows;
mod outbox;
mod probe_queries;
mod registry_sign_ins;
mod samples;
mod schedules;
mod sealed;
mod set_asides;
mod sign_ins;
mod space_reserve;
mod targets;
mod tokens;

pub use alarm_settings::{AlarmSettingsRow, Ping};
pub use backups::BackupRow;
pub(crate) use changes::{NewChange, ReplacedRow};
pub use channels::ChannelRow;
pub use deployments::DeploymentRow;
pub use jobs::{JobRow, MarkRow, NewJob};
pub use members::MemberRow;
pub use outbox::{JobEnd, Outbox};
pub(crate) use registry_sign_ins::RegistrySignInRow;
pub(crate) use schedules::ScheduleRow;
pub(crate) use set_asides::SetAsideRow;
pub use targets::TargetRow;

use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use space_reserve::SpaceReserve;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Row, SqliteConnection};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Forward only. Index + 1 is the schema's version; a released one is never edited.
const MIGRATIONS: [&str; 24] = [
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
    include_str!("migrations/0011_origins.sql"),
    include_str!("migrations/0012_run_missed.sql"),
    include_str!("migrations/0013_sign_ins.sql"),
    include_str!("migrations/0014_tokens.sql"),
    include_str!("migrations/0015_audit_chain.sql"),
    include_str!("migrations/0016_job_subjects.sql"),
    include_str!("migrations/0017_keys.sql"),
    include_str!("migrations/0018_samples.sql"),
    include_str!("migrations/0019_changes.sql"),
    include_str!("migrations/0020_configurations.sql"),
    include_str!("migrations/0021_set_asides.sql"),
    include_str!("migrations/0022_environments.sql"),
    include_str!("migrations/0023_registry_sign_ins.sql"),
    include_str!("migrations/0024_probe_queries.sql"),
];

/// What [`Store::inspect`] finds in a data directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseInfo {
    None,
    Older,
    UpToDate,
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Store {
    pool: SqlitePool,
    cache: Arc<cache::QueryCache>,
    space_reserve: Arc<SpaceReserve>,
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
            // What is deleted, a sealed identity for one, is not left in free pages beside its key.
            .pragma("secure_delete", "ON")
            .busy_timeout(Duration::from_secs(5));
        // Before there is a pool: a connection that has read an older schema prepares statements by it, and their
        // answers have more columns than sqlx then counts on.
        // Its references are not enforced while tables are made anew; `migrate` checks them.
        let mut first = options.clone().foreign_keys(false).connect().await?;
        migrate(&mut first).await?;
        first.close().await?;
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .acquire_timeout(Duration::from_secs(8))
            .connect_with(options)
            .await?;
        Ok(Self { pool, cache: Arc::default(), space_reserve: Arc::new(SpaceReserve::new(directory)) })
    }

    /// What the next start will find in `directory`; changes nothing, so it may be asked of a database that an older
    /// console has open.
    ///
    /// # Errors
    /// When it cannot be read, or is from a newer console.
    pub async fn inspect(directory: &Path) -> Result<DatabaseInfo> {
        let file = directory.join("console.db");
        if !file.exists() {
            return Ok(DatabaseInfo::None);
        }
        let mut connection = SqliteConnectOptions::new().filename(file).read_only(true).connect().await?;
        let schema = schema(&mut connection).await?;
        connection.close().await?;
        Ok(if schema == MIGRATIONS.len() { DatabaseInfo::UpToDate } else { DatabaseInfo::Older })
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> Result<()> {
        sqlx::query("SELECT 1").execute(&self.pool).await?;
        Ok(())
    }

    /// Sets room aside for a day on which the disk is full. Without it the console works as well.
    pub(crate) async fn ensure_space_reserve(&self) {
        let reserve = self.space_reserve.clone();
        match tokio::task::spawn_blocking(move || reserve.ensure()).await {
            Ok(Ok(true)) => {}
            Ok(Ok(false)) => tracing::warn!("low disk space in the data directory: no reserve is kept for a full disk"),
            Ok(Err(error)) => tracing::warn!(%error, "could not reserve space for a full disk"),
            // The console ends.
            Err(_) => {}
        }
    }

    /// After a write failed: whether there is room now that there was not.
    pub(crate) async fn release_space_reserve(&self) -> bool {
        let reserve = self.space_reserve.clone();
        let given = tokio::task::spawn_blocking(move || reserve.release()).await;
        let given = given.is_ok_and(|done| done.unwrap_or(false));
        if given {
            tracing::warn!("the disk of the data directory is full, using the reserved space; free some space");
        }
        given
    }

    /// Closes all connections; for an orderly end.
    pub async fn close(&self) {
        self.pool.close().await;
    }

    /// A value of the console's own, for example the set-up token's hash.
    pub(crate) async fn value(&self, key: &str) -> Result<Option<String>> {
        let row = sqlx::query("SELECT value FROM console WHERE key = ?").bind(key).fetch_optional(&self.pool).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    /// Sets a value of the console itself; `None` removes it.
    pub(crate) async fn set_value(&self, key: &str, value: Option<&str>) -> Result<()> {
        match value {
            Some(v) => sqlx::query(
                "INSERT INTO console (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            )
            .bind(key)
            .bind(v),
            None => sqlx::query("DELETE FROM console WHERE key = ?").bind(key),
        }
        .execute(&*self.write())
        .await?;
        Ok(())
    }

    /// This console's own id: marks its helpers, so that two consoles on one engine leave each other alone.
    pub async fn instance(&self) -> Result<String> {
        let fresh = format!("{:016x}", rand::random::<u64>());
        sqlx::query("INSERT INTO console (key, value) VALUES ('instance', ?) ON CONFLICT DO NOTHING")
            .bind(&fresh)
            .execute(&*self.write())
            .await?;
        Ok(self.value("instance").await?.unwrap_or(fresh))
    }
}

async fn schema(connection: &mut SqliteConnection) -> Result<usize> {
    let version: i64 = sqlx::query("PRAGMA user_version").fetch_one(&mut *connection).await?.try_get(0)?;
    let version = usize::try_from(version).unwrap_or(0);
    if version > MIGRATIONS.len() {
        return Err(Error::conflict(format!(
            "The database has schema {version}, this console knows {}. Start the newer console again.",
            MIGRATIONS.len()
        )));
    }
    Ok(version)
}

async fn migrate(connection: &mut SqliteConnection) -> Result<()> {
    let version = schema(connection).await?;
    for (i, script) in MIGRATIONS.iter().enumerate().skip(version) {
        let mut tx = connection.begin().await?;
        sqlx::raw_sql(script).execute(&mut *tx).await?;
        if let Some(row) = sqlx::query("PRAGMA foreign_key_check").fetch_optional(&mut *tx).await? {
            let table: String = row.try_get(0)?;
            return Err(Error::internal(format!("migration {}: a row of {table} refers to none", i + 1)));
        }
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
mod older_tests;

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
    async fn an_older_channel_that_wants_missing_backups_is_told_of_missed_runs_and_others_are_not() {
        let dir = tempfile::tempdir().expect("a directory");
        let mut older = SqliteConnectOptions::new()
            .filename(dir.path().join("console.db"))
            .create_if_missing(true)
            .connect()
            .await
            .expect("made");
        for script in &MIGRATIONS[..11] {
            sqlx::raw_sql(script).execute(&mut older).await.expect("a schema");
        }
        let left =
            "PRAGMA user_version = 11; INSERT INTO channels (name, kind, shown, sealed, terms, created_at) VALUES
          ('all', 'webhook', '', '', '{\"events\":[\"overdue\",\"recovered\"],\"paused\":false,\"quiet\":null}', 0),
          ('few', 'webhook', '', '', '{\"events\":[\"stuck_job\"],\"paused\":false,\"quiet\":null}', 0)";
        sqlx::raw_sql(left).execute(&mut older).await.expect("as an older console left it");
        older.close().await.expect("closed");
        let channels = Store::open(dir.path()).await.expect("opens").channels().await.expect("read");
        let wanted: Vec<_> =
            channels.iter().map(|c| c.terms.events.iter().map(|kind| kind.as_str()).collect::<Vec<_>>()).collect();
        assert_eq!(wanted, [vec!["overdue", "recovered", "data_replaced", "run_missed"], vec!["stuck_job"]]);
    }

    #[tokio::test]
    async fn a_look_changes_nothing() {
        let dir = tempfile::tempdir().expect("a directory");
        assert_eq!(Store::inspect(dir.path()).await.expect("seen"), DatabaseInfo::None);
        assert!(!dir.path().join("console.db").exists());
        let open = Store::open(dir.path()).await.expect("opens");
        assert_eq!(Store::inspect(dir.path()).await.expect("seen"), DatabaseInfo::UpToDate);
        sqlx::raw_sql("PRAGMA user_version = 3").execute(&open.pool).await.expect("set");
        assert_eq!(Store::inspect(dir.path()).await.expect("seen"), DatabaseInfo::Older);
        let version: i64 = sqlx::query("PRAGMA user_version")
            .fetch_one(&open.pool)
            .await
            .expect("asked")
            .try_get(0)
            .expect("a number");
        assert_eq!(version, 3);
    }

    /// Both files, for the log of changes keeps what is deleted until it is emptied.
    #[tokio::test]
    async fn what_is_deleted_is_nowhere_in_the_files() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path()).await.expect("opens");
        let holds = || {
            ["console.db", "console.db-wal"].iter().any(|file| {
                let all = std::fs::read(dir.path().join(file)).unwrap_or_default();
                all.windows(14).any(|part| part == b"AGE-SECRET-KEY")
            })
        };
        store.set_value("x", Some(&"AGE-SECRET-KEY-1 ".repeat(1_000))).await.expect("written");
        assert!(holds());
        store.set_value("x", None).await.expect("deleted");
        sqlx::query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&store.pool).await.expect("emptied");
        assert!(!holds());
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
