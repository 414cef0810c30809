//! A card: a section with a heading, what it is about, and at most one action beside it.

use leptos::prelude::*;

/// Put together piece by piece, drawn by [`Card::body`].
pub struct Card {
    id: &'static str,
    title: String,
    class: &'static str,
    about: String,
}

impl Card {
    /// `id` names the heading for assistive technology and for links.
    pub fn new(id: &'static str, title: impl Into<String>) -> Self {
        Self { id, title: title.into(), class: "card", about: String::new() }
    }

    /// The frame of a page that confirms something dangerous.
    #[must_use]
    pub fn confirm(self) -> Self {
        Self { class: "card confirm", ..self }
    }

    /// One sentence under the title.
    #[must_use]
    pub fn about(self, about: impl Into<String>) -> Self {
        Self { about: about.into(), ..self }
    }

    /// Draws the card around its content.
    pub fn body(self, body: impl IntoAny) -> AnyView {
        let about = (!self.about.is_empty()).then(|| view! { <p>{self.about}</p> });
        view! { <section class=self.class aria-labelledby=self.id><header><h2 id=self.id>{self.title}</h2>{about}</header>{body.into_any()}</section> }
            .into_any()
    }
}

/// Name and value pairs.
pub fn facts(pairs: Vec<(&'static str, AnyView)>) -> AnyView {
    let pairs: Vec<_> = pairs.into_iter().map(|(name, value)| view! { <dt>{name}</dt><dd>{value}</dd> }).collect();
    view! { <dl class="facts">{pairs}</dl> }.into_any()
}

/// A fact that is only words; unknown is a word too.
pub fn words(text: impl Into<String>) -> AnyView {
    text.into().into_any()
}

/// A fact that may be missing: `unknown`, in grey.
pub fn known(text: Option<String>) -> AnyView {
    text.map_or_else(|| view! { <span class="quiet-text">"unknown"</span> }.into_any(), IntoAny::into_any)
}

/// A fact in fixed-width letters: an image, a path.
pub fn code(text: impl Into<String>) -> AnyView {
    view! { <code>{text.into()}</code> }.into_any()
}
