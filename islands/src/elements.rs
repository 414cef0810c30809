//! Finding elements of the page.

use leptos::wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlElement, HtmlFormElement, NodeList};

/// Those of a query's answer that are of this type, in the order of the page; none where the query failed.
pub fn all<T: JsCast>(found: Result<NodeList, JsValue>) -> Vec<T> {
    let Ok(found) = found else { return Vec::new() };
    (0..found.length()).filter_map(|i| found.item(i)?.dyn_into().ok()).collect()
}

/// The form that an island stands in.
pub fn form_around(element: &HtmlElement) -> Option<HtmlFormElement> {
    element.closest("form").ok()??.dyn_into().ok()
}
