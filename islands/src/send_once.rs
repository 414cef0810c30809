//! A form is sent once, however often its button is pressed. While it is under way the button says so
//! (`style/button.css`).

use crate::elements::all;
use leptos::ev::{Custom, submit};
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use std::time::Duration;
use web_sys::{Event, HtmlFormElement, SubmitEvent};

/// A form under way.
const SENT: &str = "data-sent";
/// After so long a form may be sent again: the answer was lost, or the visitor stopped the page from loading.
const GIVE_UP: Duration = Duration::from_secs(15);

/// For all forms of the page that change something, also those that come later.
pub fn watch() {
    // Fired only where the browser found every field valid.
    let _ = window_event_listener(submit, |event| sent(&event));
    // The page may come back from the browser's own cache as it was left.
    let _ = window_event_listener(Custom::<Event>::new("pageshow"), |_| {
        for form in all(document().query_selector_all("form[data-sent]")) {
            ready(&form);
        }
    });
}

fn sent(event: &SubmitEvent) {
    let Some(form) = event.target().and_then(|target| target.dyn_into::<HtmlFormElement>().ok()) else { return };
    if !form.method().eq_ignore_ascii_case("post") {
        return;
    }
    if form.has_attribute(SENT) {
        event.prevent_default();
        return;
    }
    let _ = form.set_attribute(SENT, "");
    if let Some(button) = event.submitter() {
        // Not `disabled`: a disabled button's value would not be sent, and it would lose the focus.
        let _ = button.set_attribute("aria-disabled", "true");
    }
    set_timeout(move || ready(&form), GIVE_UP);
}

/// It may be sent again.
pub fn ready(form: &HtmlFormElement) {
    let _ = form.remove_attribute(SENT);
    if let Ok(Some(button)) = form.query_selector("button[aria-disabled]") {
        let _ = button.remove_attribute("aria-disabled");
    }
}
