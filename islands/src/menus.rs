//! Menus are `<details>`: they open and close by themselves. Escape and a click outside close them too.

use crate::elements::all;
use leptos::ev::{click, keydown};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::{Element, Node};

/// For all menus of the page.
pub fn watch() {
    let _ = window_event_listener(click, |event| {
        close(event.target().and_then(|target| target.dyn_into::<Node>().ok()).as_ref());
    });
    let _ = window_event_listener(keydown, |event| {
        if event.key() == "Escape" {
            close(None);
        }
    });
}

/// Closes every open menu but the one that holds `keep`.
fn close(keep: Option<&Node>) {
    for menu in all::<Element>(document().query_selector_all("details.menu[open]")) {
        if !menu.contains(keep) {
            let _ = menu.remove_attribute("open");
        }
    }
}
