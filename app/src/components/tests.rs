//! The parts drawn to strings, with names nobody would give and somebody will.

use super::field::{Choices, Field, Kind, TypedName, choice};
use super::form::Form;
use super::items::{findings, gates};
use super::job_progress::job_progress;
use super::log::log;
use super::nav::sidebar;
use super::status::{backup_badge, job_badge, tag};
use super::steps::steps;
use super::text_area::{Escaped, TextArea};
use super::topbar::{running_chip, where_am_i};
use crate::address::Address;
use crate::api::deployments::AdoptDeployment;
use crate::api::frame::Entry;
use crate::visitor::{Arrival, Refusal};
use axum::http::Uri;
use chrono::{DateTime, Utc};
use domain::Problem;
use domain::deployment::DeploymentName;
use domain::finding::Finding;
use domain::gate::Gate;
use domain::job::{self, JobBrief, JobId, JobView, LogLine, Progress, StepState, StepView};
use domain::overview;
use domain::problem::{Invalid, ProblemKind};
use domain::text::Tone;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

const EVIL: &str = "</textarea></p><script>alert('x')</script>\"'&<img src=x onerror=alert(1)>🚀";

/// Draws inside an owner, as a request does.
fn html(draw: impl FnOnce() -> AnyView) -> String {
    let owner = Owner::new();
    owner.with(|| draw().to_html())
}

fn assert_harmless(html: &str) {
    for live in ["<script", "<img", "</textarea></p>", "onerror=alert(1)>"] {
        assert!(!html.contains(live), "{live} is live in {html}");
    }
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000, 0).unwrap_or_default()
}

fn area(value: &str) -> String {
    html(|| {
        view! { <TextArea id="reason".into() name="reason" content=Escaped::of(value) described=None invalid=None required=true autofocus=false/> }.into_any()
    })
}

#[test]
fn a_text_area_holds_whatever_was_typed_as_text() {
    let drawn = area(EVIL);
    assert_harmless(&drawn);
    assert!(drawn.contains("&lt;/textarea&gt;&lt;/p&gt;&lt;script&gt;"), "{drawn}");
    assert_eq!(drawn.matches("</textarea>").count(), 1, "{drawn}");
    assert!(!drawn.contains("<!"), "a comment would be text here: {drawn}");
    assert!(area("plain & simple").contains("plain &amp; simple<"), "nothing is added or escaped twice");
    assert!(area(&"🚀".repeat(10_000)).len() > 40_000);
}

fn refused_adoption() -> Arrival {
    let mut problem = Problem::new(ProblemKind::Invalid, "Neo4j refused the password.");
    problem.fields = vec![Invalid::new("password", EVIL), Invalid::new("name", "Use letters.")];
    let values = vec![("name".into(), EVIL.into()), ("password".into(), "never".into())];
    Arrival::new(Some(Refusal { form: AdoptDeployment::PATH.into(), page: None, problem, values }))
}

#[test]
fn a_refused_form_shows_its_errors_and_keeps_what_was_typed_but_no_password() {
    let drawn = html(|| {
        provide_context(refused_adoption());
        let form = Form::of::<AdoptDeployment>();
        view! {
            <Field form name="name" label="Name" value="proposed" help="Letters."/>
            <Field form name="password" label="Password" kind=Kind::Password/>
            <Field form name="user" label="User" value="neo4j"/>
        }
        .into_any()
    });
    assert_harmless(&drawn);
    assert!(
        drawn.contains("aria-describedby=\"name-help name-error\"") && drawn.contains("aria-invalid=\"true\""),
        "{drawn}"
    );
    assert!(drawn.contains("Use letters.") && !drawn.contains("proposed") && !drawn.contains("never"), "{drawn}");
    assert!(drawn.contains("value=\"neo4j\""), "a field that was not typed into keeps its own value: {drawn}");
    assert_eq!(drawn.matches("autofocus").count(), 1, "focus goes to the first error only: {drawn}");
}

#[test]
fn a_refusal_is_for_one_form_and_shown_once() {
    html(|| {
        provide_context(refused_adoption());
        let other = Form::of::<crate::api::account::ChangePassword>();
        assert!(other.problem().is_none(), "not this form's");
        assert!(Form::of::<AdoptDeployment>().problem().is_some());
        assert!(Form::of::<AdoptDeployment>().problem().is_none(), "shown once");
        ().into_any()
    });
}

#[test]
fn the_typed_name_is_matched_exactly() {
    let drawn = html(|| {
        let form = Form::of::<AdoptDeployment>();
        view! { <TypedName form phrase="sales.prod-1"/> }.into_any()
    });
    assert!(drawn.contains("pattern=\"sales\\.prod-1\""), "{drawn}");
}

#[test]
fn choices_that_cannot_be_made_stay_with_their_reason() {
    let drawn = html(|| {
        let form = Form::of::<AdoptDeployment>();
        let options = vec![choice("a", EVIL, "fine").mark(tag("Usual")), choice("b", "B", EVIL).disabled(true)];
        view! { <Choices form name="what" label="What" options picked="a"/> }.into_any()
    });
    assert_harmless(&drawn);
    assert_eq!(drawn.matches("checked").count(), 1, "{drawn}");
    assert_eq!(drawn.matches("disabled").count(), 1, "{drawn}");
}

#[test]
fn findings_and_gates_are_words_whatever_docker_says() {
    let finding = Finding { code: "no_backup".into(), tone: Tone::Bad, what: EVIL.into(), why: EVIL.into() };
    let drawn = html(|| findings(&[finding], |_| Some(view! { <a href="/x">"Back up now"</a> }.into_any())));
    assert_harmless(&drawn);
    assert!(drawn.contains("data-tone=\"bad\"") && drawn.contains("Back up now"));
    let drawn = html(|| gates(&[Gate { name: EVIL.into(), tone: Tone::Bad, says: EVIL.into() }]));
    assert_harmless(&drawn);
    assert!(drawn.contains("Stops the restore"));
}

fn step(name: &str, state: StepState) -> StepView {
    StepView { name: name.into(), title: format!("Step {name}"), state, took_ms: Some(1_800), detail: EVIL.into() }
}

fn brief(state: job::State) -> JobBrief {
    JobBrief {
        id: JobId(4127),
        kind: job::Kind::Backup,
        deployment: DeploymentName::parse("sales").unwrap_or_else(|_| unreachable!("a good name")),
        state,
        by: EVIL.into(),
        reason: EVIL.into(),
        created_at: now(),
        ended_at: None,
        percent: Some(62),
    }
}

fn running() -> JobView {
    JobView {
        brief: brief(job::State::Running),
        started_at: Some(now()),
        steps: vec![step("stop", StepState::Done), step("copy", StepState::Running), step("start", StepState::Ahead)],
        progress: Some(Progress {
            step: "copy".into(),
            done: 8_800_000_000,
            total: 14_200_000_000,
            bytes: true,
            rate: 84_000_000,
            text: EVIL.into(),
        }),
        problem: None,
        result: None,
        offline_from: None,
        offline_to: None,
        log: vec![],
        can_cancel: true,
        cancel_requested: false,
        waits_for: None,
        has_set_aside: false,
        can_undo_restore: false,
        now: now(),
    }
}

#[test]
fn a_running_job_says_percent_done_rate_and_time_left_in_this_order() {
    let drawn = html(|| job_progress(&running()));
    assert_harmless(&drawn);
    let at = |text: &str| drawn.find(text).unwrap_or_else(|| panic!("{text} is missing in {drawn}"));
    let order = [
        at("step 2 of 3"),
        at("<b>61\u{202f}%"),
        at("8.8\u{202f}GB of 14.2\u{202f}GB"),
        at("84\u{202f}MB/s"),
        at("1\u{202f}min 5\u{202f}s left"),
    ];
    assert!(order.windows(2).all(|w| w[0] < w[1]), "{drawn}");
    assert!(drawn.contains("aria-live=\"polite\""));
}

#[test]
fn steps_tell_their_state_in_words_too() {
    let all = [
        StepState::Ahead,
        StepState::Running,
        StepState::Done,
        StepState::Failed,
        StepState::Undoing,
        StepState::Undone,
        StepState::UndoFailed,
    ];
    let list: Vec<StepView> = all.into_iter().map(|s| step("x", s)).collect();
    let drawn = html(|| steps(&list));
    assert_harmless(&drawn);
    for word in ["not yet", "running", "done", "failed", "being undone", "undone", "undo failed", "1.8\u{202f}s"] {
        assert!(drawn.contains(word), "{word} is missing in {drawn}");
    }
}

#[test]
fn a_log_is_text_and_only_its_end_is_drawn() {
    let line = |text: &str, tone| LogLine { at: now(), tone, text: text.into() };
    let mut lines = vec![line("the very first", None); 1];
    lines.extend((0..2_000).map(|_| line(EVIL, Some(Tone::Bad))));
    let drawn = html(|| log(&lines));
    assert_harmless(&drawn);
    assert!(!drawn.contains("the very first") && drawn.contains("data-tone=\"bad\""));
}

#[test]
fn a_problem_says_what_happened_what_it_means_and_what_to_do() {
    let mut problem = Problem::new(ProblemKind::Internal, EVIL).means(EVIL).next_step(EVIL).next_step("Second.");
    problem.incident = Some("0abc".into());
    let drawn = html(|| super::problem::problem_card(&problem, None));
    assert_harmless(&drawn);
    let at = |text: &str| drawn.find(text).unwrap_or_else(|| panic!("{text} is missing in {drawn}"));
    assert!(
        at("What happened") < at("What it means")
            && at("What it means") < at("What to do")
            && at("Second.") < at("0abc")
    );
}

#[test]
fn signing_in_leads_back_to_the_page_with_its_query() {
    let drawn = html(|| {
        let uri = Uri::from_static("/jobs?page=2&find=a%20b");
        provide_context(Address::new(&uri, Vec::new()));
        let gone = Problem::new(ProblemKind::SignInNeeded, "Sign in first.");
        super::problem::problem_page(&gone)
    });
    assert!(drawn.contains("href=\"/login?next=/jobs%3Fpage%3D2%26find%3Da%2520b\""), "{drawn}");
}

#[test]
fn the_frame_shows_names_as_text() {
    let entries = [Entry { name: EVIL.into(), state: overview::State::StoppedUncleanly, version: EVIL.into() }];
    for path in ["/", "/deployments/sales", "/deployments/sales/backups"] {
        let drawn = html(|| sidebar(&entries, path));
        assert_harmless(&drawn);
        assert!(drawn.contains("Stopped uncleanly"), "state is a word: {drawn}");
    }
    assert_harmless(&html(|| where_am_i(&format!("/deployments/{EVIL}"))));
    let chip = html(|| running_chip(&[brief(job::State::Running)]).into_any());
    assert!(chip.contains("Backing up sales") && chip.contains("62\u{202f}%"), "{chip}");
    let both = html(|| running_chip(&[brief(job::State::Running), brief(job::State::Queued)]).into_any());
    assert!(both.contains('2'), "{both}");
}

#[test]
fn the_chip_says_running_only_of_what_runs() {
    let chip = |states: &[job::State]| {
        let jobs: Vec<_> = states.iter().map(|state| JobBrief { percent: None, ..brief(*state) }).collect();
        html(|| running_chip(&jobs).into_any())
    };
    assert!(chip(&[job::State::Running]).contains("running"));
    for (state, word) in [(job::State::Queued, "queued"), (job::State::Stuck, "stuck")] {
        let drawn = chip(&[state]);
        assert!(drawn.contains(word) && !drawn.contains("running") && !drawn.contains("spinner"), "{drawn}");
    }
    assert!(chip(&[job::State::Running; 2]).contains("running"));
    assert!(!chip(&[job::State::Queued, job::State::Stuck]).contains("running"));
    // A stuck job keeps the progress it had.
    assert!(html(|| running_chip(&[brief(job::State::Stuck)]).into_any()).contains("stuck"));
}

#[test]
fn states_are_said_in_the_words_of_the_face() {
    let drawn = html(|| {
        view! { {job_badge(job::State::RolledBack)}{backup_badge(domain::backup::State::Verified)} }.into_any()
    });
    assert!(drawn.contains("Rolled back") && drawn.contains("#undo-2") && drawn.contains("Verified"));
}

/// The content security policy forbids `style` attributes and inline handlers.
#[test]
fn nothing_is_styled_or_handled_inline() {
    let all =
        [html(|| job_progress(&running())), area("x"), html(|| steps(&running().steps)), html(|| sidebar(&[], "/"))];
    for drawn in all {
        assert!(!drawn.contains(" style=") && !drawn.contains(" onclick="), "{drawn}");
    }
}
