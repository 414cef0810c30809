//! A bundle as the body of a request: for the REST API as it is, for a browser as the one file of a form.

use super::errors::bare;
use crate::site::Site;
use app::api::Visitor;
use axum::body::Body;
use axum::extract::{Extension, Multipart, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::Invalid;
use domain::deployment::DeploymentName;
use futures::{StreamExt, TryStreamExt};
use ops::ports::Bytestream;
use ops::uploads::{UploadBackup, Uploaded};
use ops::{Actor, Error};
use std::time::Duration;

/// Nothing came for so long: the other side is gone.
pub const SILENCE: Duration = Duration::from_secs(60);

/// `deployment`: which one a bare dump is for; may be empty.
pub async fn take(site: &Site, actor: &Actor, deployment: &str, content: Bytestream) -> Result<Uploaded, Error> {
    let deployment = if deployment.is_empty() { None } else { Some(DeploymentName::parse(deployment).map_err(|e| Invalid::new("deployment", e.why))?) };
    site.console.perform(actor, UploadBackup { deployment, content }).await
}

pub fn body(body: Body) -> Bytestream {
    body.into_data_stream().map_err(std::io::Error::other).boxed()
}

/// From the form on the page of targets. Ends on the page of the backup.
pub async fn form(State(site): State<Site>, Extension(visitor): Extension<Visitor>, form: Multipart) -> Response {
    match from_form(&site, visitor.actor, form).await {
        Ok(to) => Redirect::to(&to).into_response(),
        Err(error) => bare(error.problem()),
    }
}

async fn from_form(site: &Site, actor: Option<Actor>, mut form: Multipart) -> Result<String, Error> {
    let actor = actor.ok_or(Error::SignInNeeded)?;
    let nothing = || Error::from(Invalid::new("file", "Choose the file of a backup first."));
    let mut deployment = String::new();
    let file = loop {
        let field = form.next_field().await.map_err(|_| nothing())?.ok_or_else(nothing)?;
        match field.name() {
            Some("deployment") => deployment = field.text().await.map_err(|_| nothing())?,
            _ if field.file_name().is_some_and(|name| !name.is_empty()) => break field,
            _ => return Err(nothing()),
        }
    };
    // A field borrows its form: a channel of a few pieces lies between it and the stream.
    let (pieces, content) = futures::channel::mpsc::channel(1);
    let sending = file.map_err(std::io::Error::other).map(Ok).forward(pieces);
    let (_, uploaded) = futures::join!(sending, take(site, &actor, &deployment, content.boxed()));
    let uploaded = uploaded?;
    Ok(uploaded.job.map_or_else(|| "/targets/local?done=uploaded".into(), |job| format!("/jobs/{job}")))
}
