//! The one place where a problem becomes the status of the response.

/// In the browser there is no response to set a status of.
#[cfg(not(feature = "ssr"))]
pub fn note_status(_problem: &domain::Problem) {}

#[cfg(feature = "ssr")]
pub use server::{note_status, percent};

#[cfg(feature = "ssr")]
mod server {
    use axum::http::request::Parts;
    use axum::http::{Method, StatusCode};
    use domain::Problem;
    use domain::problem::ProblemKind;
    use leptos::prelude::use_context;
    use leptos_axum::ResponseOptions;
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

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

    const PLAIN_IN_A_QUERY: &AsciiSet =
        &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

    /// Percent-encodes everything but letters, digits and `-._~/`.
    pub fn percent(text: &str) -> String {
        utf8_percent_encode(text, PLAIN_IN_A_QUERY).to_string()
    }
}
