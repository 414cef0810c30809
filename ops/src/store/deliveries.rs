//! Table `deliveries`: messages to be sent, and the log of those that were.

use super::{Store, ms, offset, time, unknown};
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::channel::{Delivery, DeliveryState, Recipient};
use domain::page::Page;
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

/// Of one recipient.
const KEPT: i64 = 1_000;
/// Longer than any wait between two tries: a later time was written before the clock was set back.
const LONGEST_WAIT: i64 = 31 * 60_000;

/// As part of a transaction. Drops what is older than the last thousand.
pub(super) async fn insert(
    tx: &mut SqliteConnection,
    recipient: &Recipient,
    event: &domain::alarm::event::Event,
) -> Result<()> {
    let to = recipient.to_string();
    sqlx::query("INSERT INTO deliveries (recipient, event, at, next_at) VALUES (?1, ?2, ?3, ?3)")
        .bind(&to)
        .bind(serde_json::to_string(event)?)
        .bind(ms(event.at))
        .execute(&mut *tx)
        .await?;
    bound(tx, &to).await
}

async fn bound(tx: &mut SqliteConnection, to: &str) -> Result<()> {
    sqlx::query("DELETE FROM deliveries WHERE recipient = ?1 AND id <= (SELECT id FROM deliveries WHERE recipient = ?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)")
        .bind(to)
        .bind(KEPT)
        .execute(tx)
        .await?;
    Ok(())
}

impl Store {
    /// One that is tried at once by whoever wrote it, for a test of the channel.
    pub(crate) async fn insert_tried(&self, delivery: &Delivery) -> Result<()> {
        let pool = self.write();
        let mut tx = pool.begin().await?;
        sqlx::query("INSERT INTO deliveries (recipient, event, at, attempts, state, tried_at, problem, next_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?3)")
            .bind(delivery.recipient.to_string())
            .bind(serde_json::to_string(&delivery.event)?)
            .bind(ms(delivery.at))
            .bind(delivery.attempts)
            .bind(delivery.state.as_str())
            .bind(delivery.tried_at.map(ms))
            .bind(&delivery.problem)
            .execute(&mut *tx)
            .await?;
        bound(&mut tx, &delivery.recipient.to_string()).await?;
        Ok(tx.commit().await?)
    }

    /// What is to be sent now, oldest first; the caller groups it by recipient. Bounded as the table is.
    pub(crate) async fn due_deliveries(&self, now: DateTime<Utc>) -> Result<Vec<Delivery>> {
        const DUE: &str = "SELECT * FROM deliveries WHERE state = 'waiting' AND (next_at <= ?1 OR next_at > ?1 + ?2) ORDER BY recipient, id";
        let rows = sqlx::query(DUE).bind(ms(now)).bind(LONGEST_WAIT).fetch_all(&self.pool).await?;
        rows.iter().map(delivery).collect()
    }

    /// After a try.
    pub(crate) async fn set_delivery(&self, d: &Delivery) -> Result<()> {
        sqlx::query("UPDATE deliveries SET attempts = ?, state = ?, tried_at = ?, problem = ?, next_at = coalesce(?, next_at) WHERE id = ?")
            .bind(d.attempts)
            .bind(d.state.as_str())
            .bind(d.tried_at.map(ms))
            .bind(&d.problem)
            .bind(d.next_at.map(ms))
            .bind(d.id)
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    /// Newest first, to one recipient or to all.
    pub(crate) async fn delivery_page(&self, recipient: Option<&Recipient>, page: u32) -> Result<Page<Delivery>> {
        const PER_PAGE: u32 = 50;
        let to = recipient.map(ToString::to_string).unwrap_or_default();
        let total: i64 = sqlx::query("SELECT count(*) FROM deliveries WHERE ?1 = '' OR recipient = ?1")
            .bind(&to)
            .fetch_one(&self.pool)
            .await?
            .try_get(0)?;
        let rows =
            sqlx::query("SELECT * FROM deliveries WHERE ?1 = '' OR recipient = ?1 ORDER BY id DESC LIMIT ?2 OFFSET ?3")
                .bind(&to)
                .bind(PER_PAGE)
                .bind(offset(page, PER_PAGE))
                .fetch_all(&self.pool)
                .await?;
        Ok(Page {
            items: rows.iter().map(delivery).collect::<Result<_>>()?,
            total: total.unsigned_abs(),
            page: page.max(1),
            per_page: PER_PAGE,
        })
    }
}

fn delivery(row: &SqliteRow) -> Result<Delivery> {
    let (recipient, state): (&str, &str) = (row.try_get("recipient")?, row.try_get("state")?);
    let state = DeliveryState::parse(state).ok_or_else(|| unknown("state of a delivery", state))?;
    Ok(Delivery {
        id: row.try_get("id")?,
        recipient: Recipient::parse(recipient).ok_or_else(|| unknown("recipient", recipient))?,
        event: serde_json::from_str(row.try_get("event")?)?,
        at: time(row.try_get("at")?),
        attempts: row.try_get("attempts")?,
        state,
        tried_at: row.try_get::<Option<i64>, _>("tried_at")?.map(time),
        problem: row.try_get("problem")?,
        next_at: row.try_get::<Option<i64>, _>("next_at")?.filter(|_| state == DeliveryState::Waiting).map(time),
    })
}
