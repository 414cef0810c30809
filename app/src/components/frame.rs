//! What stands around every page after sign-in: sidebar, top bar, then the page itself.

use super::browser;
use super::icon::icon;
use super::nav::sidebar;
use super::topbar::{AccountMenu, running_chip, where_am_i};
use crate::api::frame::{list_running_jobs, list_sidebar};
use crate::visitor::me;
use domain::job::JobBrief;
use leptos::prelude::*;
use leptos_router::components::{Outlet, Redirect};
use leptos_router::hooks::use_location;
use std::time::Duration;

#[component]
pub fn Frame() -> impl IntoView {
    if me().signed_in() { view! { <Shell/> }.into_any() } else { view! { <ToSignIn/> }.into_any() }
}

#[component]
fn ToSignIn() -> impl IntoView {
    let path = use_location().pathname.get_untracked();
    // The path only, without its query: it must not need escaping.
    view! { <Redirect path=format!("/login?next={path}")/> }
}

#[component]
fn Shell() -> impl IntoView {
    let path = use_location().pathname;
    Effect::new(|_| browser::close_menus_on_escape_and_outside());
    Effect::new(move |before: Option<()>| {
        path.track();
        if before.is_some() {
            browser::close_overlays();
        }
    });
    // Counts the times a job began or ended: states in the sidebar change with them.
    let turns = RwSignal::new(0_u32);
    let entries = Resource::new_blocking(move || (path.get(), turns.get()), |_| list_sidebar());
    view! {
        <a class="skip" href="#main">"Skip to content"</a>
        <div class="shell">
            <nav class="sidebar" id="nav" popover="" aria-label="Main">
                <Transition>{move || {
                    let here = path.get();
                    Suspend::new(async move { sidebar(&entries.await.unwrap_or_default(), &here) })
                }}</Transition>
            </nav>
            <div class="frame">
                <header class="topbar">
                    <button class="button plain icon-only only-small" type="button" popovertarget="nav" aria-label="Open menu">{icon("menu")}</button>
                    {move || where_am_i(&path.get())}
                    <div class="row end nowrap-row"><Running turns/><AccountMenu/></div>
                </header>
                <Outlet/>
            </div>
        </div>
    }
}

/// The chip, kept true every few seconds once the page is alive.
#[component]
fn Running(turns: RwSignal<u32>) -> impl IntoView {
    let path = use_location().pathname;
    let jobs = Resource::new_blocking(move || path.get(), |_| list_running_jobs());
    let live = RwSignal::new(None::<Vec<JobBrief>>);
    Effect::new(move |_| {
        let tick = move || {
            leptos::task::spawn_local(async move {
                if let Ok(now) = list_running_jobs().await {
                    let ids = |list: &[JobBrief]| list.iter().map(|j| j.id).collect::<Vec<_>>();
                    let before = live.with_untracked(|l| l.as_deref().map(ids));
                    if before.is_none_or(|b| b != ids(&now)) {
                        turns.update(|n| *n += 1);
                    }
                    live.set(Some(now));
                }
            });
        };
        if let Ok(handle) = set_interval_with_handle(tick, Duration::from_secs(5)) {
            on_cleanup(move || handle.clear());
        }
    });
    view! {
        <Transition>
            {move || Suspend::new(async move {
                let first = jobs.await.unwrap_or_default();
                move || running_chip(&live.get().unwrap_or_else(|| first.clone()))
            })}
        </Transition>
    }
}
