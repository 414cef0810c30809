//! Table `audit`.

use super::{Store, ms, offset, time, unknown};
use crate::crypto::chain::{ChainReport, Signed};
use crate::crypto::seal::Seal;
use crate::error::{Error, Result};
use domain::audit::{Entry, Outcome};
use domain::page::Page;
use futures::TryStreamExt;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// Before anything is read: two writers must not follow the same entry.
const BEGIN: &str = "BEGIN IMMEDIATE";

impl Store {
    /// `entry.id` is ignored; with the new one, and signed, it is returned.
    pub(crate) async fn insert_audit(&self, key: &Seal, entry: Entry) -> Result<Signed> {
        let pool = self.write();
        let mut tx = pool.begin_with(BEGIN).await?;
        let before: Option<String> =
            sqlx::query_scalar("SELECT link FROM audit ORDER BY id DESC LIMIT 1").fetch_optional(&mut *tx).await?;
        let mut signed = Signed::new(key, &before.unwrap_or_default(), entry);
        let entry = &signed.entry;
        let done = sqlx::query("INSERT INTO audit (at, who, via, address, act, target, outcome, detail, link, seal) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
            .bind(ms(entry.at))
            .bind(&entry.who)
            .bind(&entry.via)
            .bind(&entry.address)
            .bind(&entry.act)
            .bind(&entry.target)
            .bind(entry.outcome.as_str())
            .bind(&entry.detail)
            .bind(&signed.link)
            .bind(&signed.seal)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        signed.entry.id = done.last_insert_rowid();
        Ok(signed)
    }

    /// How a begun entry ended. `detail` is added to what it says already.
    pub(crate) async fn finish_audit(
        &self,
        key: &Seal,
        id: i64,
        outcome: Outcome,
        detail: Option<&str>,
    ) -> Result<Signed> {
        let pool = self.write();
        let mut tx = pool.begin_with(BEGIN).await?;
        let begun = signed(&sqlx::query("SELECT * FROM audit WHERE id = ?").bind(id).fetch_one(&mut *tx).await?)?;
        let said = [begun.entry.detail.as_str(), detail.unwrap_or_default()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" · ");
        let ended = Signed::with_link(key, begun.link, Entry { outcome, detail: said, ..begun.entry });
        sqlx::query("UPDATE audit SET outcome = ?, detail = ?, seal = ? WHERE id = ?")
            .bind(ended.entry.outcome.as_str())
            .bind(&ended.entry.detail)
            .bind(&ended.seal)
            .bind(id)
            .execute(&mut *tx)
            .await?;
        tx.commit().await?;
        Ok(ended)
    }

    /// All of it in the order it was written, a piece at a time.
    pub async fn read_audit(&self, mut each: impl FnMut(Signed)) -> Result<()> {
        let mut rows = sqlx::query("SELECT * FROM audit ORDER BY id").fetch(&self.pool);
        while let Some(row) = rows.try_next().await? {
            each(signed(&row)?);
        }
        Ok(())
    }

    /// Reads all signed entries and signs them with the present key, so that the earlier ones are not needed any more.
    ///
    /// # Errors
    /// When the log was changed: signing it would hide that.
    pub async fn sign_audit_again(&self, key: &Seal) -> Result<()> {
        let pool = self.write();
        let mut tx = pool.begin_with(BEGIN).await?;
        let all: Vec<Signed> = sqlx::query("SELECT * FROM audit ORDER BY id")
            .fetch_all(&mut *tx)
            .await?
            .iter()
            .map(signed)
            .collect::<Result<_>>()?;
        let mut found = ChainReport::default();
        all.iter().for_each(|next| found.read(key, next));
        if let Some(first) = found.broken.first() {
            return Err(Error::conflict(format!(
                "The audit log was changed, first at entry {first}. Keep a copy of the database, then look into it."
            )));
        }
        let mut before = String::new();
        for old in all.into_iter().filter(|old| !old.link.is_empty()) {
            let new = Signed::new(key, &before, old.entry);
            sqlx::query("UPDATE audit SET link = ?, seal = ? WHERE id = ?")
                .bind(&new.link)
                .bind(&new.seal)
                .bind(new.entry.id)
                .execute(&mut *tx)
                .await?;
            before = new.link;
        }
        Ok(tx.commit().await?)
    }

    /// Newest first; `find` is looked for in who, act, target and detail.
    pub(crate) async fn audit_page(&self, find: &str, page: u32) -> Result<Page<Entry>> {
        const PER_PAGE: u32 = 50;
        const WHERE: &str = "WHERE ?1 = '' OR instr(lower(who || ' ' || act || ' ' || target || ' ' || detail || ' ' \
            || outcome), lower(?1)) > 0";
        let total: i64 = sqlx::query(&format!("SELECT count(*) FROM audit {WHERE}"))
            .bind(find)
            .fetch_one(&self.pool)
            .await?
            .try_get(0)?;
        let rows = sqlx::query(&format!("SELECT * FROM audit {WHERE} ORDER BY id DESC LIMIT ?2 OFFSET ?3"))
            .bind(find)
            .bind(PER_PAGE)
            .bind(offset(page, PER_PAGE))
            .fetch_all(&self.pool)
            .await?;
        Ok(Page {
            items: rows.iter().map(entry).collect::<Result<_>>()?,
            total: total.unsigned_abs(),
            page: page.max(1),
            per_page: PER_PAGE,
        })
    }
}

fn signed(row: &SqliteRow) -> Result<Signed> {
    Ok(Signed { entry: entry(row)?, link: row.try_get("link")?, seal: row.try_get("seal")? })
}

fn entry(row: &SqliteRow) -> Result<Entry> {
    let outcome: &str = row.try_get("outcome")?;
    Ok(Entry {
        id: row.try_get("id")?,
        at: time(row.try_get("at")?),
        who: row.try_get("who")?,
        via: row.try_get("via")?,
        address: row.try_get("address")?,
        act: row.try_get("act")?,
        target: row.try_get("target")?,
        outcome: Outcome::parse(outcome).ok_or_else(|| unknown("outcome of an act", outcome))?,
        detail: row.try_get("detail")?,
    })
}
