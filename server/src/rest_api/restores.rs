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
use domain::encryption::Identity;
use domain::job::JobId;
use domain::text::Reason;
use ops::Actor;
use ops::restores::{StartRestore, UndoRestore};
use serde::Deserialize;
use utoipa::ToSchema;

/// What to bring back. It replaces the present data, which is set aside until it is removed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Restore {
    /// Id of the backup.
    backup: String,
    /// Must equal the deployment's name.
    confirm: String,
    /// Kept with the job and in the audit log.
    #[serde(default)]
    reason: String,
    /// Also the Neo4j users and their passwords (`system`), as they were then.
    #[serde(default)]
    include_users: bool,
    /// `AGE-SECRET-KEY-1…`, where only encrypted copies are left; the line or the whole key file. Kept sealed until the job ends, never shown.
    age_identity: Option<String>,
}

/// Restore a backup.
#[utoipa::path(post, path = "/deployments/{name}/restore", tag = "backups", params(("name" = String, Path, description = "Of the deployment")), request_body = Restore, responses((status = 202, body = Queued), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn start(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    Body(restore): Body<Restore>,
) -> Answer<impl IntoResponse> {
    let change = StartRestore {
        deployment: deployment(&name)?,
        backup: BackupId::parse(&restore.backup)?,
        confirm: restore.confirm,
        reason: Reason::required(&restore.reason)?,
        include_users: restore.include_users,
        identity: Identity::parse(restore.age_identity.as_deref().unwrap_or_default())?,
    };
    let job = site.console.perform(&actor, change).await?;
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
    let change = UndoRestore { deployment: deployment(&name)?, restore: JobId(job), confirm: undo.confirm, reason: Reason::required(&undo.reason)? };
    let job = site.console.perform(&actor, change).await?;
    Ok((StatusCode::ACCEPTED, Json(Queued { job: job.0 })))
}
