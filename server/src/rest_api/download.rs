//! A backup as one file.

use super::Answer;
use crate::http::download;
use crate::http::problem::Details;
use crate::site::Site;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use ops::Actor;

/// Download the whole backup as a tar: manifest, sums, dumps, configuration, `RESTORE.md`. It breaks off if a part was
/// changed.
#[utoipa::path(get, path = "/backups/{id}/download", tag = "backups", params(("id" = String, Path)), responses((status = 200, content_type = "application/x-tar", body = Vec<u8>), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn serve(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Answer<Response> {
    Ok(download::answer(&site, &actor, &id).await?)
}
