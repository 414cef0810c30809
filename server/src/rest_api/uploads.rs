//! A bundle that comes back as a file.

use super::Answer;
use crate::http::problem::Details;
use crate::http::upload;
use crate::site::Site;
use axum::Json;
use axum::body::Body;
use axum::extract::{Extension, Query, State};
use axum::http::StatusCode;
use ops::Actor;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Where it lies now.
#[derive(Debug, Serialize, ToSchema)]
pub struct Upload {
    /// Names it as `backup` of a restore.
    upload: String,
    /// That reads it back; absent when its deployment is not adopted, or busy.
    job: Option<i64>,
}

/// What a bare dump does not say of itself.
#[derive(Debug, Deserialize, IntoParams)]
pub struct OfDump {
    /// Which deployment a bare dump is for. A bundle says so itself.
    #[serde(default)]
    deployment: String,
}

/// Upload a backup: the tar that its download gave, or a bare dump, as the body. Streamed to the console's own target;
/// refused after its first bytes when it is something else. One at a time. Repeat it when it broke off.
#[utoipa::path(post, path = "/uploads", tag = "backups", params(OfDump), request_body(content = Vec<u8>, content_type = "application/x-tar"), responses((status = 201, body = Upload), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn take(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Query(of): Query<OfDump>,
    body: Body,
) -> Answer<(StatusCode, Json<Upload>)> {
    let uploaded = upload::take(&site, &actor, &of.deployment, upload::body(body)).await?;
    Ok((StatusCode::CREATED, Json(Upload { upload: uploaded.backup.to_string(), job: uploaded.job.map(|job| job.0) })))
}
