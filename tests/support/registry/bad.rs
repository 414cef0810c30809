//! Repositories whose list of tags is none, and an image that is never had whole.

use super::Image;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_LENGTH, CONTENT_RANGE, LINK};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::stream;
use std::convert::Infallible;
use std::io::{Error, ErrorKind};
use std::sync::Arc;

pub fn routes() -> Router<Arc<Image>> {
    Router::new()
        .route("/v2/garbage/tags/list", get(async || "<html>Welcome to the hotel's network</html>"))
        .route("/v2/endless/tags/list", get(endless))
        .route("/v2/circle/tags/list", get(circle))
}

/// The first half, then the connection ends; so it does at once for whoever asks for the rest.
pub fn cut_short(whole: &[u8], rest: bool) -> Response {
    let (half, end) = (whole.len() / 2, whole.len());
    if rest {
        let range =
            [(CONTENT_RANGE, format!("bytes {half}-{}/{end}", end - 1)), (CONTENT_LENGTH, (end - half).to_string())];
        let body = Body::from_stream(stream::iter([Err::<Bytes, _>(Error::from(ErrorKind::ConnectionReset))]));
        return (StatusCode::PARTIAL_CONTENT, range, body).into_response();
    }
    let half = Bytes::copy_from_slice(&whole[..half]);
    let body = Body::from_stream(stream::iter([Ok(half), Err(Error::from(ErrorKind::ConnectionReset))]));
    ([(CONTENT_LENGTH, end)], body).into_response()
}

/// One tag after the other, for ever.
async fn endless() -> Body {
    let more = Bytes::from("\"5.26.5\",".repeat(8_000));
    let begin = stream::iter([Ok::<_, Infallible>(Bytes::from("{\"tags\":["))]);
    Body::from_stream(futures::StreamExt::chain(begin, stream::repeat_with(move || Ok(more.clone()))))
}

/// The next page is this one again.
async fn circle() -> Response {
    ([(LINK, "</v2/circle/tags/list>; rel=\"next\"")], r#"{"name":"circle","tags":["5.26.5"]}"#).into_response()
}
