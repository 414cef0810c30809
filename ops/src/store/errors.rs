//! What an error of SQLite means to whoever runs the console.

use crate::error::Error;
use domain::Invalid;
use ports::error_chain;
use sqlx::error::DatabaseError;

/// A name that is there already is a mistake in a field, all else an error of the database.
pub(super) fn unique_violation(error: sqlx::Error, field: &'static str, why: impl Into<String>) -> Error {
    if error.as_database_error().is_some_and(DatabaseError::is_unique_violation) {
        Invalid::new(field, why).into()
    } else {
        error.into()
    }
}

/// The primary result codes of SQLite (https://sqlite.org/rescode.html) that say what its surroundings lack.
mod sqlite {
    /// Another process holds the lock.
    pub const BUSY: i32 = 5;
    /// Another connection of this process holds it.
    pub const LOCKED: i32 = 6;
    /// The file or its directory may not be written.
    pub const READONLY: i32 = 8;
    /// The file system failed.
    pub const IOERR: i32 = 10;
    /// No room is left on the disk.
    pub const FULL: i32 = 13;
    /// The file, or one beside it, cannot be opened.
    pub const CANTOPEN: i32 = 14;
}

/// The low byte is the primary code; the rest tells more.
fn sqlite_code(error: &sqlx::Error) -> Option<i32> {
    Some(error.as_database_error()?.code()?.parse::<i32>().ok()? & 0xff)
}

impl From<sqlx::Error> for Error {
    /// A locked, read-only or full database is an operational error, not a fault of the console.
    fn from(error: sqlx::Error) -> Self {
        let why = match (sqlite_code(&error), &error) {
            (Some(sqlite::READONLY), _) => {
                "cannot write: it is read-only. Check the owner and mode of the data directory."
            }
            (Some(sqlite::BUSY | sqlite::LOCKED), _) => {
                "is locked by another process. Only one console may use a data directory."
            }
            (Some(sqlite::FULL), _) => "cannot write: the disk of the data directory is full.",
            (Some(sqlite::IOERR | sqlite::CANTOPEN), _) => {
                "cannot be read or written. Check the disk of the data directory."
            }
            (_, sqlx::Error::PoolTimedOut) => "did not answer in time. Try again.",
            _ => return Self::internal(error),
        };
        tracing::error!(error = %error_chain(&error), "database error");
        Self::Unavailable { what: "The console's database", why: why.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sqlx::sqlite::SqliteConnectOptions;
    use sqlx::{ConnectOptions, SqliteConnection};
    use std::path::Path;
    use std::time::Duration;

    async fn connect(directory: &Path, read_only: bool) -> SqliteConnection {
        let options = SqliteConnectOptions::new()
            .filename(directory.join("x.db"))
            .create_if_missing(!read_only)
            .read_only(read_only);
        options.busy_timeout(Duration::ZERO).connect().await.expect("opened")
    }

    async fn fails(connection: &mut SqliteConnection, sql: &str) -> Error {
        sqlx::raw_sql(sql).execute(connection).await.expect_err("refused").into()
    }

    #[tokio::test]
    async fn a_full_a_locked_and_a_read_only_database_are_told_apart_by_code() {
        let directory = tempfile::tempdir().expect("a directory");
        let mut one = connect(directory.path(), false).await;
        sqlx::raw_sql("CREATE TABLE t (x TEXT); PRAGMA max_page_count = 8").execute(&mut one).await.expect("made");
        let full = fails(&mut one, "INSERT INTO t VALUES (zeroblob(100000))").await;
        assert!(matches!(&full, Error::Unavailable { why, .. } if why.contains("is full")), "{full:?}");

        let mut other = connect(directory.path(), true).await;
        let read_only = fails(&mut other, "INSERT INTO t VALUES ('y')").await;
        assert!(matches!(&read_only, Error::Unavailable { why, .. } if why.contains("read-only")), "{read_only:?}");

        let mut second = connect(directory.path(), false).await;
        sqlx::raw_sql("BEGIN EXCLUSIVE").execute(&mut one).await.expect("begun");
        let locked = fails(&mut second, "INSERT INTO t VALUES ('y')").await;
        assert!(matches!(&locked, Error::Unavailable { why, .. } if why.contains("locked")), "{locked:?}");

        // Words of a message decide nothing.
        let mistake = fails(&mut one, "SELECT \"full locked readonly\" FROM nowhere").await;
        assert!(matches!(&mistake, Error::Internal(_)), "{mistake:?}");
    }
}
