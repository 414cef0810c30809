//! The few things only a browser can do and leptos does not wrap.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement, Node};

/// Puts a text on the clipboard. Without https browsers refuse; the text stays selectable.
pub fn copy(text: &str) {
    let _ = window().navigator().clipboard().write_text(text);
}

/// Closes the sidebar's popover and every open menu, as following one of their links should.
pub fn close_overlays() {
    if let Some(nav) = document().get_element_by_id("nav").and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
        // Fails when it is not open.
        let _ = nav.hide_popover();
    }
    close_menus(None);
}

/// Closes every open menu but the one that holds `keep`.
pub fn close_menus(keep: Option<&Node>) {
    let Ok(open) = document().query_selector_all("details.menu[open]") else { return };
    for menu in (0..open.length()).filter_map(|i| open.item(i)).filter_map(|n| n.dyn_into::<Element>().ok()) {
        if !menu.contains(keep) {
            let _ = menu.remove_attribute("open");
        }
    }
}

/// Menus are `<details>`: they open and close by themselves. Escape and a click outside close them too.
pub fn close_menus_on_escape_and_outside() {
    let click = window_event_listener(leptos::ev::click, |e| {
        close_menus(e.target().and_then(|t| t.dyn_into::<Node>().ok()).as_ref());
    });
    let key = window_event_listener(leptos::ev::keydown, |e| {
        if e.key() == "Escape" {
            close_menus(None);
        }
    });
    on_cleanup(move || {
        click.remove();
        key.remove();
    });
}
