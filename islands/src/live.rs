//! Parts of a page that stay current. Such an element has an id and is marked `data-live="ADDRESS"` and
//! `data-every="MS"`: its address is asked for again and again, once for all elements that name it, and the element
//! there with the same id takes its place. The server ends it by leaving the mark out. It works on HTML, so the wasm
//! knows no type of any page.

use crate::elements::all;
use crate::local_times::localise;
use crate::morph::morph;
use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast, JsValue};
use std::collections::BTreeMap;
use std::time::Duration;
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Document, DomParser, Element, Headers, RequestInit, RequestRedirect, Response, ResponseType, SupportedType,
};

/// Tells the server that this is not a visitor's own step: nothing that is shown once may be used up by it.
pub const HEADER: &str = "x-live";
const ADDRESS: &str = "data-live";
/// While the console did not answer (`style/job.css` shows what stands in the element for that).
const SILENT: &str = "data-silent";

/// Starts a timer for each address that the page marks.
pub fn watch() {
    let mut addresses = BTreeMap::new();
    for element in marked() {
        let every = element.get_attribute("data-every").and_then(|ms| ms.parse().ok());
        if let (Some(address), Some(every)) = (element.get_attribute(ADDRESS), every) {
            addresses.insert(address, every);
        }
    }
    for (address, every) in addresses {
        let asking = StoredValue::new(false);
        let tick = move || {
            if document().hidden() || asking.get_value() || at(&address).is_empty() {
                return;
            }
            asking.set_value(true);
            let address = address.clone();
            leptos::task::spawn_local(async move {
                renew(&address).await;
                asking.set_value(false);
            });
        };
        let _ = set_interval_with_handle(tick, Duration::from_millis(every));
    }
}

fn marked() -> Vec<Element> {
    all(document().query_selector_all("[data-live][id]"))
}

/// The elements that are to be taken from this address.
fn at(address: &str) -> Vec<Element> {
    marked().into_iter().filter(|element| element.get_attribute(ADDRESS).as_deref() == Some(address)).collect()
}

async fn renew(address: &str) {
    match page(address).await {
        // Whatever of this page is in the answer, not only what the address was asked for.
        Ok(Some(page)) => {
            for element in marked() {
                let _ = element.remove_attribute(SILENT);
                if let Some(newer) = page.get_element_by_id(&element.id()) {
                    morph(&element, &newer);
                    localise(&element);
                }
            }
        }
        // Signed out: the page itself leads to where one signs in.
        Ok(None) => {
            let _ = window().location().reload();
        }
        Err(_) => {
            for element in at(address) {
                let _ = element.set_attribute(SILENT, "");
            }
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
