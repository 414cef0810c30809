//! The address of the page that is drawn.

use axum::extract::Query;
use axum::http::Uri;
use leptos::prelude::*;

/// Of this request; parts and values are decoded.
#[derive(Debug, Clone, Default)]
pub struct Address {
    /// As it was sent.
    path: String,
    query: String,
    params: Vec<(String, String)>,
    values: Vec<(String, String)>,
}

impl Address {
    /// `params`: what stands in the place of each `{name}` of the route.
    pub fn new(uri: &Uri, params: Vec<(String, String)>) -> Self {
        let values = Query::try_from_uri(uri).map(|Query(values)| values).unwrap_or_default();
        Self { path: uri.path().into(), query: uri.query().unwrap_or_default().into(), params, values }
    }

    /// Path and query, as they were sent.
    fn whole(&self) -> String {
        if self.query.is_empty() { self.path.clone() } else { format!("{}?{}", self.path, self.query) }
    }
}

/// Reads the address of this request; nothing outside of one.
fn read(part: impl FnOnce(&Address) -> String) -> String {
    with_context(part).unwrap_or_default()
}

/// Path and query of this request, as they were sent.
pub fn whole() -> String {
    read(Address::whole)
}

/// The path of this request.
pub fn path() -> String {
    read(|address| address.path.clone())
}

/// A part of the address: `param("name")` of `/deployments/{name}`.
pub fn param(name: &str) -> String {
    read(|address| first(&address.params, name))
}

/// A value behind the question mark.
pub fn query(name: &str) -> String {
    read(|address| first(&address.values, name))
}

/// Number of the page of a list, from 1.
pub fn page_number() -> u32 {
    query("page").parse().unwrap_or(1).max(1)
}

fn first(list: &[(String, String)], name: &str) -> String {
    list.iter().find(|(of, _)| of == name).map(|(_, value)| value.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_whatever_it_holds() {
        let read = |uri: &str| Address::new(&uri.parse().expect("uri"), vec![("name".into(), "a b".into())]);
        let full = read("/deployments/a%20b?q=x+y%26z&q=second&page=3&empty");
        assert_eq!(first(&full.params, "name"), "a b");
        assert_eq!(["q", "page", "empty", "none"].map(|name| first(&full.values, name)), ["x y&z", "3", "", ""]);
        assert_eq!(full.whole(), "/deployments/a%20b?q=x+y%26z&q=second&page=3&empty");
        assert_eq!(read("/jobs").whole(), "/jobs");
        assert_eq!(first(&read("/jobs?q=%FF%zz").values, "q").chars().next(), Some('\u{fffd}'));
    }
}
