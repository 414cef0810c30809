//! Three or four numbers with a name and one line of meaning each. Never more.

use super::icon::tone_icon;
use domain::text::Tone;
use leptos::prelude::*;

/// One number with its name and one line of what it means.
pub struct Figure {
    name: &'static str,
    tone: Option<Tone>,
    value: AnyView,
    meaning: String,
}

/// A figure without a tone.
pub fn figure(name: &'static str, value: AnyView, meaning: impl Into<String>) -> Figure {
    Figure { name, tone: None, value, meaning: meaning.into() }
}

impl Figure {
    /// The number is also a state; only where the words say so too.
    #[must_use]
    pub fn tone(self, tone: Tone) -> Self {
        Self { tone: Some(tone), ..self }
    }
}

/// All figures in one card.
pub fn figures(list: Vec<Figure>) -> AnyView {
    let list: Vec<_> = list
        .into_iter()
        .map(|f| {
            view! { <div><dt>{f.name}</dt><dd data-tone=f.tone.map(Tone::as_str)>{f.tone.map(tone_icon)}{f.value}</dd><dd>{f.meaning}</dd></div> }
        })
        .collect();
    view! { <dl class="card figures">{list}</dl> }.into_any()
}
