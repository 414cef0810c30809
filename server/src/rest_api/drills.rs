//! Drills: start one, read the verdicts.

use super::body::OptionalBody;
use super::shapes::DrillRow;
use super::shapes::Queued;
use super::{Answer, deployment};
use crate::http::problem::Details;
use crate::site::Site;
use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use domain::backup::BackupId;
use ops::Actor;
use ops::use_cases::drills::{ListDrills, StartDrill};
use serde::Deserialize;
use utoipa::ToSchema;

/// Which backup to drill.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDrill {
    /// The newest verified one that has a copy which is not encrypted when absent.
    backup: Option<String>,
}

/// Rehearse a restore of a backup on a scratch server.
#[utoipa::path(post, path = "/deployments/{name}/drills", tag = "drills", params(("name" = String, Path)), request_body = Option<NewDrill>, responses((status = 202, body = Queued), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn start(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    OptionalBody(new): OptionalBody<NewDrill>,
) -> Answer<impl IntoResponse> {
    let unknown = |text: &str| ops::Error::not_found("backup", text);
    let backup = new.backup.as_deref().map(|text| BackupId::parse(text).map_err(|_| unknown(text))).transpose()?;
    let job = site.console.perform(&actor, StartDrill { deployment: deployment(&name)?, backup }).await?;
    Ok((StatusCode::ACCEPTED, Json(Queued { job: job.0 })))
}

/// The verdicts, newest first, at most a hundred.
#[utoipa::path(get, path = "/deployments/{name}/drills", tag = "drills", params(("name" = String, Path)), responses((status = 200, body = [DrillRow]), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn list(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
) -> Answer<Json<Vec<DrillRow>>> {
    let all = site.console.ask(&actor, ListDrills { deployment: deployment(&name)? }).await?;
    Ok(Json(all.into_iter().map(Into::into).collect()))
}
