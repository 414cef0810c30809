//! A problem as an HTTP answer: RFC 9457 problem details, with the members of [`domain::Problem`] beside the standard
//! ones.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use domain::Problem;
use domain::problem::ProblemKind;
use serde::Serialize;
use utoipa::ToSchema;

/// Of problem details (RFC 9457).
pub const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");

/// RFC 9457 problem details. `kind`, `means`, `next_steps`, `fields`, `job` and `incident` are extensions.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Details {
    /// Always `about:blank`: the status and `kind` say which problem it is.
    #[serde(rename = "type")]
    #[schema(example = "about:blank")]
    type_: &'static str,
    /// What happened, as a sentence.
    title: String,
    /// The HTTP status.
    #[schema(example = 409)]
    status: u16,
    /// What it means and what to do.
    detail: String,
    /// `invalid`, `sign_in_needed`, `denied`, `not_found`, `busy`, `conflict`, `unavailable` or `internal`.
    kind: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    means: String,
    /// What to do, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    next_steps: Vec<String>,
    /// Which values were refused and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    fields: Vec<Field>,
    /// The job in the way, when `busy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    job: Option<i64>,
    /// Number of the cause in the console's log, when `internal`.
    #[serde(skip_serializing_if = "Option::is_none")]
    incident: Option<String>,
}

/// A refused value.
#[derive(Debug, Serialize, ToSchema)]
pub struct Field {
    /// Its name in the request.
    field: String,
    /// What to write instead.
    why: String,
}

const fn kind(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::Invalid => "invalid",
        ProblemKind::SignInNeeded => "sign_in_needed",
        ProblemKind::Denied => "denied",
        ProblemKind::NotFound => "not_found",
        ProblemKind::Busy => "busy",
        ProblemKind::Conflict => "conflict",
        ProblemKind::Unavailable => "unavailable",
        ProblemKind::Internal => "internal",
    }
}

impl Details {
    /// `status` may be finer than the kind's own: 405, 413, 415.
    pub fn new(problem: Problem, status: u16) -> Self {
        let sentences = std::iter::once(problem.means.as_str()).chain(problem.next_steps.iter().map(String::as_str));
        let detail = sentences.filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" ");
        Self {
            type_: "about:blank",
            title: problem.title,
            status,
            detail,
            kind: kind(problem.kind),
            means: problem.means,
            next_steps: problem.next_steps,
            fields: problem.fields.into_iter().map(|f| Field { field: f.field, why: f.why }).collect(),
            job: problem.job,
            incident: problem.incident,
        }
    }
}

/// The JSON answer with the kind's own status.
pub fn json(problem: Problem) -> Response {
    let status = problem.kind.status();
    json_with_status(problem, status)
}

/// The JSON answer with a status of its own. A 401 names the bearer scheme.
pub fn json_with_status(problem: Problem, status: u16) -> Response {
    let unauthorized = status == 401;
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(&Details::new(problem, status.as_u16())).unwrap_or_default();
    let mut response = (status, [(header::CONTENT_TYPE, CONTENT_TYPE)], body).into_response();
    if unauthorized {
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"neo4j-admin-console\""));
    }
    response
}

/// What the REST handlers fail with.
pub struct Refused(pub Problem, pub Option<u16>);

impl Refused {
    /// A problem with another status than its kind's: 405, 413, 415.
    pub fn with_status(problem: Problem, status: u16) -> Self {
        Self(problem, Some(status))
    }
}

impl<E: Into<ops::Error>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self(error.into().problem(), None)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = self.1.unwrap_or(self.0.kind.status());
        json_with_status(self.0, status)
    }
}
