//! What stands around every page after sign-in: sidebar, top bar, then the page itself.

use super::icon::icon;
use super::nav::sidebar;
use super::topbar::{AccountMenu, running_chip, where_am_i};
use crate::Drawn;
use crate::address;
use crate::api::frame::{list_running_jobs, list_sidebar};
use domain::text::percent;
use leptos::prelude::*;

/// How often the states in the sidebar and the running jobs are asked for, in ms.
const EVERY: &str = "5000";

/// The frame around a page for a member. Anybody else was sent to the sign-in page before (`server/http/guard.rs`).
pub async fn framed(page: impl Future<Output = AnyView>) -> AnyView {
    let path = address::path();
    let (page, places, running) = tokio::join!(page, places(&path), running(&path));
    view! {
        <a class="skip" href="#main">"Skip to content"</a>
        <div class="shell">
            <nav class="sidebar" id="nav" popover="" aria-label="Main">
                {places}
            </nav>
            <div class="frame">
                <header class="topbar">
                    <button class="button plain icon-only only-small" type="button" popovertarget="nav" aria-label="Open menu">{icon("menu")}</button>
                    {where_am_i(&path)}
                    <div class="row end nowrap-row">
                        {running}
                        <AccountMenu/>
                    </div>
                </header>
                {page}
            </div>
        </div>
    }
    .into_any()
}

/// What of the frame changes by itself, for the page at the address `at`: asked for every few seconds
/// (`islands/src/live.rs`).
pub async fn live_page() -> Drawn {
    let path = address::query("at");
    let (places, running) = tokio::join!(places(&path), running(&path));
    Ok(view! { {running}{places} }.into_any())
}

async fn places(path: &str) -> AnyView {
    let entries = list_sidebar().await.unwrap_or_default();
    live("places", path, sidebar(&entries, path))
}

async fn running(path: &str) -> AnyView {
    let jobs = list_running_jobs().await.unwrap_or_default();
    live("running", path, running_chip(&jobs).into_any())
}

fn live(id: &'static str, path: &str, content: AnyView) -> AnyView {
    let address = format!("/live?at={}", percent(path));
    view! { <div class="live" id=id data-live=address data-every=EVERY>{content}</div> }.into_any()
}
