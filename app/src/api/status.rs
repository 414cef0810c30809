//! The one place where a problem becomes the status of the response.

use axum::http::request::Parts;
use axum::http::{Method, StatusCode};
use domain::Problem;
use domain::problem::ProblemKind;
use domain::text::percent;
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

/// Sets the status of the response, for a call and for a page alike. A page that needs a member goes to the sign-in
/// page.
pub fn note_status(problem: &Problem) {
    let (Some(parts), Some(response)) = (use_context::<Parts>(), use_context::<ResponseOptions>()) else { return };
    if problem.kind == ProblemKind::SignInNeeded && parts.method == Method::GET {
        leptos_axum::redirect(&format!(
            "/login?next={}",
            percent(parts.uri.path_and_query().map_or("/", |p| p.as_str()))
        ));
        return;
    }
    if let Ok(status) = StatusCode::from_u16(problem.kind.status()) {
        response.set_status(status);
    }
}
