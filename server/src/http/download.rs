//! A backup as one file: what the REST API and a link on a page answer.

use super::errors::bare;
use crate::site::Site;
use app::api::Visitor;
use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use domain::backup::BackupId;
use ops::use_cases::download::{Download, DownloadBackup};
use ops::{Actor, Error};

/// With its length, so that one that breaks off is seen to have broken off.
pub async fn answer(site: &Site, actor: &Actor, id: &str) -> Result<Response, Error> {
    let backup = BackupId::parse(id).map_err(|_| Error::not_found("backup", id))?;
    Ok(file(site.console.perform(actor, DownloadBackup { backup }).await?))
}

fn file(download: Download) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "application/x-tar".to_string()),
        (header::CONTENT_LENGTH, download.bytes.to_string()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", download.file_name)),
        // Dumps are compressed already, and a compressed answer would lose its length.
        (header::CONTENT_ENCODING, "identity".to_string()),
        (header::CACHE_CONTROL, "no-store".to_string()),
    ];
    (headers, Body::from_stream(download.content)).into_response()
}

/// For a browser with a session.
pub async fn link(
    State(site): State<Site>,
    Extension(visitor): Extension<Visitor>,
    Path(id): Path<String>,
) -> Response {
    let answered = match visitor.actor {
        Some(actor) => answer(&site, &actor, &id).await,
        None => Err(Error::SignInNeeded),
    };
    answered.unwrap_or_else(|error| bare(error.problem()))
}
