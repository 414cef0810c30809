//! A part of the page that answers as one types. It stands in a form whose fields the page also takes from its address:
//! a search of method `get`, which works by itself, or a form to send that shows what its values mean. The part has the
//! id `found`.

use crate::elements::form_around;
use crate::live::page;
use crate::local_times::localise;
use crate::morph::morph;
use leptos::prelude::*;
use leptos::wasm_bindgen::{JsCast, JsValue};
use std::time::Duration;
use web_sys::{Event, FormData, HtmlFormElement, UrlSearchParams};

/// The list that is filtered.
const LIST: &str = "found";
const PAUSE: Duration = Duration::from_millis(250);

/// Sends the form around it whenever its fields change, and shows the list of the answer.
#[island]
pub fn SearchAsTyped() -> impl IntoView {
    let here = NodeRef::<leptos::html::Span>::new();
    let latest = StoredValue::new(0_u32);
    Effect::new(move |_| {
        let Some(form) = here.get().and_then(|span| form_around(&span)) else { return };
        let on_input = move |_: Event| {
            let form = form.clone();
            latest.update_value(|n| *n += 1);
            let mine = latest.get_value();
            set_timeout(
                move || {
                    if latest.get_value() == mine {
                        leptos::task::spawn_local(async move {
                            let _ = search(&form, move || latest.get_value() == mine).await;
                        });
                    }
                },
                PAUSE,
            );
        };
        let _ = window_event_listener(leptos::ev::Custom::<Event>::new("input"), move |event| {
            let inside = event.target().and_then(|t| t.dyn_into::<web_sys::Node>().ok());
            if here
                .get_untracked()
                .and_then(|span| form_around(&span))
                .is_some_and(|form| form.contains(inside.as_ref()))
            {
                on_input(event);
            }
        });
    });
    view! { <span node_ref=here hidden></span> }
}

/// `current`: whether nothing was typed since; an answer that comes late is dropped.
async fn search(form: &HtmlFormElement, current: impl Fn() -> bool) -> Result<(), JsValue> {
    let fields = UrlSearchParams::new_with_str_sequence_sequence(&FormData::new_with_form(form)?.into())?;
    let path = window().location().pathname()?;
    let address = format!("{path}?{}", String::from(fields.to_string()));
    let Some(answer) = page(&address).await? else { return window().location().reload() };
    let (Some(old), Some(new)) = (document().get_element_by_id(LIST), answer.get_element_by_id(LIST)) else {
        return Ok(());
    };
    if current() {
        morph(&old, &new);
        localise(&old);
        // So that a reload and a bookmark find the same list.
        window().history()?.replace_state_with_url(&JsValue::NULL, "", Some(&address))?;
    }
    Ok(())
}
