//! Restore a backup.

use super::body::Body;
use super::shapes::Queued;
use super::{Answer, deployment};
use crate::http::problem::Details;
use crate::site::Site;
use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::backup::BackupId;
use domain::deployment::DeploymentName;
use domain::encryption::Identity;
use domain::job::JobId;
use domain::text::Reason;
use ops::Actor;
use ops::use_cases::restores::{RestoreAsNew, StartRestore, UndoRestore};
use serde::Deserialize;
use utoipa::ToSchema;

/// A server of its own beside the one the backup is from, which runs on.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AsNew {
    /// Of the new deployment and its container; its volume is called `<name>-data`.
    name: String,
}

/// What to bring back, and where. In place it replaces the present data, which is set aside until it is removed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Restore {
    /// Id of the backup.
    backup: String,
    /// In place, it must equal the deployment's name. Not asked for with `as_new`.
    #[serde(default)]
    confirm: String,
    /// Kept with the job and in the audit log.
    #[serde(default)]
    reason: String,
    /// Also the Neo4j users and their passwords (`system`), as they were then.
    #[serde(default)]
    include_users: bool,
    /// `AGE-SECRET-KEY-1…`, where only encrypted copies are left; the line or the whole key file. Kept sealed until the
    /// job ends, never shown.
    age_identity: Option<String>,
    /// As a new deployment, and not in place. It also needs the permission to adopt deployments.
    #[serde(default)]
    as_new: Option<AsNew>,
}

/// Restore a backup.
#[utoipa::path(post, path = "/deployments/{name}/restore", tag = "backups", params(("name" = String, Path, description = "Of the deployment")), request_body = Restore, responses((status = 202, body = Queued), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn start(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    Body(restore): Body<Restore>,
) -> Answer<impl IntoResponse> {
    let (deployment, include_users) = (deployment(&name)?, restore.include_users);
    let (backup, reason) = (BackupId::parse(&restore.backup)?, Reason::required(&restore.reason)?);
    let identity = Identity::parse(restore.age_identity.as_deref().unwrap_or_default())?;
    let job = match restore.as_new {
        Some(new) => {
            let name = DeploymentName::parse(&new.name)?;
            site.console
                .perform(&actor, RestoreAsNew { deployment, backup, name, reason, include_users, identity })
                .await?
        }
        None => {
            site.console
                .perform(
                    &actor,
                    StartRestore { deployment, backup, confirm: restore.confirm, reason, include_users, identity },
                )
                .await?
        }
    };
    Ok((StatusCode::ACCEPTED, Json(Queued { job: job.0 })))
}

/// Consent to an undo.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Undo {
    /// Must equal the deployment's name.
    confirm: String,
    /// Kept with the job and in the audit log.
    #[serde(default)]
    reason: String,
}

/// Bring back the data from before the newest restore.
#[utoipa::path(post, path = "/deployments/{name}/restores/{job}/undo", tag = "backups", params(("name" = String, Path, description = "Of the deployment"), ("job" = i64, Path, description = "Of the restore")), request_body = Undo, responses((status = 202, body = Queued), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn undo(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path((name, job)): Path<(String, i64)>,
    Body(undo): Body<Undo>,
) -> Answer<impl IntoResponse> {
    let change = UndoRestore {
        deployment: deployment(&name)?,
        restore: JobId(job),
        confirm: undo.confirm,
        reason: Reason::required(&undo.reason)?,
    };
    let job = site.console.perform(&actor, change).await?;
    Ok((StatusCode::ACCEPTED, Json(Queued { job: job.0 })))
}
