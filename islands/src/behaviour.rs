//! The one island of every page.

use crate::{live, local_times, menus, send_once};
use leptos::prelude::*;

/// Forms are sent once, menus close, times are the viewer's, and what is marked as live stays current. Each of these
/// reads the page's own HTML, so that a page needs nothing but its marks.
#[island]
pub fn Behaviour() -> impl IntoView {
    Effect::new(|_| {
        send_once::watch();
        menus::watch();
        if let Some(body) = document().body() {
            local_times::localise(&body);
        }
        live::watch();
        // The last one: all others stand before it in the page.
        let _ = document().document_element().map(|html| html.set_attribute("data-alive", ""));
    });
}
