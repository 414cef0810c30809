//! JSON bodies: what cannot be read becomes a problem that says why.

use crate::http::problem::Refused;
use crate::http::size;
use axum::body::to_bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, header};
use domain::Problem;
use domain::problem::ProblemKind;
use serde::de::DeserializeOwned;

/// A JSON object. Unknown members, wrong types and anything that is no JSON are refused with 400.
pub struct Body<T>(pub T);

/// As [`Body`]; sending nothing at all is the same as `{}`.
pub struct OptionalBody<T>(pub T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for Body<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refused> {
        require_json(request.headers())?;
        Ok(Self(parse(&read(request).await?)?))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for OptionalBody<T> {
    type Rejection = Refused;

    async fn from_request(request: Request, _: &S) -> Result<Self, Refused> {
        let json = require_json(request.headers());
        let bytes = read(request).await?;
        if bytes.is_empty() {
            return Ok(Self(parse(b"{}")?));
        }
        json?;
        Ok(Self(parse(&bytes)?))
    }
}

async fn read(request: Request) -> Result<axum::body::Bytes, Refused> {
    to_bytes(request.into_body(), size::BODY).await.map_err(|_| {
        let problem =
            Problem::new(ProblemKind::Invalid, "The body is too large or broke off.").next_step(size::send_less());
        Refused::with_status(problem, 413)
    })
}

fn require_json(headers: &HeaderMap) -> Result<(), Refused> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let essence = kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if essence == "application/json" || (essence.starts_with("application/") && essence.ends_with("+json")) {
        return Ok(());
    }
    let problem = Problem::new(ProblemKind::Invalid, "The body is not marked as JSON.")
        .next_step("Send Content-Type: application/json.");
    Err(Refused::with_status(problem, 415))
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Refused> {
    serde_json::from_slice(bytes).map_err(|error| {
        let title =
            if error.is_data() { "The JSON body does not have the right members." } else { "The body is not JSON." };
        let problem = Problem::new(ProblemKind::Invalid, title)
            .means(format!("{error}."))
            .next_step("/api/v1/openapi.json describes what this address takes.");
        Refused(problem, None)
    })
}
