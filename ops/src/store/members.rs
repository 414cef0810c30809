//! Table `members`.

use super::errors::unique_violation;
use super::{Store, ms, time, unknown};
use crate::error::{Error, Result};
use chrono::{DateTime, Utc};
use domain::member::{Member, MemberId, Role};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// A member with what only the sign-in needs.
#[derive(Clone)]
pub struct MemberRow {
    pub member: Member,
    pub password_hash: String,
    /// Grows with each password change and each disabling; sessions carry the one they were made under.
    pub epoch: i64,
}

impl Store {
    /// Disabled ones too.
    pub(crate) async fn member_count(&self) -> Result<i64> {
        let ask = async { Ok(sqlx::query("SELECT count(*) FROM members").fetch_one(&self.pool).await?.try_get(0)?) };
        self.cached("members", ask).await
    }

    /// `first` only succeeds while there is no member at all, whoever comes at the same time.
    pub(crate) async fn insert_member(
        &self,
        name: &str,
        role: Role,
        hash: &str,
        at: DateTime<Utc>,
        first: bool,
    ) -> Result<MemberId> {
        let done =
            sqlx::query("INSERT INTO members (name, role, password_hash, created_at) SELECT ?1, ?2, ?3, ?4 WHERE ?5 = 0 OR NOT EXISTS (SELECT 1 FROM members)")
                .bind(name)
                .bind(role.as_str())
                .bind(hash)
                .bind(ms(at))
                .bind(first)
                .execute(&*self.write())
                .await
                .map_err(|error| {
                    unique_violation(error, "name", "There is already a member with this name. Choose another one.")
                })?;
        if done.rows_affected() == 0 {
            return Err(Error::conflict("The console is already set up. Sign in instead."));
        }
        Ok(MemberId(done.last_insert_rowid()))
    }

    /// By name, without regard to ASCII case.
    pub(crate) async fn member_named(&self, name: &str) -> Result<Option<MemberRow>> {
        let row = sqlx::query("SELECT * FROM members WHERE name = ?").bind(name).fetch_optional(&self.pool).await?;
        row.as_ref().map(member).transpose()
    }

    /// By number.
    pub(crate) async fn member(&self, id: MemberId) -> Result<Option<MemberRow>> {
        let ask = async {
            let row = sqlx::query("SELECT * FROM members WHERE id = ?").bind(id.0).fetch_optional(&self.pool).await?;
            row.as_ref().map(member).transpose()
        };
        self.cached(format!("member {}", id.0), ask).await
    }

    /// By name, disabled ones too.
    pub(crate) async fn members(&self) -> Result<Vec<Member>> {
        let rows = sqlx::query("SELECT * FROM members ORDER BY name COLLATE NOCASE").fetch_all(&self.pool).await?;
        rows.iter().map(|r| member(r).map(|m| m.member)).collect()
    }

    /// Refuses to leave the console without an active admin, in the same statement.
    pub(crate) async fn set_role(&self, id: MemberId, role: Role) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE members SET role = ?1 WHERE id = ?2 AND (?1 = 'admin' OR EXISTS (SELECT 1 FROM members WHERE role = 'admin' AND disabled = 0 AND id <> ?2))",
        )
        .bind(role.as_str())
        .bind(id.0)
        .execute(&*self.write())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// As [`Store::set_role`]. Disabling ends the member's sessions.
    pub(crate) async fn set_disabled(&self, id: MemberId, disabled: bool) -> Result<bool> {
        let done = sqlx::query(
            "UPDATE members SET disabled = ?1, epoch = epoch + 1 WHERE id = ?2 AND (?1 = 0 OR EXISTS (SELECT 1 FROM members WHERE role = 'admin' AND disabled = 0 AND id <> ?2))",
        )
        .bind(disabled)
        .bind(id.0)
        .execute(&*self.write())
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Returns the new epoch.
    pub(crate) async fn set_password(&self, id: MemberId, hash: &str) -> Result<i64> {
        let row = sqlx::query("UPDATE members SET password_hash = ?, epoch = epoch + 1 WHERE id = ? RETURNING epoch")
            .bind(hash)
            .bind(id.0)
            .fetch_one(&*self.write())
            .await?;
        Ok(row.try_get(0)?)
    }

    /// When the member last signed in with the password.
    pub(crate) async fn set_last_sign_in(&self, id: MemberId, at: DateTime<Utc>) -> Result<()> {
        sqlx::query("UPDATE members SET last_sign_in = ? WHERE id = ?")
            .bind(ms(at))
            .bind(id.0)
            .execute(&*self.write())
            .await?;
        Ok(())
    }
}

pub(super) fn member(row: &SqliteRow) -> Result<MemberRow> {
    let role: &str = row.try_get("role")?;
    let member = Member {
        id: MemberId(row.try_get("id")?),
        name: row.try_get("name")?,
        role: Role::parse(role).map_err(|_| unknown("role", role))?,
        disabled: row.try_get("disabled")?,
        created_at: time(row.try_get("created_at")?),
        last_sign_in: row.try_get::<Option<i64>, _>("last_sign_in")?.map(time),
    };
    Ok(MemberRow { member, password_hash: row.try_get("password_hash")?, epoch: row.try_get("epoch")? })
}
