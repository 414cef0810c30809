//! Tables `sign_in_failures` and `known_networks`: what slows guessing down.

use super::{Store, ms, time};
use crate::error::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::throttle::{FailedAttempts, KNOWN_FOR, ThrottleKey, of_account};
use sqlx::{Row, SqliteConnection};

impl Store {
    /// Counts a try before its password is looked at, so that many at once are not all the first. When one of the
    /// counts must wait, nothing is counted, and how long it is comes back.
    pub(crate) async fn begin_try(&self, keys: &[ThrottleKey], now: DateTime<Utc>) -> Result<Option<String>> {
        let writing = self.write();
        let mut tx = writing.begin().await?;
        // None lasts longer (`FailedAttempts`): of 15 minutes at most, and halved each hour.
        sqlx::query("DELETE FROM sign_in_failures WHERE last_at < ?")
            .bind(ms(now - TimeDelta::days(1)))
            .execute(&mut *tx)
            .await?;
        let mut waits = Vec::new();
        for key in keys {
            let before = tries(&mut tx, &key.subject).await?;
            waits.extend(before.and_then(|tries| tries.wait(key.factor, now)));
            let after = FailedAttempts::and_one(before, now);
            sqlx::query(
                "INSERT INTO sign_in_failures (subject, failures, last_at) VALUES (?1, ?2, ?3) ON CONFLICT (subject) DO UPDATE SET failures = ?2, last_at = ?3",
            )
            .bind(&key.subject)
            .bind(after.count)
            .bind(ms(after.last))
            .execute(&mut *tx)
            .await?;
        }
        if let Some(wait) = waits.pop() {
            return Ok(Some(wait));
        }
        tx.commit().await?;
        Ok(None)
    }

    /// The try was none of a guess: it is not counted any more.
    pub(crate) async fn forget_try(&self, keys: &[ThrottleKey]) -> Result<()> {
        for key in keys {
            sqlx::query("UPDATE sign_in_failures SET failures = max(failures - 1, 0) WHERE subject = ?")
                .bind(&key.subject)
                .execute(&*self.write())
                .await?;
        }
        Ok(())
    }

    /// The right password: whoever mistypes before starts anew, and this network is known for the account.
    pub(crate) async fn good_sign_in(
        &self,
        account: &str,
        network: &str,
        keys: &[ThrottleKey],
        now: DateTime<Utc>,
    ) -> Result<()> {
        self.forget_try(keys).await?;
        if let Some(own) = keys.first() {
            sqlx::query("DELETE FROM sign_in_failures WHERE subject = ?")
                .bind(&own.subject)
                .execute(&*self.write())
                .await?;
        }
        sqlx::query("DELETE FROM known_networks WHERE at < ?")
            .bind(ms(now - KNOWN_FOR))
            .execute(&*self.write())
            .await?;
        sqlx::query("INSERT INTO known_networks (account, network, at) VALUES (?1, ?2, ?3) ON CONFLICT (account, network) DO UPDATE SET at = ?3")
            .bind(account.to_lowercase())
            .bind(network)
            .bind(ms(now))
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    /// Whether somebody signed in to the account from this network within [`KNOWN_FOR`].
    pub(crate) async fn is_known(&self, account: &str, network: &str, now: DateTime<Utc>) -> Result<bool> {
        let row = sqlx::query("SELECT 1 FROM known_networks WHERE account = ? AND network = ? AND at >= ?")
            .bind(account.to_lowercase())
            .bind(network)
            .bind(ms(now - KNOWN_FOR))
            .fetch_optional(&self.pool)
            .await?;
        Ok(row.is_some())
    }

    /// Forgets the tries of this account, wherever they came from. How many subjects those were.
    pub(crate) async fn unlock(&self, account: &str) -> Result<u64> {
        let done = sqlx::query(
            "DELETE FROM sign_in_failures WHERE subject = ?1
             OR (substr(subject, 1, 3) = 'at ' AND substr(subject, 4 + instr(substr(subject, 4), ' ')) = ?2)",
        )
        .bind(of_account(account))
        .bind(account.to_lowercase())
        .execute(&*self.write())
        .await?;
        Ok(done.rows_affected())
    }
}

async fn tries(connection: &mut SqliteConnection, subject: &str) -> Result<Option<FailedAttempts>> {
    let row = sqlx::query("SELECT failures, last_at FROM sign_in_failures WHERE subject = ?")
        .bind(subject)
        .fetch_optional(connection)
        .await?;
    row.map(|row| Ok(FailedAttempts { count: row.try_get("failures")?, last: time(row.try_get("last_at")?) }))
        .transpose()
}
