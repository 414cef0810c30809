//! The head of a page: what it is, its state, one sentence, at most two actions and a menu. Also names the browser's
//! tab.

use super::tab::name_tab;
use leptos::prelude::*;

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
    tab: Option<String>,
    #[prop(optional, into)] state: MaybeView,
    #[prop(optional, into)] about: MaybeView,
    #[prop(optional, into)] actions: MaybeView,
) -> impl IntoView {
    name_tab(&tab.unwrap_or_else(|| title.clone()));
    view! {
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
