//! Table `backups`. A row is written only after everything was read back.

use super::deployments::deployment_name;
use super::{Store, ms, offset, time, unknown};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use domain::backup::views::Summary;
use domain::backup::{BackupId, Brief, Manifest, Origin, Proof, Search, State};
use domain::deployment::DeploymentName;
use domain::image::Version;
use domain::page::Page;
use domain::retention::Stored;
use domain::schedule::ScheduleName;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// A row of `backups`.
pub struct BackupRow {
    pub manifest: Manifest,
    pub state: State,
    pub origin: Origin,
    pub problem: Option<String>,
    pub verified_at: DateTime<Utc>,
    /// Of `manifest.json` as it was written; the manifest cannot hold its own.
    pub manifest_sha256: String,
    /// The schedule it came from.
    pub schedule: Option<ScheduleName>,
    pub pinned: bool,
    /// What was counted on a copy of it.
    pub proof: Option<Proof>,
}

impl BackupRow {
    /// A bare dump as it was uploaded: nobody counted yet what is in it, so it has no manifest on its target.
    pub fn is_unproven_dump(&self) -> bool {
        self.manifest.is_uploaded_dump() && self.manifest_sha256.is_empty()
    }
}

const BRIEF: &str = "id, (SELECT name FROM deployments d WHERE d.id = backups.deployment) AS deployment_name, made_at, state, bytes, nodes, by, reason, version, offline_ms, schedule, pinned, origin, store";

impl Store {
    /// One that this console has made and read back. Safe to repeat.
    pub(crate) async fn insert_backup(
        &self,
        m: &Manifest,
        manifest_sha256: &str,
        schedule: Option<&ScheduleName>,
        at: DateTime<Utc>,
    ) -> Result<()> {
        self.insert_backup_as(m, manifest_sha256, schedule, at, ("verified", Origin::Own)).await
    }

    /// What was uploaded, or found by a scan: nothing but sizes is proven until it is read.
    pub(crate) async fn insert_unread_backup(
        &self,
        m: &Manifest,
        manifest_sha256: &str,
        origin: Origin,
        at: DateTime<Utc>,
    ) -> Result<()> {
        self.insert_backup_as(m, manifest_sha256, None, at, ("unread", origin)).await
    }

    /// Only what is from outside.
    pub(crate) async fn accept_backup(&self, id: &BackupId) -> Result<()> {
        sqlx::query("UPDATE backups SET origin = 'accepted' WHERE id = ? AND origin = 'outside'")
            .bind(id.as_str())
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    /// Verified, with another manifest than it had. Its copies stay.
    pub(crate) async fn replace_backup(&self, m: &Manifest, manifest_sha256: &str, at: DateTime<Utc>) -> Result<()> {
        sqlx::query("UPDATE backups SET state = 'verified', verified_at = ?, bytes = ?, nodes = ?, manifest_sha256 = ?, manifest = ? WHERE id = ?")
            .bind(ms(at))
            .bind(i64::try_from(m.bytes()).unwrap_or(i64::MAX))
            .bind(i64::try_from(m.nodes()).unwrap_or(i64::MAX))
            .bind(manifest_sha256)
            .bind(serde_json::to_string(m)?)
            .bind(m.id.as_str())
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    async fn insert_backup_as(
        &self,
        m: &Manifest,
        manifest_sha256: &str,
        schedule: Option<&ScheduleName>,
        at: DateTime<Utc>,
        (state, origin): (&str, Origin),
    ) -> Result<()> {
        let deployment = self.know(&m.deployment).await?;
        sqlx::query(
            "INSERT INTO backups (id, deployment, made_at, state, verified_at, bytes, nodes, by, reason, version, offline_ms, manifest_sha256, manifest, schedule, origin, store)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
        )
        .bind(m.id.as_str())
        .bind(deployment)
        .bind(ms(m.made_at))
        .bind(state)
        .bind(ms(at))
        .bind(i64::try_from(m.bytes()).unwrap_or(i64::MAX))
        .bind(i64::try_from(m.nodes()).unwrap_or(i64::MAX))
        .bind(&m.by)
        .bind(&m.reason)
        .bind(m.version.to_string())
        .bind(i64::try_from(m.offline_ms).unwrap_or(i64::MAX))
        .bind(manifest_sha256)
        .bind(serde_json::to_string(m)?)
        .bind(schedule.map(ScheduleName::as_str))
        .bind(origin.as_str())
        .bind(m.store())
        .execute(&*self.write())
        .await?;
        Ok(())
    }

    /// One backup with its manifest, of any state and origin.
    pub(crate) async fn backup(&self, id: &BackupId) -> Result<BackupRow> {
        let row = sqlx::query("SELECT state, origin, problem, verified_at, manifest, manifest_sha256, schedule, pinned, proof FROM backups WHERE id = ?")
            .bind(id.as_str())
            .fetch_optional(&self.pool)
            .await?;
        let row = row.ok_or_else(|| Error::not_found("backup", id.as_str()))?;
        Ok(BackupRow {
            manifest: serde_json::from_str(row.try_get("manifest")?)?,
            state: state(row.try_get("state")?)?,
            origin: origin(&row)?,
            problem: row.try_get("problem")?,
            verified_at: time(row.try_get("verified_at")?),
            manifest_sha256: row.try_get("manifest_sha256")?,
            schedule: schedule(&row)?,
            pinned: row.try_get("pinned")?,
            proof: row.try_get::<Option<&str>, _>("proof")?.map(serde_json::from_str).transpose()?,
        })
    }

    /// Lists show its counts from now on.
    pub(crate) async fn set_proof(&self, id: &BackupId, proof: &Proof) -> Result<()> {
        sqlx::query("UPDATE backups SET proof = ?, nodes = ? WHERE id = ?")
            .bind(serde_json::to_string(proof)?)
            .bind(i64::try_from(proof.nodes()).unwrap_or(i64::MAX))
            .bind(id.as_str())
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    /// Newest first, of one deployment or of all.
    pub(crate) async fn backup_page(
        &self,
        deployment: Option<&DeploymentName>,
        search: &Search,
        page: u32,
    ) -> Result<Page<Summary>> {
        const PER_PAGE: u32 = 50;
        const FOUND: &str = "(?1 IS NULL OR deployment = ?1) AND (?2 = '' OR instr(lower(reason || ' ' || by || ' ' || \
            version || ' ' || id || ' ' || coalesce(schedule, '')), ?2) > 0) AND made_at >= ?3 AND made_at < ?4";
        let key = self.key_of_one_or_all(deployment).await?;
        let (from, to) = search.day.map_or((i64::MIN, i64::MAX), |day| {
            let begin = day.and_time(chrono::NaiveTime::MIN).and_utc();
            (ms(begin), ms(begin + chrono::TimeDelta::days(1)))
        });
        let text = search.text.to_lowercase();
        let total = if *search == Search::default() {
            self.backup_count(deployment).await?
        } else {
            let count = format!("SELECT count(*) FROM backups WHERE {FOUND}");
            let count: i64 = sqlx::query(&count)
                .bind(key)
                .bind(&text)
                .bind(from)
                .bind(to)
                .fetch_one(&self.pool)
                .await?
                .try_get(0)?;
            count.unsigned_abs()
        };
        let rows = sqlx::query(&format!(
            "SELECT {BRIEF} FROM backups WHERE {FOUND} ORDER BY made_at DESC, id DESC LIMIT ?5 OFFSET ?6"
        ))
        .bind(key)
        .bind(&text)
        .bind(from)
        .bind(to)
        .bind(PER_PAGE)
        .bind(offset(page, PER_PAGE))
        .fetch_all(&self.pool)
        .await?;
        let items = rows.iter().map(summary).collect::<Result<_>>()?;
        Ok(Page { items, total, page: page.max(1), per_page: PER_PAGE })
    }

    /// Of one deployment, made from `from` on and before `to`.
    pub(crate) async fn backups_between(
        &self,
        deployment: &DeploymentName,
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> Result<Vec<Brief>> {
        let rows =
            sqlx::query(&format!("SELECT {BRIEF} FROM backups WHERE deployment = ? AND made_at >= ? AND made_at < ?"))
                .bind(self.key(deployment).await?)
                .bind(ms(from))
                .bind(ms(to))
                .fetch_all(&self.pool)
                .await?;
        rows.iter().map(brief).collect()
    }

    /// Of one deployment, or of all; of any state and origin.
    pub(crate) async fn backup_count(&self, deployment: Option<&DeploymentName>) -> Result<u64> {
        let name = deployment.map_or("", DeploymentName::as_str);
        let ask = async {
            let total: i64 = sqlx::query("SELECT count(*) FROM backups WHERE ?1 IS NULL OR deployment = ?1")
                .bind(self.key_of_one_or_all(deployment).await?)
                .fetch_one(&self.pool)
                .await?
                .try_get(0)?;
            Ok(total.unsigned_abs())
        };
        self.cached(format!("backups of {name}"), ask).await
    }

    /// Of one deployment: neither known to be broken nor from outside.
    pub(crate) async fn restorable_count(&self, deployment: &DeploymentName) -> Result<u64> {
        let ask = async {
            let count = sqlx::query(
                "SELECT count(*) FROM backups WHERE deployment = ? AND state <> 'broken' AND origin <> 'outside'",
            );
            let count: i64 = count.bind(self.key(deployment).await?).fetch_one(&self.pool).await?.try_get(0)?;
            Ok(count.unsigned_abs())
        };
        self.cached(format!("restorable of {deployment}"), ask).await
    }

    /// What is from outside is none: its data may be older than any backup, and what it says of its age is not proven.
    pub(crate) async fn last_verified(&self, deployment: &DeploymentName) -> Result<Option<Brief>> {
        Ok(self.last_verified_summary(deployment).await?.map(|summary| summary.brief))
    }

    /// The newest verified one of the console's own; those from outside do not count.
    pub(crate) async fn last_verified_summary(&self, deployment: &DeploymentName) -> Result<Option<Summary>> {
        let newest = format!(
            "SELECT {BRIEF} FROM backups WHERE deployment = ? AND state = 'verified' AND origin = 'own' ORDER BY made_at DESC, id DESC LIMIT 1"
        );
        let ask = async {
            let row = sqlx::query(&newest).bind(self.key(deployment).await?).fetch_optional(&self.pool).await?;
            row.as_ref().map(summary).transpose()
        };
        self.cached(format!("last verified {deployment}"), ask).await
    }

    /// The newest verified backup of another store than this, or of so many nodes, that nobody has accepted the loss
    /// of. An empty store is not known, so no other one is.
    pub(crate) async fn former(&self, deployment: &DeploymentName, store: &str, nodes: u64) -> Result<Option<Brief>> {
        let newest = format!(
            "SELECT {BRIEF} FROM backups WHERE deployment = ?1 AND state = 'verified' AND origin = 'own' AND made_at > ?2
               AND ((?3 <> '' AND store <> '' AND store <> ?3) OR nodes >= ?4) ORDER BY made_at DESC, id DESC LIMIT 1"
        );
        let ask = async {
            let row = sqlx::query(&newest)
                .bind(self.key(deployment).await?)
                .bind(ms(self.data_accepted_at(deployment).await?))
                .bind(store)
                .bind(i64::try_from(nodes).unwrap_or(i64::MAX))
                .fetch_optional(&self.pool)
                .await?;
            row.as_ref().map(brief).transpose()
        };
        self.cached(format!("former {store} {nodes} {deployment}"), ask).await
    }

    /// Does nothing when there is no such backup.
    pub(crate) async fn set_pinned(&self, id: &BackupId, pinned: bool) -> Result<()> {
        sqlx::query("UPDATE backups SET pinned = ? WHERE id = ?")
            .bind(pinned)
            .bind(id.as_str())
            .execute(&*self.write())
            .await?;
        Ok(())
    }

    /// All of a deployment, as the rules of retention judge them.
    pub(crate) async fn stored_backups(&self, deployment: &DeploymentName) -> Result<Vec<Stored>> {
        let accepted = self.data_accepted_at(deployment).await?;
        let rows = sqlx::query(
            "SELECT id, made_at, state = 'verified' AND origin = 'own' AS counts, schedule, pinned, store, nodes FROM backups WHERE deployment = ?",
        )
        .bind(self.key(deployment).await?)
        .fetch_all(&self.pool)
        .await?;
        let stored = |row: &SqliteRow| {
            Ok(Stored {
                id: BackupId::parse(row.try_get("id")?).map_err(Error::internal)?,
                made_at: time(row.try_get("made_at")?),
                schedule: schedule(row)?,
                verified: row.try_get("counts")?,
                pinned: row.try_get("pinned")?,
                store: row.try_get("store")?,
                nodes: row.try_get::<i64, _>("nodes")?.unsigned_abs(),
                accepted_since: time(row.try_get("made_at")?) <= accepted,
            })
        };
        rows.iter().map(stored).collect()
    }

    /// Removes the row. Files on targets are the caller's.
    pub(crate) async fn delete_backup(&self, id: &BackupId) -> Result<()> {
        sqlx::query("DELETE FROM backups WHERE id = ?").bind(id.as_str()).execute(&*self.write()).await?;
        Ok(())
    }
}

fn state(word: &str) -> Result<State> {
    match word {
        "verified" => Ok(State::Verified),
        "unread" => Ok(State::Unread),
        "broken" => Ok(State::Broken),
        _ => Err(unknown("backup state", word)),
    }
}

fn origin(row: &SqliteRow) -> Result<Origin> {
    let word: &str = row.try_get("origin")?;
    Origin::parse(word).ok_or_else(|| unknown("origin", word))
}

fn schedule(row: &SqliteRow) -> Result<Option<ScheduleName>> {
    row.try_get::<Option<&str>, _>("schedule")?.map(ScheduleName::parse).transpose().map_err(Error::internal)
}

fn brief(row: &SqliteRow) -> Result<Brief> {
    Ok(Brief {
        id: BackupId::parse(row.try_get("id")?).map_err(Error::internal)?,
        made_at: time(row.try_get("made_at")?),
        state: state(row.try_get("state")?)?,
        bytes: row.try_get::<i64, _>("bytes")?.unsigned_abs(),
        nodes: Some(row.try_get::<i64, _>("nodes")?.unsigned_abs()),
        store: row.try_get("store")?,
    })
}

fn summary(row: &SqliteRow) -> Result<Summary> {
    Ok(Summary {
        brief: brief(row)?,
        deployment: deployment_name(row)?,
        version: Version::parse(row.try_get("version")?),
        by: row.try_get("by")?,
        reason: row.try_get("reason")?,
        offline_ms: row.try_get::<i64, _>("offline_ms")?.unsigned_abs(),
        schedule: schedule(row)?,
        pinned: row.try_get("pinned")?,
        origin: origin(row)?,
    })
}
