//! Backups: list and start.

use super::body::OptionalBody;
use super::deployments::Why;
use super::pages::{links, page};
use super::shapes::{BackupRow, Queued};
use super::{Answer, deployment};
use crate::http::problem::Details;
use crate::site::Site;
use axum::Json;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use ops::Actor;
use ops::backups::{ListBackups, StartBackup};

/// Backups of a deployment, newest first. `X-Total-Count` counts all; `Link` leads to the pages before and after.
#[utoipa::path(get, path = "/deployments/{name}/backups", tag = "backups", params(("name" = String, Path, description = "Of the deployment"), ("page" = Option<u32>, Query, description = "From 1", minimum = 1)), responses((status = 200, body = [BackupRow], headers(("X-Total-Count" = u64), ("Link" = String))), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn list(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer<impl IntoResponse> {
    let (deployment, page) = (deployment(&name)?, page(query.as_deref())?);
    let path = format!("/api/v1/deployments/{deployment}/backups?");
    let found = site.console.ask(&actor, ListBackups { deployment: Some(deployment), page }).await?;
    let headers = links(&path, &found);
    Ok((headers, Json(found.items.into_iter().map(BackupRow::from).collect::<Vec<_>>())))
}

/// Take a backup now.
#[utoipa::path(post, path = "/deployments/{name}/backups", tag = "backups", params(("name" = String, Path, description = "Of the deployment")), request_body = Option<Why>, responses((status = 202, body = Queued), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn start(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    OptionalBody(why): OptionalBody<Why>,
) -> Answer<impl IntoResponse> {
    let job = site.console.perform(&actor, StartBackup { deployment: deployment(&name)?, reason: why.reason()? }).await?;
    Ok((StatusCode::ACCEPTED, Json(Queued { job: job.0 })))
}
