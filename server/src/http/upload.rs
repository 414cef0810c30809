//! A bundle as the body of a request: for the REST API as it is, for a browser as the one file of a form.

use super::errors::bare;
use crate::site::Site;
use app::api::Visitor;
use axum::body::{Body, Bytes};
use axum::extract::multipart::Field;
use axum::extract::{Extension, Multipart, State};
use axum::response::{IntoResponse, Redirect, Response};
use domain::Invalid;
use domain::deployment::DeploymentName;
use domain::scope::Scope;
use futures::{StreamExt, TryStreamExt};
use ops::use_cases::uploads::{UploadBackup, Uploaded};
use ops::{Actor, Change, Error};
use ports::Bytestream;
use std::time::Duration;
use tokio::time::sleep;

/// Nothing came for so long: the other side is gone.
pub const SILENCE: Duration = Duration::from_secs(60);

/// What must come in each such time: only one upload runs at once, and a byte now and then would hold its place for
/// ever.
const LEAST: (usize, Duration) = (256 * 1024, Duration::from_secs(60));

/// `deployment`: which one a bare dump is for; may be empty.
pub async fn take(site: &Site, actor: &Actor, deployment: &str, content: Bytestream) -> Result<Uploaded, Error> {
    let deployment = if deployment.is_empty() {
        None
    } else {
        Some(DeploymentName::parse(deployment).map_err(|e| Invalid::new("deployment", e.why))?)
    };
    site.console.perform(actor, UploadBackup { deployment, content: not_too_slow(content) }).await
}

/// Ends with an error when less than [`LEAST`] came.
fn not_too_slow(content: Bytestream) -> Bytestream {
    let state = (content, Box::pin(sleep(LEAST.1)), 0);
    let pieces = futures::stream::unfold(state, |(mut content, mut window, mut bytes)| async move {
        loop {
            tokio::select! {
                biased;
                piece = content.next() => {
                    let piece = piece?;
                    bytes += piece.as_ref().map_or(0, Bytes::len);
                    return Some((piece, (content, window, bytes)));
                }
                () = &mut window => {
                    if bytes < LEAST.0 {
                        let slow = std::io::Error::new(std::io::ErrorKind::TimedOut, "it came too slowly");
                        return Some((Err(slow), (futures::stream::empty().boxed(), window, bytes)));
                    }
                    (window, bytes) = (Box::pin(sleep(LEAST.1)), 0);
                }
            }
        }
    });
    pieces.boxed()
}

/// The body of a request as it comes; a broken connection is an error in the stream.
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

/// A field has no end of its own: one of some gigabytes would be read into memory.
async fn short_text(mut field: Field<'_>) -> Result<String, Error> {
    let wrong = || Error::from(Invalid::new("deployment", "Choose a deployment of the list."));
    let mut text = Vec::new();
    while let Some(piece) = field.chunk().await.map_err(|_| wrong())? {
        text.extend_from_slice(&piece);
        if text.len() > DeploymentName::MAX {
            return Err(wrong());
        }
    }
    String::from_utf8(text).map_err(|_| wrong())
}

async fn from_form(site: &Site, actor: Option<Actor>, mut form: Multipart) -> Result<String, Error> {
    let actor = actor.ok_or(Error::SignInNeeded)?;
    if actor.lacks(UploadBackup::NEEDS, &Scope::everywhere()).is_some() {
        // Refused and noted as any other, before a byte of it is read.
        return take(site, &actor, "", futures::stream::empty().boxed()).await.map(|_| String::new());
    }
    let nothing = || Error::from(Invalid::new("file", "Choose the file of a backup first."));
    let mut deployment = String::new();
    let file = loop {
        let field = form.next_field().await.map_err(|_| nothing())?.ok_or_else(nothing)?;
        match field.name() {
            Some("deployment") if deployment.is_empty() => deployment = short_text(field).await?,
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A piece every so many seconds; how many came through, and how it ended.
    async fn sent(bytes: usize, every: u64, pieces: usize) -> (usize, bool) {
        let slowly = futures::stream::iter(0..pieces).then(move |_| async move {
            tokio::time::sleep(Duration::from_secs(every)).await;
            Ok(Bytes::from(vec![0; bytes]))
        });
        let came: Vec<_> = not_too_slow(slowly.boxed()).collect().await;
        (came.iter().filter(|piece| piece.is_ok()).count(), came.iter().all(Result::is_ok))
    }

    #[tokio::test(start_paused = true)]
    async fn a_byte_now_and_then_is_no_upload_and_a_slow_line_is_one() {
        assert!(!sent(1, 30, 100).await.1);
        assert_eq!(sent(64 * 1024, 10, 100).await, (100, true));
        assert_eq!(sent(1, 1, 50).await, (50, true), "a small file");
    }
}
