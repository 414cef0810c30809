//! Which paths need a session, and the redirect to sign-in. Runs before anything is decoded. It only asks "is somebody
//! signed in"; what they may do is checked by every use case itself.

use super::errors::{bare, wants_page};
use super::problem;
use crate::site::Site;
use app::api::Visitor;
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use domain::Problem;
use domain::problem::ProblemKind;
use domain::text::percent;

/// Server functions that answer without a session, by the last word of their path: the pages for set-up and sign-in
/// call them.
pub const OPEN_FUNCTIONS: &[&str] = &["is_setup_open", "set_up", "sign_in"];

/// Where server functions are.
pub const FUNCTIONS: &str = "/api/fn/";

/// Lets members pass, and everybody to what is open; others go to the sign-in page or get 401.
pub async fn require_session(State(site): State<Site>, request: Request, next: Next) -> Response {
    let signed_in = request.extensions().get::<Visitor>().is_some_and(|v| v.actor.is_some());
    let path = request.uri().path();
    let refusal = if path.starts_with(FUNCTIONS) {
        if signed_in || is_open_function(path) { None } else { Some(sign_in_first(&request)) }
    } else if signed_in {
        (path == "/setup").then(already_set_up)
    } else {
        match site.set_up_open().await {
            Ok(open) => redirect_to_sign_in(open, request.method(), request.uri()),
            Err(error) => Some(bare(error.problem())),
        }
    };
    match refusal {
        Some(response) => response,
        None => next.run(request).await,
    }
}

/// Whether a server function is there for those who are not signed in.
pub fn is_open_function(path: &str) -> bool {
    path.rsplit('/').next().is_some_and(|name| OPEN_FUNCTIONS.contains(&name))
}

/// Before the first member exists everything leads to `/setup`, afterwards to `/login`.
fn redirect_to_sign_in(set_up_open: bool, method: &Method, uri: &Uri) -> Option<Response> {
    match (uri.path(), set_up_open) {
        ("/setup", true) | ("/login", false) => None,
        ("/setup", false) => Some(already_set_up()),
        (_, true) => Some(Redirect::to("/setup").into_response()),
        (_, false) => Some(Redirect::to(&login(method, uri)).into_response()),
    }
}

/// The way back is kept for what can be asked for again.
fn login(method: &Method, uri: &Uri) -> String {
    let back = uri.path_and_query().map_or("/", |p| p.as_str());
    if !method.is_safe() || back == "/" || back == "/logout" {
        "/login".into()
    } else {
        format!("/login?next={}", percent(back))
    }
}

/// A form sent by a browser without a session leads to the sign-in and back to the page it stood on; a program gets
/// 401.
fn sign_in_first(request: &Request) -> Response {
    if wants_page(request.uri().path(), request.headers()) {
        let page = request.headers().get(header::REFERER).and_then(|r| r.to_str().ok()?.parse::<Uri>().ok());
        return Redirect::to(&page.map_or("/login".into(), |page| login(&Method::GET, &page))).into_response();
    }
    problem::json(ops::Error::SignInNeeded.problem())
}

fn already_set_up() -> Response {
    let mut response = bare(
        Problem::new(ProblemKind::NotFound, "The console is set up already.")
            .next_step("Sign in with the name and password of a member."),
    );
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn way(set_up_open: bool, uri: &str) -> Option<String> {
        let response = redirect_to_sign_in(set_up_open, &Method::GET, &uri.parse().expect("uri"))?;
        Some(
            response
                .headers()
                .get(header::LOCATION)
                .map_or_else(|| response.status().to_string(), |l| l.to_str().expect("text").into()),
        )
    }

    #[test]
    fn everything_leads_to_the_sign_in_and_back() {
        assert_eq!(way(false, "/"), Some("/login".into()));
        assert_eq!(way(false, "/jobs/7?page=2"), Some("/login?next=/jobs/7%3Fpage%3D2".into()));
        assert_eq!(way(false, "/login"), None);
        assert_eq!(way(false, "/setup"), Some("404 Not Found".into()));
    }

    #[test]
    fn before_there_is_a_member_everything_leads_to_the_set_up() {
        assert_eq!(way(true, "/"), Some("/setup".into()));
        assert_eq!(way(true, "/login"), Some("/setup".into()));
        assert_eq!(way(true, "/setup?token=x"), None);
    }
}
