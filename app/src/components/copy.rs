//! A value one copies: one click selects all of it. The button needs JavaScript, so it is drawn only once the page is
//! alive.

use super::icon::icon;
use leptos::prelude::*;

/// A text in fixed-width letters with a button that copies it.
#[component]
pub fn Copyable(
    #[prop(into)] text: String,
    /// What it is, for the button's name: `digest`.
    what: &'static str,
) -> impl IntoView {
    let alive = RwSignal::new(false);
    let copied = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let value = StoredValue::new(text.clone());
    let copy = move |_| {
        crate::components::browser::copy(&value.get_value());
        copied.set(true);
    };
    view! {
        <span class="copyable">
            <code>{text}</code>
            {move || alive.get().then(|| view! {
                <button class="button small icon-only plain" type="button" aria-label=format!("Copy {what}") on:click=copy>
                    {move || icon(if copied.get() { "check" } else { "copy" })}
                </button>
            })}
        </span>
    }
}
