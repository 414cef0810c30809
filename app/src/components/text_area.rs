//! The only place that draws `<textarea>`. leptos 0.8.23 writes its content into the page without escaping it, so a
//! value like `</textarea><script>` would become part of the page; here it is escaped.

use leptos::prelude::*;

/// A field of several lines. `described` are the ids of its help and its error.
#[component]
pub fn TextArea(
    id: String,
    name: &'static str,
    content: Escaped,
    described: Option<String>,
    invalid: Option<&'static str>,
    required: bool,
    autofocus: bool,
    /// Keys and secrets: a spell checker may send what it reads away.
    #[prop(optional)]
    unchecked: bool,
) -> impl IntoView {
    view! {
        <textarea class="area" id=id name=name rows="2" spellcheck=unchecked.then_some("false") autocomplete=unchecked.then_some("off") required=required autofocus=autofocus aria-describedby=described aria-invalid=invalid>
            {content.0}
        </textarea>
    }
}

/// As text content of an element: nothing in it can end the element or begin another one.
pub struct Escaped(String);

impl std::fmt::Display for Escaped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl Escaped {
    /// Of what was typed.
    pub fn of(text: &str) -> Self {
        Self(text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;"))
    }
}
