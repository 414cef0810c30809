//! The head of a page: what it is, its state, one sentence, at most two actions and a menu. Also names the browser's
//! tab.

use leptos::prelude::*;
use leptos_meta::Title;

/// Something drawn, or nothing.
#[derive(Default)]
pub struct MaybeView(Option<AnyView>);

impl From<AnyView> for MaybeView {
    fn from(view: AnyView) -> Self {
        Self(Some(view))
    }
}

impl From<String> for MaybeView {
    fn from(words: String) -> Self {
        Self(Some(words.into_any()))
    }
}

impl From<&'static str> for MaybeView {
    fn from(words: &'static str) -> Self {
        Self(Some(words.into_any()))
    }
}

impl From<Option<AnyView>> for MaybeView {
    fn from(view: Option<AnyView>) -> Self {
        Self(view)
    }
}

/// The head of a page. `title` is the heading, `state` stands beside it, `about` under it, `actions` at the end.
#[component]
pub fn PageHead(
    #[prop(into)] title: String,
    /// For the tab, when the heading alone does not say which.
    #[prop(optional, into)]
    tab: String,
    #[prop(optional, into)] state: MaybeView,
    #[prop(optional, into)] about: MaybeView,
    #[prop(optional, into)] actions: MaybeView,
) -> impl IntoView {
    let tab = tab_words(if tab.is_empty() { title.clone() } else { tab });
    view! {
        <Title text=tab/>
        <div class="page-head">
            <div><h1><span>{title}</span>{state.0}</h1>{about.0.map(|a| view! { <p>{a}</p> })}</div>
            {actions.0.map(|a| view! { <div class="row">{a}</div> })}
        </div>
    }
}

/// What every page stands in.
pub fn page(content: impl IntoAny) -> AnyView {
    view! { <main id="main" tabindex="-1">{content.into_any()}</main> }.into_any()
}

/// leptos writes a title into the page without escaping it, and names of members may hold anything: what could end the
/// element or begin another one is left out.
fn tab_words(mut text: String) -> String {
    text.retain(|c| !matches!(c, '<' | '>' | '&'));
    text.chars().take(200).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tab_holds_nothing_that_could_become_part_of_the_page() {
        assert_eq!(tab_words("</title><script>&lt;O'Brien 🚀".into()), "/titlescriptlt;O'Brien 🚀");
        assert_eq!(tab_words("x".repeat(10_000)).len(), 200);
    }
}
