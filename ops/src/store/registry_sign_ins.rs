//! Table `registry_sign_ins`.

use super::{Store, ms, time};
use crate::error::{Error, Result};
use domain::registry_sign_in::{RegistryHost, RegistryUser, View};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// A sign-in with its password as it is at rest.
pub struct RegistrySignInRow {
    pub view: View,
    pub sealed_password: String,
}

impl Store {
    /// All, by host.
    pub(crate) async fn registry_sign_ins(&self) -> Result<Vec<RegistrySignInRow>> {
        let rows = sqlx::query("SELECT * FROM registry_sign_ins ORDER BY host").fetch_all(&self.pool).await?;
        rows.iter().map(sign_in).collect()
    }

    /// Of one registry; none when there is none.
    pub(crate) async fn registry_sign_in(&self, host: &RegistryHost) -> Result<Option<RegistrySignInRow>> {
        let row = sqlx::query("SELECT * FROM registry_sign_ins WHERE host = ?")
            .bind(host.as_str())
            .fetch_optional(&self.pool)
            .await?;
        row.as_ref().map(sign_in).transpose()
    }

    /// Replaces the one there is.
    pub(crate) async fn set_registry_sign_in(&self, row: &RegistrySignInRow) -> Result<()> {
        sqlx::query(
            "INSERT INTO registry_sign_ins (host, user, sealed_password, saved_at) VALUES (?, ?, ?, ?)
             ON CONFLICT (host) DO UPDATE SET user = excluded.user, sealed_password = excluded.sealed_password,
             saved_at = excluded.saved_at",
        )
        .bind(row.view.host.as_str())
        .bind(row.view.user.as_str())
        .bind(&row.sealed_password)
        .bind(ms(row.view.saved_at))
        .execute(&*self.write())
        .await?;
        Ok(())
    }

    /// Whether there was one.
    pub(crate) async fn delete_registry_sign_in(&self, host: &RegistryHost) -> Result<bool> {
        let done = sqlx::query("DELETE FROM registry_sign_ins WHERE host = ?")
            .bind(host.as_str())
            .execute(&*self.write())
            .await?;
        Ok(done.rows_affected() > 0)
    }
}

fn sign_in(row: &SqliteRow) -> Result<RegistrySignInRow> {
    let view = View {
        host: RegistryHost::parse(row.try_get("host")?).map_err(Error::internal)?,
        user: RegistryUser::parse(row.try_get("user")?).map_err(Error::internal)?,
        saved_at: time(row.try_get("saved_at")?),
    };
    Ok(RegistrySignInRow { view, sealed_password: row.try_get("sealed_password")? })
}
