//! Pages before sign-in: one card in the middle, nothing around it.

use super::icon::brand;
use super::tab::name_tab;
use leptos::prelude::*;

/// The card with its title as heading and tab, and one sentence under it.
#[component]
pub fn AuthLayout(
    #[prop(into)] title: String,
    #[prop(into)] about: String,
    #[prop(optional)] wide: bool,
    children: Children,
) -> impl IntoView {
    name_tab(&title);
    view! {
        <div class=if wide { "door wide" } else { "door" }>
            <header><a class="brand" href="/">{brand()}</a></header>
            <main class="card" id="main" tabindex="-1">
                <div class="stack tight"><h1>{title}</h1><p class="quiet-text">{about}</p></div>
                {children()}
            </main>
            <footer>"Neo4j Admin Console"</footer>
        </div>
    }
}
