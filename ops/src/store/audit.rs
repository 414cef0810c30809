//! Table `audit`.

use super::{Store, ms, offset, time};
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::audit::{Entry, Outcome};
use domain::page::Page;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

impl Store {
    /// `entry.id` is ignored; the new one is returned.
    pub(crate) async fn insert_audit(&self, entry: &Entry) -> Result<i64> {
        let done = sqlx::query("INSERT INTO audit (at, who, via, address, act, target, outcome, detail) VALUES (?, ?, ?, ?, ?, ?, ?, ?)")
            .bind(ms(entry.at))
            .bind(&entry.who)
            .bind(&entry.via)
            .bind(&entry.address)
            .bind(&entry.act)
            .bind(&entry.target)
            .bind(entry.outcome.as_str())
            .bind(&entry.detail)
            .execute(&*self.write())
            .await?;
        Ok(done.last_insert_rowid())
    }

    pub(crate) async fn finish_audit(&self, id: i64, outcome: Outcome, detail: Option<&str>) -> Result<()> {
        sqlx::query(
            "UPDATE audit SET outcome = ?, detail = CASE WHEN ?2 IS NULL THEN detail WHEN detail = '' THEN ?2 ELSE detail || ' · ' || ?2 END WHERE id = ?3",
        )
        .bind(outcome.as_str())
        .bind(detail)
        .bind(id)
        .execute(&*self.write())
        .await?;
        Ok(())
    }

    /// Newest first; `find` is looked for in who, act, target and detail.
    pub(crate) async fn audit_page(&self, find: &str, page: u32) -> Result<Page<Entry>> {
        const PER_PAGE: u32 = 50;
        const WHERE: &str = "WHERE ?1 = '' OR instr(lower(who || ' ' || act || ' ' || target || ' ' || detail || ' ' || outcome), lower(?1)) > 0";
        let total: i64 = sqlx::query(&format!("SELECT count(*) FROM audit {WHERE}")).bind(find).fetch_one(&self.pool).await?.get(0);
        let rows = sqlx::query(&format!("SELECT * FROM audit {WHERE} ORDER BY id DESC LIMIT ?2 OFFSET ?3"))
            .bind(find)
            .bind(PER_PAGE)
            .bind(offset(page, PER_PAGE))
            .fetch_all(&self.pool)
            .await?;
        Ok(Page { items: rows.iter().map(entry).collect(), total: total.unsigned_abs(), page: page.max(1), per_page: PER_PAGE })
    }
}

fn entry(row: &SqliteRow) -> Entry {
    let at: DateTime<Utc> = time(row.get("at"));
    Entry {
        id: row.get("id"),
        at,
        who: row.get("who"),
        via: row.get("via"),
        address: row.get("address"),
        act: row.get("act"),
        target: row.get("target"),
        outcome: Outcome::parse(row.get("outcome")).unwrap_or(Outcome::Begun),
        detail: row.get("detail"),
    }
}
