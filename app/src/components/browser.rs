//! The few things only a browser can do and leptos does not wrap, called by name so that no further crate is needed.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;

/// Puts a text on the clipboard. Without https browsers refuse; the text stays selectable.
pub fn copy(text: &str) {
    let _ = window().navigator().clipboard().write_text(text);
}

/// Closes the sidebar's popover and every open menu, as a click on one of their links should.
pub fn close_overlays() {
    let document = document();
    if let Some(nav) = document.get_element_by_id("nav").and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
        let _ = nav.hide_popover();
    }
}
