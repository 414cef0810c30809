//! The steps of a job with the time each took; what is ahead is grey, what was undone says so.

use super::icon::{icon, spinner, tone_icon};
use domain::job::{StepState, StepView};
use domain::text::{Tone, took};
use leptos::prelude::*;

/// The steps in their order; the present one is marked for assistive technology too.
pub fn steps(list: &[StepView]) -> AnyView {
    let rows: Vec<_> = list.iter().map(step).collect();
    view! { <ol class="steps">{rows}</ol> }.into_any()
}

fn step(step: &StepView) -> AnyView {
    let (tone, mark, word) = match step.state {
        StepState::Ahead => (None, icon("circle"), "not yet"),
        StepState::Running => (Some(Tone::Info), spinner(), "running"),
        StepState::Done => (Some(Tone::Good), tone_icon(Tone::Good), "done"),
        StepState::Failed => (Some(Tone::Bad), tone_icon(Tone::Bad), "failed"),
        StepState::Undoing => (Some(Tone::Info), spinner(), "being undone"),
        StepState::Undone => (Some(Tone::Idle), icon("undo-2"), "undone"),
        StepState::UndoFailed => (Some(Tone::Bad), tone_icon(Tone::Bad), "undo failed"),
    };
    let present = matches!(step.state, StepState::Running | StepState::Undoing).then_some("step");
    let class = (step.state == StepState::Ahead).then_some("ahead");
    let time = step.took_ms.map(took).unwrap_or_default();
    let detail = (!step.detail.is_empty()).then(|| view! { <div class="detail">{step.detail.clone()}</div> });
    view! {
        <li data-tone=tone.map(Tone::as_str) class=class aria-current=present>
            {mark}<b>{step.title.clone()}<span class="sr">", "{word}</span></b><span class="took">{time}</span>{detail}
        </li>
    }
    .into_any()
}

/// What is going to happen, before it does.
pub fn steps_ahead(titles: &[&'static str]) -> AnyView {
    let rows: Vec<_> = titles.iter().map(|t| view! { <li class="ahead">{icon("circle")}<b>{*t}</b></li> }).collect();
    view! { <ol class="steps small">{rows}</ol> }.into_any()
}
