//! Repositories whose list of tags is none.

use super::Image;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::header::LINK;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures::stream;
use std::convert::Infallible;
use std::sync::Arc;

pub fn routes() -> Router<Arc<Image>> {
    Router::new()
        .route("/v2/garbage/tags/list", get(async || "<html>Welcome to the hotel's network</html>"))
        .route("/v2/endless/tags/list", get(endless))
        .route("/v2/circle/tags/list", get(circle))
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
