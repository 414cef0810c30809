//! What stands around every page after sign-in: sidebar, top bar, then the page itself.

use super::browser;
use super::icon::icon;
use super::load::part;
use super::nav::sidebar;
use super::topbar::{AccountMenu, running_chip, where_am_i};
use crate::api::frame::{ListRunningJobs, ListSidebar};
use crate::api::question::Question;
use crate::visitor::me;
use domain::job::JobBrief;
use leptos::prelude::*;
use leptos_router::components::{Outlet, Redirect};
use leptos_router::hooks::use_location;
use std::sync::Arc;
use std::time::Duration;

/// The frame around a page for a member; anybody else goes to the sign-in page and back here from there.
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
    let question = move || {
        path.track();
        turns.track();
        ListSidebar {}
    };
    view! {
        <a class="skip" href="#main">"Skip to content"</a>
        <div class="shell">
            <nav class="sidebar" id="nav" popover="" aria-label="Main">
                {part(question, move |entries| sidebar(&entries.unwrap_or_default(), &path.get()))}
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
    let live = RwSignal::new(None::<Arc<Vec<JobBrief>>>);
    Effect::new(move |_| {
        let tick = move || {
            leptos::task::spawn_local(async move {
                if let Ok(now) = Question::of(ListRunningJobs {}).answer().await.read::<Vec<JobBrief>>() {
                    let ids = |list: &Vec<JobBrief>| list.iter().map(|j| j.id).collect::<Vec<_>>();
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
    let question = move || {
        path.track();
        ListRunningJobs {}
    };
    part(question, move |first| {
        let first = first.unwrap_or_default();
        (move || running_chip(&live.get().unwrap_or_else(|| first.clone()))).into_any()
    })
}
