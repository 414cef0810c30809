//! From a request to its page: what the page asks for is awaited first, then all of it is drawn at once, to one string.

use crate::Drawn;
use crate::address::Address;
use crate::api::{me, take_refusal};
use crate::components::frame::framed;
use crate::components::problem::problem_page;
use crate::components::tab::{provide_tab, tab_words};
use crate::components::text_area::Escaped;
use crate::routes::{Around, Page};
use crate::visitor::{self, provide_visitor};
use axum::http::request::Parts;
use axum::response::{Html, IntoResponse, Response};
use hydration_context::SsrSharedContext;
use leptos::nonce::{provide_nonce, use_nonce};
use leptos::prelude::*;
use leptos::reactive::computed::ScopedFuture;
use leptos_axum::ResponseOptions;
use std::sync::{Arc, PoisonError};

/// What the browser asks for ahead: the page behind a link, from when the button goes down. Not earlier, as what is
/// shown would be older than the click; and no download, which is no page.
const AHEAD: &str = r#"{"prefetch":[{"where":{"and":[{"href_matches":"/*"},{"not":{"href_matches":"/download/*"}}]},
"eagerness":"conservative"}]}"#;

/// Draws the page for a request. `provide` puts the console and who asks into the context.
pub async fn draw(
    page: &Page,
    options: LeptosOptions,
    request: Parts,
    address: Address,
    provide: impl FnOnce(),
) -> Response {
    // Islands only: nothing is kept for the browser to draw again.
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
    let response = ResponseOptions::default();
    let drawing = owner.with(|| {
        let live = request.headers.contains_key(islands::LIVE_HEADER);
        provide_nonce();
        provide_tab();
        provide_context(request);
        provide_context(response.clone());
        provide_context(address);
        provide();
        provide_visitor(me(), take_refusal());
        // What a page asks for by itself takes parts of it only.
        ScopedFuture::new(document(options, if live { Around::Nothing } else { page.around }, page.body()))
    });
    let mut answer = Html(drawing.await).into_response();
    let mut said = response.0.write().unwrap_or_else(PoisonError::into_inner);
    if let Some(status) = said.status {
        *answer.status_mut() = status;
    }
    answer.headers_mut().extend(std::mem::take(&mut said.headers));
    answer
}

async fn document(options: LeptosOptions, around: Around, body: impl Future<Output = Drawn>) -> String {
    let body = async { body.await.unwrap_or_else(|error| problem_page(&error.0)) };
    let body = match around {
        Around::Frame => framed(body).await,
        Around::Nothing => body.await,
    };
    let tab = tab_words();
    let tab = if tab.is_empty() { "Neo4j console".into() } else { format!("{tab} · Neo4j console") };
    let theme = match visitor::me().theme.as_str() {
        "" => String::new(),
        theme => format!(" data-theme=\"{theme}\""),
    };
    let style = format!("/{}/{}.css", options.site_pkg_dir, options.output_name);
    let ahead =
        use_nonce().map(|nonce| format!("<script type=\"speculationrules\" nonce=\"{nonce}\">{AHEAD}</script>"));
    let ahead = ahead.unwrap_or_default();
    let scripts = view! { <HydrationScripts options islands=true/> }.to_html();
    let body = view! { <body>{body}<islands::Behaviour/></body> }.to_html();
    // By hand: leptos writes a mark after a text, which in a title would be text too.
    format!(
        "<!DOCTYPE html><html lang=\"en\"{theme}><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\"><title>{}</title>\
         <link rel=\"icon\" href=\"/icon.svg\" type=\"image/svg+xml\">\
         <link rel=\"stylesheet\" href=\"{style}\">{scripts}{ahead}</head>{body}</html>",
        Escaped::of(&tab)
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::components::tab::name_tab;

    #[test]
    fn the_tab_holds_a_name_as_text() {
        let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new_islands())));
        let options = LeptosOptions::builder().output_name("console").build();
        let drawing = owner.with(|| {
            provide_tab();
            name_tab(&"x".repeat(10_000));
            name_tab("</title><script>&lt;O'Brien 🚀");
            ScopedFuture::new(document(options, Around::Nothing, async { Ok(().into_any()) }))
        });
        let drawn = futures::executor::block_on(drawing);
        let tab = drawn.split_once("<title>").and_then(|(_, rest)| rest.split_once("</title>")).map(|(tab, _)| tab);
        let tab = tab.unwrap_or_else(|| panic!("no title in {drawn}"));
        assert_eq!(tab, "&lt;/title&gt;&lt;script&gt;&amp;lt;O'Brien 🚀 · Neo4j console");
        assert!(drawn.starts_with("<!DOCTYPE html>"), "{drawn}");
    }
}
