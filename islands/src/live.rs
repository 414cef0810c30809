//! Parts of a page that stay current. Such an element has an id and is marked `data-live="ADDRESS"` and `data-every="MS"`:
//! its address is asked for again and again, and the element there with the same id takes its place. The server ends it
//! by leaving the mark out. It works on HTML, so the wasm knows no type of any page.

use crate::local_times::localise;
use crate::morph::morph;
use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast, JsValue};
use std::time::Duration;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Document, DomParser, Element, Headers, RequestInit, RequestRedirect, Response, ResponseType, SupportedType,
};

/// Tells the server that this is not a visitor's own step: nothing that is shown once may be used up by it.
pub const HEADER: &str = "x-live";
/// While the console did not answer (`style/job.css` shows what stands in the element for that).
const SILENT: &str = "data-silent";

/// Starts a timer for each marked element of the page.
pub fn watch() {
    let Ok(marked) = document().query_selector_all("[data-live][id]") else { return };
    for element in (0..marked.length()).filter_map(|i| marked.item(i)?.dyn_into::<Element>().ok()) {
        let Some(every) = element.get_attribute("data-every").and_then(|ms| ms.parse().ok()) else { continue };
        let asking = StoredValue::new(false);
        let tick = move || {
            let Some(address) = element.get_attribute("data-live") else { return };
            if document().hidden() || asking.get_value() {
                return;
            }
            asking.set_value(true);
            let element = element.clone();
            leptos::task::spawn_local(async move {
                renew(&element, &address).await;
                asking.set_value(false);
            });
        };
        let _ = set_interval_with_handle(tick, Duration::from_millis(every));
    }
}

async fn renew(element: &Element, address: &str) {
    match page(address).await {
        Ok(Some(page)) => {
            let _ = element.remove_attribute(SILENT);
            if let Some(newer) = page.get_element_by_id(&element.id()) {
                morph(element, &newer);
                localise(element);
            }
        }
        // Signed out: the page itself leads to where one signs in.
        Ok(None) => {
            let _ = window().location().reload();
        }
        Err(_) => {
            let _ = element.set_attribute(SILENT, "");
        }
    }
}

/// The page of an address as a document of its own; `None` where it leads elsewhere.
pub async fn page(address: &str) -> Result<Option<Document>, JsValue> {
    let headers = Headers::new()?;
    headers.set("accept", "text/html")?;
    headers.set(HEADER, "1")?;
    let request = RequestInit::new();
    request.set_headers(&headers);
    request.set_redirect(RequestRedirect::Manual);
    let answer: Response = JsFuture::from(window().fetch_with_str_and_init(address, &request)).await?.dyn_into()?;
    if answer.type_() == ResponseType::Opaqueredirect {
        return Ok(None);
    }
    if answer.status() >= 500 {
        return Err(JsValue::NULL);
    }
    let text = JsFuture::from(answer.text()?).await?.as_string().unwrap_or_default();
    DomParser::new()?.parse_from_string(&text, SupportedType::TextHtml).map(Some)
}
