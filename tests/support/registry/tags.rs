//! Lists of tags, in pages and behind a token.

use super::Image;
use axum::extract::{Path, Query, State};
use axum::http::header::{AUTHORIZATION, HOST, LINK, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Tags of the large repositories.
const MANY: usize = 1_000;
/// However many are asked for.
const PAGE: usize = 90;
const TOKEN: &str = "for-anybody";

type Asked = Query<HashMap<String, String>>;

pub fn routes() -> Router<Arc<Image>> {
    Router::new()
        .route("/v2/{name}/tags/list", get(list))
        .route("/v2/guarded/tags/list", get(guarded))
        .route("/token", get(token))
}

/// As the specification says: in the order of letters, after `last`, at most `n`.
fn page(name: &str, asked: &HashMap<String, String>) -> Response {
    let mut all: Vec<String> = match name {
        "tiny" => vec!["1".into()],
        "many" | "guarded" => (0..MANY).map(|n| format!("5.{}.{}", n / 10, n % 10)).collect(),
        _ => return super::unknown("NAME_UNKNOWN"),
    };
    all.sort();
    let n = asked.get("n").and_then(|n| n.parse().ok()).unwrap_or(PAGE).min(PAGE);
    let after: Vec<String> = all.into_iter().filter(|tag| asked.get("last").is_none_or(|last| tag > last)).collect();
    let shown = &after[..n.min(after.len())];
    let body = Json(json!({ "name": name, "tags": shown }));
    match shown.last().filter(|_| shown.len() < after.len()) {
        Some(last) => {
            ([(LINK, format!("</v2/{name}/tags/list?last={last}&n={n}>; rel=\"next\""))], body).into_response()
        }
        None => body.into_response(),
    }
}

async fn list(State(image): State<Arc<Image>>, Path(name): Path<String>, Query(asked): Asked) -> Response {
    image.pages.fetch_add(1, Ordering::Relaxed);
    page(&name, &asked)
}

async fn guarded(State(image): State<Arc<Image>>, Query(asked): Asked, headers: HeaderMap) -> Response {
    image.pages.fetch_add(1, Ordering::Relaxed);
    if headers.get(AUTHORIZATION).is_some_and(|shown| shown.as_bytes() == format!("Bearer {TOKEN}").as_bytes()) {
        return page("guarded", &asked);
    }
    let host = headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let scope = "repository:guarded:pull";
    let challenge = format!("Bearer realm=\"http://{host}/token\",service=\"{host}\",scope=\"{scope}\"");
    (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, challenge)], "{}").into_response()
}

/// Good for the one repository, and whoever shows a password is not anybody.
async fn token(Query(asked): Asked, headers: HeaderMap) -> Response {
    let right = asked.get("scope").is_some_and(|scope| scope == "repository:guarded:pull");
    if right && asked.contains_key("service") && !headers.contains_key(AUTHORIZATION) {
        Json(json!({ "token": TOKEN, "expires_in": 300 })).into_response()
    } else {
        (StatusCode::FORBIDDEN, "{}").into_response()
    }
}
