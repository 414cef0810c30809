//! A value one copies: one click selects all of it. The button works only here, so it shows once it is alive.

use leptos::prelude::*;
use wasm_bindgen_futures::JsFuture;

/// A text in fixed-width letters with a button that copies it. `label` names the button: `Copy digest`.
#[island]
pub fn Copyable(text: String, label: String) -> impl IntoView {
    let alive = RwSignal::new(false);
    let copied = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let value = StoredValue::new(text.clone());
    let copy = move |_| {
        // Without https browsers refuse; the text stays selectable.
        let writing = window().navigator().clipboard().write_text(&value.get_value());
        leptos::task::spawn_local(async move { copied.set(JsFuture::from(writing).await.is_ok()) });
    };
    view! {
        <span class="copyable">
            <code>{text}</code>
            <button class="button small icon-only plain" class:dead=move || !alive.get() type="button" aria-label=label on:click=copy>
                <svg class="icon" aria-hidden="true"><use_ href=move || if copied.get() { "/icons.svg#check" } else { "/icons.svg#copy" }></use_></svg>
            </button>
        </span>
    }
}
