//! Errors that no handler worded: an unknown path, a wrong method, a body too large, a forged origin, a time that ran
//! out, a panic. Inner layers answer bare; this outermost one words them, as a problem document for programs and as a
//! small page for people.

use super::{problem, size};
use app::components::text_area::Escaped;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse, Response};
use domain::Problem;
use domain::problem::ProblemKind;

/// A bare answer with the problem it stands for, to be worded by [`word`].
pub fn bare(problem: Problem) -> Response {
    let status = StatusCode::from_u16(problem.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = status.into_response();
    response.extensions_mut().insert(Bare(problem));
    response
}

#[derive(Clone)]
struct Bare(Problem);

/// Whether the answer is read by a person: `Accept` has `text/html`, and the path is not of the REST API.
pub fn wants_page(path: &str, headers: &HeaderMap) -> bool {
    let accepts_html =
        headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("text/html"));
    accepts_html && !path.starts_with("/api/v1")
}

/// The layer that words every client or server error which is still bare. Answers that are worded stay as they are.
pub async fn word(request: Request, next: Next) -> Response {
    let page = wants_page(request.uri().path(), request.headers());
    let mut response = next.run(request).await;
    if !(response.status().is_client_error() || response.status().is_server_error()) {
        return response;
    }
    let status = response.status().as_u16();
    let problem = match response.extensions_mut().remove::<Bare>() {
        Some(Bare(problem)) => problem,
        None if is_worded(&response) => return response,
        None => of_status(status),
    };
    let worded = if page { self::page(&problem, status) } else { problem::json_with_status(problem, status) };
    keep_headers(response.headers_mut(), worded)
}

/// A page, a JSON document or a server function's own answer.
fn is_worded(response: &Response) -> bool {
    let headers = response.headers();
    let plain = headers.get(header::CONTENT_TYPE).is_none_or(|t| t.as_bytes().starts_with(b"text/plain"));
    !plain || headers.contains_key("serverfnerror")
}

/// `Allow`, `Set-Cookie` and the like stay.
fn keep_headers(old: &mut HeaderMap, mut worded: Response) -> Response {
    for name in [header::ALLOW, header::SET_COOKIE, header::RETRY_AFTER] {
        for value in old.get_all(&name) {
            worded.headers_mut().append(name.clone(), value.clone());
        }
    }
    worded
}

fn of_status(status: u16) -> Problem {
    let (kind, title, todo) = match status {
        404 => (
            ProblemKind::NotFound,
            "There is nothing at this address.",
            "Check the address; /api/v1/openapi.json lists the addresses of the API.",
        ),
        405 => (
            ProblemKind::Invalid,
            "This address does not take this method.",
            "The header Allow names the methods it takes.",
        ),
        408 | 503 | 504 => {
            (ProblemKind::Unavailable, "The request timed out.", "Check whether it took effect, then try again.")
        }
        413 => return Problem::new(ProblemKind::Invalid, "The request is too large.").next_step(size::send_less()),
        415 => (
            ProblemKind::Invalid,
            "The request has a content type the console does not read.",
            "Send JSON with Content-Type: application/json.",
        ),
        400..500 => {
            (ProblemKind::Invalid, "The console cannot read this request.", "Check the address and what you sent.")
        }
        _ => return ops::Error::internal(format!("a bare answer with status {status}")).problem(),
    };
    Problem::new(kind, title).next_step(todo)
}

/// For people. Plain on purpose: it must work when nothing else does.
pub fn page(problem: &Problem, status: u16) -> Response {
    let todo: String = problem.next_steps.iter().map(|step| format!("<li>{}</li>", Escaped::of(step))).collect();
    let title = Escaped::of(&problem.title);
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title></head>\
         <body><main><h1>{title}</h1><p>{}</p><ul>{todo}</ul><p><a href=\"/\">To the \
         deployments</a></p></main></body></html>",
        Escaped::of(&problem.means)
    );
    let mut response =
        (StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), Html(html)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
