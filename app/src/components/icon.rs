//! Icons from the sprite `/icons.svg`. Never alone: a word stands beside every one.

use domain::text::Tone;
use leptos::prelude::*;

/// One icon by its name in the sprite, hidden from assistive technology.
pub fn icon(name: &'static str) -> AnyView {
    shape("icon", name)
}

/// The turning loader.
pub fn spinner() -> AnyView {
    shape("icon spin", "loader-circle")
}

/// The arrow of a fold; turns when it opens.
pub fn turning(name: &'static str) -> AnyView {
    shape("icon turn", name)
}

fn shape(class: &'static str, name: &'static str) -> AnyView {
    view! { <svg class=class aria-hidden="true"><use_ href=format!("/icons.svg#{name}")></use_></svg> }.into_any()
}

/// The mark of a tone.
pub fn tone_icon(tone: Tone) -> AnyView {
    match tone {
        Tone::Good => icon("circle-check"),
        Tone::Info => spinner(),
        Tone::Idle => icon("circle-question-mark"),
        Tone::Warn => icon("triangle-alert"),
        Tone::Bad => icon("octagon-x"),
    }
}

/// The console's own mark.
pub fn brand() -> AnyView {
    view! {
        <svg viewBox="0 0 20 20" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.75">
            <circle cx="5" cy="6" r="2.6" fill="currentColor"></circle>
            <circle cx="15" cy="4.6" r="1.9"></circle>
            <circle cx="12.4" cy="15" r="2.6"></circle>
            <path d="m7.2 7.6 3.4 5.2M7.6 5.6l5.4-.8M14.4 6.5l-1.2 5.9"></path>
        </svg>
        "Neo4j console"
    }
    .into_any()
}
