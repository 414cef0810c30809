//! Table `tokens`.

use super::members::member;
use super::{MemberRow, Store, ms, time};
use crate::error::Result;
use chrono::{DateTime, TimeDelta, Utc};
use domain::member::MemberId;
use domain::token::{Label, TokenId, View};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// Between two notes of a use: a busy program costs one write a minute.
const NOTE_EVERY: TimeDelta = TimeDelta::minutes(1);

impl Store {
    /// `hash` is the token's; the token itself is never stored.
    pub(crate) async fn insert_token(
        &self,
        member: MemberId,
        label: &Label,
        hash: &str,
        at: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> Result<()> {
        sqlx::query("INSERT INTO tokens (member, label, hash, created_at, expires_at) VALUES (?, ?, ?, ?, ?)")
            .bind(member.0)
            .bind(label.as_str())
            .bind(hash)
            .bind(ms(at))
            .bind(ms(until))
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    /// The member a token's hash stands for, while it is valid. `address`: where it is used from now, which is noted.
    pub(crate) async fn member_of_token(
        &self,
        hash: &str,
        address: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<(MemberRow, Label)>> {
        let found = sqlx::query("SELECT m.*, t.id AS token, t.label, t.last_used, t.last_address FROM members m JOIN tokens t ON t.member = m.id WHERE t.hash = ? AND t.expires_at > ?")
            .bind(hash)
            .bind(ms(now))
            .fetch_optional(&self.pool)
            .await?;
        let Some(row) = found else { return Ok(None) };
        let last: Option<i64> = row.try_get("last_used")?;
        let is_noted = last.is_some_and(|last| (now - time(last)).abs() < NOTE_EVERY)
            && row.try_get::<&str, _>("last_address")? == address;
        let found = (member(&row)?, label(&row)?);
        if !is_noted && !found.0.member.disabled {
            let note = sqlx::query("UPDATE tokens SET last_used = ?, last_address = ? WHERE id = ?")
                .bind(ms(now))
                .bind(address);
            note.bind(row.try_get::<i64, _>("token")?).execute(&*self.write()).await?;
        }
        Ok(Some(found))
    }

    /// Of a member or of all, newest first.
    pub(crate) async fn tokens(&self, of: Option<MemberId>) -> Result<Vec<View>> {
        let rows = sqlx::query("SELECT t.*, m.name FROM tokens t JOIN members m ON m.id = t.member WHERE ?1 IS NULL OR t.member = ?1 ORDER BY t.id DESC")
            .bind(of.map(|member| member.0))
            .fetch_all(&self.pool)
            .await?;
        rows.iter().map(view).collect()
    }

    /// False when there is no such token, or not of this member.
    pub(crate) async fn delete_token(&self, token: TokenId, of: Option<MemberId>) -> Result<bool> {
        let done = sqlx::query("DELETE FROM tokens WHERE id = ?1 AND (?2 IS NULL OR member = ?2)")
            .bind(token.0)
            .bind(of.map(|member| member.0));
        Ok(done.execute(&*self.write()).await?.rows_affected() > 0)
    }

    /// All of a member.
    pub(crate) async fn delete_tokens_of(&self, member: MemberId) -> Result<()> {
        sqlx::query("DELETE FROM tokens WHERE member = ?").bind(member.0).execute(&*self.write()).await?;
        Ok(())
    }
}

/// An older console took any text; one that cannot be a label is none.
fn label(row: &SqliteRow) -> Result<Label> {
    Ok(Label::parse(row.try_get("label")?).unwrap_or_default())
}

fn view(row: &SqliteRow) -> Result<View> {
    let last = match row.try_get::<Option<i64>, _>("last_used")? {
        Some(at) => Some((time(at), row.try_get("last_address")?)),
        None => None,
    };
    Ok(View {
        id: TokenId(row.try_get("id")?),
        member: row.try_get("name")?,
        label: label(row)?,
        made_at: time(row.try_get("created_at")?),
        expires_at: time(row.try_get("expires_at")?),
        last_used: last,
    })
}
