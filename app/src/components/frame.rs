//! What stands around every page after sign-in: sidebar, top bar, then the page itself.

use super::icon::icon;
use super::load::part;
use super::nav::sidebar;
use super::topbar::{AccountMenu, running_chip, where_am_i};
use crate::api::frame::{list_running_jobs, list_sidebar};
use crate::pages::query;
use domain::text::percent;
use leptos::prelude::*;
use leptos_router::components::Outlet;
use leptos_router::hooks::use_location;

/// How often the states in the sidebar and the running jobs are asked for, in ms.
const EVERY: &str = "5000";

/// The frame around a page for a member. Anybody else was sent to the sign-in page before (`server/http/guard.rs`).
#[component]
pub fn Frame() -> impl IntoView {
    let path = use_location().pathname.get_untracked();
    view! {
        <a class="skip" href="#main">"Skip to content"</a>
        <div class="shell">
            <nav class="sidebar" id="nav" popover="" aria-label="Main">
                {places(path.clone())}
            </nav>
            <div class="frame">
                <header class="topbar">
                    <button class="button plain icon-only only-small" type="button" popovertarget="nav" aria-label="Open menu">{icon("menu")}</button>
                    {where_am_i(&path)}
                    <div class="row end nowrap-row">
                        {running(&path)}
                        <AccountMenu/>
                    </div>
                </header>
                <Outlet/>
            </div>
        </div>
    }
}

/// What of the frame changes by itself, for the page at the address `at`: asked for every few seconds
/// (`islands/src/live.rs`).
#[component]
pub fn LivePage() -> impl IntoView {
    let path = query("at");
    view! { {running(&path)}{places(path)} }
}

fn places(path: String) -> AnyView {
    live("places", &path.clone(), part(list_sidebar(), move |entries| sidebar(&entries.unwrap_or_default(), &path)))
}

fn running(path: &str) -> AnyView {
    live("running", path, part(list_running_jobs(), |jobs| running_chip(&jobs.unwrap_or_default()).into_any()))
}

fn live(id: &'static str, path: &str, content: AnyView) -> AnyView {
    let address = format!("/live?at={}", percent(path));
    view! { <div class="live" id=id data-live=address data-every=EVERY>{content}</div> }.into_any()
}
