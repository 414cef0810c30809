//! What happened, what it means, what to do, then the way out: the one panel for every failure.

use super::icon::icon;
use super::tab::name_tab;
use crate::address;
use domain::Problem;
use domain::problem::ProblemKind;
use domain::text::{Tone, percent};
use leptos::prelude::*;

/// A problem that takes the whole page: its sentence is the heading.
pub fn problem_page(problem: &Problem) -> AnyView {
    let actions = ways_out(problem);
    name_tab(tab(problem.kind));
    view! { <main id="main" tabindex="-1">{panel(problem, true, Some(actions))}</main> }.into_any()
}

/// A problem inside a page that works otherwise: a silent Docker, a failed job.
pub fn problem_card(problem: &Problem, actions: Option<AnyView>) -> AnyView {
    panel(problem, false, actions)
}

/// For the browser's tab.
const fn tab(kind: ProblemKind) -> &'static str {
    match kind {
        ProblemKind::NotFound => "Not found",
        ProblemKind::Denied | ProblemKind::SignInNeeded => "Not allowed",
        ProblemKind::Invalid
        | ProblemKind::Busy
        | ProblemKind::Conflict
        | ProblemKind::Unavailable
        | ProblemKind::Internal => "Problem",
    }
}

fn look(kind: ProblemKind) -> (Tone, &'static str) {
    match kind {
        ProblemKind::Busy => (Tone::Info, "hourglass"),
        ProblemKind::Denied => (Tone::Warn, "lock"),
        ProblemKind::NotFound => (Tone::Idle, "search-x"),
        ProblemKind::Unavailable => (Tone::Idle, "circle-question-mark"),
        ProblemKind::SignInNeeded => (Tone::Idle, "log-in"),
        ProblemKind::Invalid | ProblemKind::Conflict => (Tone::Warn, "triangle-alert"),
        ProblemKind::Internal => (Tone::Bad, "octagon-x"),
    }
}

fn panel(problem: &Problem, page: bool, actions: Option<AnyView>) -> AnyView {
    let (tone, mark) = look(problem.kind);
    let title = problem.title.clone();
    let head = if page {
        view! { <h1 id="problem">{title.clone()}</h1> }.into_any()
    } else {
        view! { <h2 id="problem">{title.clone()}</h2> }.into_any()
    };
    let means = (!problem.means.is_empty()).then(|| row("What it means", problem.means.clone().into_any()));
    let todo = (!problem.next_steps.is_empty()).then(|| row("What to do", steps(&problem.next_steps)));
    let incident = problem.incident.clone().map(|i| row("Incident", view! { <code>{i}</code> }.into_any()));
    view! {
        <section class="card" data-tone=tone.as_str() aria-labelledby="problem">
            <div class="problem">
                <header>{icon(mark)}{head}</header>
                <dl>{row("What happened", title.into_any())}{means}{todo}{incident}</dl>
                {actions.map(|a| view! { <div class="actions">{a}</div> })}
            </div>
        </section>
    }
    .into_any()
}

fn row(name: &'static str, value: AnyView) -> AnyView {
    view! { <div><dt>{name}</dt><dd>{value}</dd></div> }.into_any()
}

fn steps(todo: &[String]) -> AnyView {
    match todo {
        [one] => one.clone().into_any(),
        many => view! { <ol>{many.iter().map(|s| view! { <li>{s.clone()}</li> }).collect::<Vec<_>>()}</ol> }.into_any(),
    }
}

fn ways_out(problem: &Problem) -> AnyView {
    let again = address::whole();
    match problem.kind {
        ProblemKind::SignInNeeded => {
            let to = format!("/login?next={}", percent(&again));
            view! { <a class="button primary" href=to>"Sign in"</a> }.into_any()
        }
        ProblemKind::NotFound | ProblemKind::Denied | ProblemKind::Invalid | ProblemKind::Conflict => {
            view! { <a class="button primary" href="/">"Open deployments"</a> }.into_any()
        }
        ProblemKind::Busy => {
            let job = problem
                .job
                .map(|id| view! { <a class="button primary" href=format!("/jobs/{id}")>"Watch the job"</a> });
            view! { {job}<a class="button" href="/">"Open deployments"</a> }.into_any()
        }
        ProblemKind::Unavailable | ProblemKind::Internal => view! {
            <a class="button primary" href=again>{icon("rotate-cw")}"Try again"</a>
            <a class="button" href="/">"Open deployments"</a>
        }
        .into_any(),
    }
}
