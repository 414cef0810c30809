//! What a server function needs of its request, and the one place where a problem becomes a status, a redirect or a
//! cookie.

use super::Timed;
use super::refusals::Refusals;
use super::status::note_status;
use crate::problem::ApiError;
use crate::visitor::{Me, Refusal};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use chrono::{DateTime, Utc};
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_axum::ResponseOptions;
use ops::{Actor, Change, Console, Error, Query};

/// What the server knows of the visitor; it provides one per request, beside the [`Console`].
#[derive(Debug, Clone)]
pub struct Visitor {
    pub actor: Option<Actor>,
    /// Where the request comes from.
    pub address: String,
    /// `light`, `dark` or empty, from the cookie `theme`.
    pub theme: String,
    /// Whether people reach the console by https (`CONSOLE_URL`): then browsers are told to keep cookies to that.
    pub https: bool,
    pub now: DateTime<Utc>,
}

const COOKIE: &str = "refused";
/// Seconds within which the browser asks for the page of a refused form.
const COMES_WITHIN: u32 = 60;

/// The visitor of this request; an internal error outside of one.
pub fn visitor() -> Result<Visitor, Error> {
    use_context::<Visitor>().ok_or_else(|| Error::internal("no visitor was provided for this request"))
}

/// The console of this request; an internal error outside of one.
pub fn console() -> Result<Console, Error> {
    use_context::<Console>().ok_or_else(|| Error::internal("no console was provided for this request"))
}

fn actor() -> Result<Actor, Error> {
    visitor()?.actor.ok_or(Error::SignInNeeded)
}

/// What the page may know of the visitor; nobody outside of a request.
pub fn me() -> Me {
    let Ok(visitor) = visitor() else { return Me::default() };
    let (name, role) = visitor.actor.map_or((String::new(), None), |a| (a.name, Some(a.role)));
    Me { name, role, theme: visitor.theme }
}

/// Asks as the signed-in member.
pub async fn ask<Q: Query>(query: Q) -> Result<Q::Answer, ApiError> {
    reply(async { console()?.ask(&actor()?, query).await }.await)
}

/// As [`ask`], with the clock.
pub async fn ask_timed<Q: Query>(query: Result<Q, Error>) -> Result<Timed<Q::Answer>, ApiError> {
    let answer = async { console()?.ask(&actor()?, query?).await }.await;
    reply(answer.and_then(|value| Ok(Timed { value, now: visitor()?.now })))
}

/// Does a change as the signed-in member.
pub async fn perform<C: Change>(change: C) -> Result<C::Outcome, Error> {
    console()?.perform(&actor()?, change).await
}

/// The answer to a read.
pub fn reply<T>(result: Result<T, Error>) -> Result<T, ApiError> {
    result.map_err(|error| {
        let problem = error.problem();
        note_status(&problem);
        problem.into()
    })
}

/// The values of boxes that share a name. A box that is not ticked sends nothing, so that none was ticked is an empty
/// value.
pub fn ticks<'a>(field: &'a str, ticked: &'a [String]) -> Vec<(&'a str, &'a str)> {
    if ticked.is_empty() {
        return vec![(field, "")];
    }
    ticked.iter().map(|value| (field, value.as_str())).collect()
}

/// The answer to a form: on to another page, or back to the page the form stands on, which shows why and what was
/// typed. `values`: every field but secrets, also a box that is not ticked; one that is left out shows again what was
/// set before. A program gets the problem itself.
pub fn answer_form<S: ServerFn>(values: &[(&str, &str)], result: Result<String, Error>) -> Result<(), ApiError> {
    let problem = match result {
        Ok(to) => {
            leptos_axum::redirect(&to);
            return Ok(());
        }
        Err(error) => error.problem(),
    };
    match (use_context::<Parts>().filter(plain_form), use_context::<Refusals>()) {
        (Some(parts), Some(refusals)) => {
            let values = values.iter().map(|(field, value)| ((*field).into(), (*value).into())).collect();
            let back = came_from(&parts);
            let page = back.as_deref().and_then(|back| back.split('?').next()).map(ToString::to_string);
            let number = refusals.keep(Refusal { form: S::PATH.into(), page, problem: problem.clone(), values });
            set_cookie(&number, COMES_WITHIN);
            leptos_axum::redirect(back.as_deref().unwrap_or("/"));
        }
        _ => note_status(&problem),
    }
    Err(problem.into())
}

/// The refusal that brought the visitor here; reading it removes it. What the page asks for by itself, or the browser
/// ahead of a click, is no visit.
pub fn take_refusal() -> Option<Refusal> {
    let (parts, refusals) = (use_context::<Parts>()?, use_context::<Refusals>()?);
    if [islands::LIVE_HEADER, "sec-purpose"].iter().any(|header| parts.headers.contains_key(*header)) {
        return None;
    }
    let number = cookie(&parts.headers, &cookie_name(COOKIE, visitor().ok()?.https))?;
    let refusal = refusals.take(&number, parts.uri.path())?;
    set_cookie("", 0);
    Some(refusal)
}

/// Takes the values of variables out of a manifest before a page gets it: whatever a page is given is in its source.
pub fn hide_values(detail: &mut domain::backup::views::Detail) {
    for variable in &mut detail.manifest.env {
        (variable.value, variable.sealed) = (None, None);
    }
}

/// An address of this console, never of another one: begins with one slash.
pub fn local_path(text: &str) -> Option<&str> {
    let local =
        text.starts_with('/') && !text.starts_with("//") && !text.contains('\\') && !text.chars().any(char::is_control);
    (local && text.is_ascii()).then_some(text)
}

/// `__Host-` binds a cookie to this very host and to https, so no other host of the domain can set it; browsers refuse
/// it on plain http.
pub fn cookie_name(name: &str, https: bool) -> String {
    if https { format!("__Host-{name}") } else { name.into() }
}

/// The value of the request's first cookie of this name; an empty one is none.
pub fn cookie(headers: &HeaderMap, name: &str) -> Option<String> {
    let lists = headers.get_all(header::COOKIE).iter().filter_map(|list| list.to_str().ok());
    let found = lists.flat_map(Cookie::split_parse).flatten().find(|cookie| cookie.name() == name)?;
    Some(found.value().to_owned()).filter(|value| !value.is_empty())
}

/// Sets a cookie that only this site's own requests carry and no script reads.
pub fn set_plain_cookie(name: &str, value: &str, seconds: u32) {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    let https = visitor().is_ok_and(|visitor| visitor.https);
    if let Ok(line) = HeaderValue::from_str(&plain_cookie(name, value, seconds, https)) {
        response.append_header(header::SET_COOKIE, line);
    }
}

fn plain_cookie(name: &str, value: &str, seconds: u32, https: bool) -> String {
    Cookie::build((cookie_name(name, https), value))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Strict)
        .max_age(Duration::seconds(seconds.into()))
        .secure(https)
        .to_string()
}

fn set_cookie(value: &str, seconds: u32) {
    set_plain_cookie(COOKIE, value, seconds);
}

/// A form posted by the browser itself, not by the console's own code.
fn plain_form(parts: &Parts) -> bool {
    parts.headers.get(header::ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("text/html"))
}

/// Path and query of the page the form stands on, where the browser tells.
fn came_from(parts: &Parts) -> Option<String> {
    let referer = parts.headers.get(header::REFERER)?.to_str().ok()?;
    let path = referer.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]))?;
    local_path(path).map(ToString::to_string)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::text::percent;

    #[test]
    fn only_addresses_of_this_console_are_followed() {
        assert_eq!(local_path("/jobs/7?x=1"), Some("/jobs/7?x=1"));
        for evil in
            ["", "https://evil", "//evil", "/\\evil", "\\\\evil", "javascript:alert(1)", "/a\r\nSet-Cookie: x", "jobs"]
        {
            assert_eq!(local_path(evil), None, "{evil:?}");
        }
        assert_eq!(percent("/a b?x=1&ü"), "/a%20b%3Fx%3D1%26%C3%BC");
    }

    fn sent(lines: &[&'static str]) -> HeaderMap {
        lines.iter().map(|line| (header::COOKIE, HeaderValue::from_static(line))).collect()
    }

    #[test]
    fn a_cookie_is_found_among_many_and_odd_ones() {
        for lines in [
            ["id=1; theme=dark", "refused=e30"],
            ["refused=e30;theme=dark", "id=1"],
            ["x=\"a, b\"; =none; word; ; refused=e30", "theme = dark ;"],
            ["my-refused=no; refused2=no; refusedx; refused=e30", "a=b=c; theme=dark"],
            ["Refused=no; refused=e30; refused=second", "x=\"refused=no\"; theme=dark; theme=light"],
        ] {
            let headers = sent(&lines);
            let read = |name| cookie(&headers, name);
            assert_eq!(
                (read("refused").as_deref(), read("theme").as_deref()),
                (Some("e30"), Some("dark")),
                "{lines:?}"
            );
        }
        let odd = sent(&["theme=\"dark\"; a=b=c; empty=; refused=; refused=later"]);
        let read = |name| cookie(&odd, name);
        assert_eq!((read("theme").as_deref(), read("a").as_deref()), (Some("\"dark\""), Some("b=c")), "as sent");
        assert_eq!(["empty", "refused", "other", ""].map(read), [None, None, None, None]);
        assert_eq!(cookie(&HeaderMap::new(), "theme"), None);
    }

    #[test]
    fn a_cookie_of_ours_is_for_this_site_alone() {
        let line = "theme=dark; HttpOnly; SameSite=Strict; Path=/; Max-Age=60";
        assert_eq!(plain_cookie("theme", "dark", 60, false), line);
        let line = "__Host-refused=; HttpOnly; SameSite=Strict; Secure; Path=/; Max-Age=0";
        assert_eq!(plain_cookie("refused", "", 0, true), line);
    }
}
