//! A registry that lets in only who signs in: with a password at each question, or with a token that is had for it.

use super::Image;
use axum::extract::Request;
use axum::http::header::{AUTHORIZATION, HOST, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use domain::image::ImageReference;
use domain::registry_sign_in::{RegistryHost, RegistryPassword, RegistrySignIn, RegistryUser};
use serde_json::json;
use std::sync::Arc;

/// Has signs that base64's two alphabets write differently.
pub const PASSWORD: &str = "~~~???>>>";
pub const USER: &str = "ana";
const BASIC: &str = "Basic YW5hOn5+fj8/Pz4+Pg==";
const BEARER: &str = "Bearer for-ana";

/// What has to be shown at it.
#[derive(Debug, Clone, Copy)]
pub enum Door {
    Password,
    Token,
}

/// For the registry of this image.
pub fn sign_in(image: &str, password: &str) -> RegistrySignIn {
    RegistrySignIn {
        host: RegistryHost::of(&ImageReference::parse(image).expect("an image")),
        user: RegistryUser::parse(USER).expect("a user"),
        password: RegistryPassword::parse(password).expect("a password"),
    }
}

impl Door {
    pub(super) fn before(self, routes: Router<Arc<Image>>) -> Router<Arc<Image>> {
        let guard = from_fn(move |request: Request, next: Next| async move {
            match self.refuses(&request) {
                Some(refusal) => refusal,
                None => next.run(request).await,
            }
        });
        routes.route("/sign-in", get(token)).layer(guard)
    }

    fn refuses(self, request: &Request) -> Option<Response> {
        let host = request.headers().get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
        let (wanted, challenge) = match self {
            Self::Password => (BASIC, "Basic realm=\"test\"".to_owned()),
            Self::Token => (BEARER, format!("Bearer realm=\"http://{host}/sign-in\",service=\"{host}\"")),
        };
        let inside = !request.uri().path().starts_with("/v2/") || shows(request.headers(), wanted);
        (!inside).then(|| (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, challenge)], "{}").into_response())
    }
}

fn shows(headers: &HeaderMap, wanted: &str) -> bool {
    headers.get(AUTHORIZATION).is_some_and(|shown| shown.as_bytes() == wanted.as_bytes())
}

async fn token(headers: HeaderMap) -> Response {
    match shows(&headers, BASIC) {
        true => Json(json!({ "token": "for-ana" })).into_response(),
        false => (StatusCode::UNAUTHORIZED, "{}").into_response(),
    }
}
