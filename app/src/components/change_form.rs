//! What every form that changes a container says around its fields.

use super::notice::notice;
use super::page_head::{PageHead, page};
use domain::Problem;
use domain::text::{Tone, took};
use leptos::prelude::*;

/// The page where Docker has no container of the deployment.
pub fn no_container(title: &'static str, name: &str, about: impl Into<String>) -> AnyView {
    let (tab, about) = (format!("{title} · {name}"), about.into());
    let why = "Docker has none of this name, so there is nothing to change.";
    page(view! {
        <PageHead title tab=tab about=about/>
        {notice(Tone::Warn, "The container is not there.", why)}
    })
}

/// Where the console shows a plan and does not apply it. `still`: what can be done here all the same.
pub fn not_here(problem: Option<&Problem>, still: &str) -> Option<AnyView> {
    let problem = problem?;
    let sentences = [&problem.means, still, &problem.next_steps.join(" ")];
    let rest: Vec<&str> = sentences.into_iter().filter(|one| !one.is_empty()).collect();
    Some(notice(Tone::Info, problem.title.clone(), rest.join(" ")))
}

/// What applying the plan costs. `last`: the outage of the last change, in milliseconds.
pub fn outage(last: Option<u64>) -> String {
    last.map_or_else(
        || "Neo4j is stopped and started when the plan is applied.".to_string(),
        |ms| format!("When the plan is applied, Neo4j is offline for about {}, as the last time.", took(ms)),
    )
}
