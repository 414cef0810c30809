//! State said three times: shape, word, colour.

use super::icon::{icon, spinner, tone_icon};
use domain::text::Tone;
use domain::{audit, backup, change, job, overview};
use leptos::prelude::*;

/// Icon and plain word, for tables, heads and legends.
pub fn status(tone: Tone, words: impl Into<String>) -> AnyView {
    marked("status", tone, tone_icon(tone), words.into())
}

/// Tinted, for results in lists.
pub fn badge(tone: Tone, words: impl Into<String>) -> AnyView {
    marked("badge", tone, tone_icon(tone), words.into())
}

/// A quiet word in a box: a role, an owner.
pub fn tag(words: impl Into<String>) -> AnyView {
    view! { <span class="badge outline">{words.into()}</span> }.into_any()
}

fn marked(class: &'static str, tone: Tone, mark: AnyView, words: String) -> AnyView {
    view! { <span class=class data-tone=tone.as_str()>{mark}{words}</span> }.into_any()
}

/// The mark of a deployment's state, without its word.
pub fn deployment_mark(state: overview::State) -> AnyView {
    match state {
        overview::State::Stopped => icon("circle-pause"),
        overview::State::Healthy
        | overview::State::NeedsAttention
        | overview::State::Broken
        | overview::State::StoppedUncleanly
        | overview::State::Running
        | overview::State::Starting
        | overview::State::Unknown => tone_icon(state.tone()),
    }
}

/// A deployment's state as icon and word.
pub fn deployment_status(state: overview::State) -> AnyView {
    marked("status", state.tone(), deployment_mark(state), state.words().into())
}

fn job_mark(state: job::State) -> AnyView {
    match state {
        job::State::RolledBack => icon("undo-2"),
        job::State::Cancelled => icon("ban"),
        job::State::Queued => icon("hourglass"),
        job::State::Running => spinner(),
        job::State::Succeeded | job::State::Failed | job::State::Stuck => tone_icon(state.tone()),
    }
}

/// A job's state, tinted, for lists.
pub fn job_badge(state: job::State) -> AnyView {
    marked("badge", state.tone(), job_mark(state), state.words().into())
}

/// A job's state as icon and word, for its own page.
pub fn job_status(state: job::State) -> AnyView {
    marked("status", state.tone(), job_mark(state), state.words().into())
}

fn change_mark(state: change::State) -> AnyView {
    match state {
        change::State::Planned => icon("circle-dashed"),
        change::State::Asked(state) => job_mark(state),
    }
}

/// How far a change is, tinted.
pub fn change_badge(state: change::State) -> AnyView {
    marked("badge", state.tone(), change_mark(state), state.words().into())
}

/// How far a change is, for its own page.
pub fn change_status(state: change::State) -> AnyView {
    marked("status", state.tone(), change_mark(state), state.words().into())
}

/// A backup's state, tinted.
pub fn backup_badge(state: backup::State) -> AnyView {
    badge(state.tone(), state.words())
}

/// The outcome of an entry of the audit log.
pub fn audit_badge(outcome: audit::Outcome) -> AnyView {
    match outcome {
        audit::Outcome::Begun => badge(Tone::Info, "Running"),
        audit::Outcome::Done => badge(Tone::Good, "Done"),
        audit::Outcome::Denied => marked("badge", Tone::Warn, icon("ban"), "Refused".into()),
        audit::Outcome::Failed => badge(Tone::Bad, "Failed"),
    }
}

/// A backup's state where a badge would be too loud.
pub fn backup_tone_line(state: backup::State) -> AnyView {
    status(state.tone(), state.words())
}
