//! The top bar: where am I, what is under way, who am I.

use super::icon::{icon, spinner};
use super::nav::crumbs;
use crate::api::account::SignOut;
use crate::visitor::me;
use domain::job::{JobBrief, State};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

/// Where one is, as a path.
pub fn where_am_i(path: &str) -> AnyView {
    let list: Vec<_> = crumbs(path)
        .into_iter()
        .map(|(words, to)| match to {
            Some(to) => view! { <li><a href=to>{words}</a></li> }.into_any(),
            None => view! { <li><span aria-current="page" title=words.clone()>{words.clone()}</span></li> }.into_any(),
        })
        .collect();
    view! { <nav class="where" aria-label="Where you are"><ol class="where">{list}</ol></nav> }.into_any()
}

/// The jobs that are not over, as one chip that leads to them. It turns only while one of them runs.
pub fn running_chip(jobs: &[JobBrief]) -> Option<AnyView> {
    let running = jobs.iter().filter(|job| job.state == State::Running).count();
    let mark = if running > 0 { spinner() } else { icon("hourglass") };
    match jobs {
        [] => None,
        [job] => {
            let state = match (job.state, job.percent) {
                (State::Running, Some(percent)) => format!("{percent}\u{202f}%"),
                (state, _) => state.words().to_lowercase(),
            };
            let words = format!("{} {} · ", job.kind.doing(), job.deployment);
            Some(view! { <a class="now" href=format!("/jobs/{}", job.id)>{mark}<span><span class="more">{words}</span>{state}</span></a> }.into_any())
        }
        many => {
            let words = match running {
                0 => "unfinished".to_string(),
                all if all == many.len() => "running".into(),
                some => format!("· {some} running"),
            };
            Some(view! { <a class="now" href="/jobs">{mark}<span>{many.len()}" jobs "<span class="more">{words}</span></span></a> }.into_any())
        }
    }
}

/// The account menu. Signing out changes who looks at the page, so the browser itself sends that form.
#[component]
pub fn AccountMenu() -> impl IntoView {
    let me = me();
    let initials: String = me
        .name
        .split(|c: char| !c.is_alphanumeric())
        .filter_map(|w| w.chars().next())
        .take(2)
        .flat_map(char::to_uppercase)
        .collect();
    let initials = if initials.is_empty() { "·".into() } else { initials };
    let role = me.role.map(domain::member::Role::as_str).unwrap_or_default();
    view! {
        <details class="menu">
            <summary class="who-am-i">
                <span class="avatar" aria-hidden="true">{initials}</span><span class="sr">{format!("Your account: {}, {role}", me.name)}</span>
            </summary>
            <div>
                <a href="/account">{icon("user-round")}"Your account"</a>
                <a href="/account#theme">{icon("sun-moon")}"Light or dark"</a>
                <div class="split"></div>
                <form method="post" action=SignOut::url()><button type="submit">{icon("log-out")}"Sign out"</button></form>
            </div>
        </details>
    }
}
