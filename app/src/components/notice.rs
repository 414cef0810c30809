//! Notices, and the success message after a form. No toasts.

use super::form::Form;
use super::icon::{icon, tone_icon};
use crate::address::query;
use crate::visitor::Arrival;
use domain::problem::ProblemKind;
use domain::text::Tone;
use leptos::prelude::*;

/// A sentence in bold and one that explains it, without a button.
pub fn notice(tone: Tone, lead: impl Into<String>, rest: impl Into<String>) -> AnyView {
    notice_with(tone, lead, rest, None)
}

/// With one button.
pub fn notice_with(tone: Tone, lead: impl Into<String>, rest: impl Into<String>, action: Option<AnyView>) -> AnyView {
    let mark = if tone == Tone::Info { icon("info") } else { tone_icon(tone) };
    drawn(tone, None, mark, lead.into(), rest.into(), action)
}

fn drawn(
    tone: Tone,
    role: Option<&'static str>,
    mark: AnyView,
    lead: String,
    rest: String,
    action: Option<AnyView>,
) -> AnyView {
    let action = action.map(|a| view! { <div class="actions">{a}</div> });
    let focus = role.map(|_| "-1");
    view! {
        <div class="notice" data-tone=tone.as_str() role=role tabindex=focus>
            {mark}<div><b>{lead}</b>" "{rest}</div>{action}
        </div>
    }
    .into_any()
}

/// Success messages by code; the address carries the code only.
fn done_words(code: &str) -> Option<(&'static str, &'static str)> {
    Some(match code {
        "set-up" => ("The console is set up.", "You are its first admin. Adopt a deployment next."),
        "signed-out" => ("You are signed out.", ""),
        "password" => ("Your password is changed.", "Your other sessions have ended."),
        "token-revoked" => ("The token is revoked.", "From now on it is refused."),
        "theme" => ("The appearance is saved.", "This browser keeps it for a year."),
        "adopted" => ("The deployment is adopted.", "Neo4j accepted the credentials. Back it up next."),
        "looked" => ("The deployment was refreshed.", "This page shows the current state."),
        "credentials" => ("Neo4j accepted the new credentials.", "The console uses them from now on."),
        "environment" => ("The environment is saved.", "It decides which images the console accepts."),
        "data-accepted" => ("The current data is accepted.", "Retention applies to earlier backups again."),
        "drift-accepted" => {
            ("The present configuration is accepted.", "Later changes from outside are compared with it.")
        }
        "forgotten" => ("The deployment is forgotten.", "Its container, its data and its backups were not touched."),
        "backup-deleted" => ("The backup is deleted.", "Its files are removed from the target."),
        "backup-accepted" => {
            ("The backup is accepted.", "It can be restored and drilled now. No schedule and no alarm counts on it.")
        }
        "backup-pinned" => ("The backup is pinned.", "Retention does not remove it until it is unpinned."),
        "backup-unpinned" => ("The backup is unpinned.", "The retention of its schedule applies again."),
        "target-added" => ("The target is added.", "A file was written there, read back and deleted."),
        "target-tried" => ("The target works.", "A file was written there, read back and deleted."),
        "target-removed" => ("The target is removed.", "Existing backups on it are kept."),
        "registry-saved" => ("The sign-in is saved.", "Tags are listed and images are pulled with it from now on."),
        "registry-removed" => ("The sign-in is removed.", "The registry is asked without one from now on."),
        "uploaded" => (
            "The backup is uploaded.",
            "It has not been read back yet; a restore does that first. Adopt its deployment if it is not adopted.",
        ),
        "plan-added" => ("The plan is set up.", "Three schedules run by themselves from now on."),
        "schedule-saved" => ("The schedule is saved.", "Its next run is shown in the list."),
        "schedule-paused" => ("The schedule is paused.", "Missed runs are not caught up."),
        "schedule-resumed" => ("The schedule runs again.", ""),
        "schedule-removed" => ("The schedule is removed.", "The backups it made stay."),
        "probe-saved" => ("The probe query is saved.", "Neo4j would run it. The next rehearsal does."),
        "probe-saved-unchecked" => (
            "The probe query is saved, unchecked.",
            "Neo4j did not answer. If it does not run or would write, the next rehearsal says so.",
        ),
        "probe-removed" => ("The probe query is removed.", ""),
        "drills-planned" => ("Drill schedule saved.", ""),
        "channel-added" => ("The channel is added.", "Send a test, to see that it arrives."),
        "channel-tested" => ("The test was delivered.", "Check whether it arrived."),
        "channel-changed" => ("The channel is saved.", ""),
        "channel-removed" => ("The channel is removed.", ""),
        "alarms-set" => ("The alarms are saved.", ""),
        "retry" => ("The undo is tried again.", ""),
        "member-added" => ("The member is added.", "They can sign in now."),
        "role-changed" => ("The console role is changed.", "Takes effect with their next request."),
        "member-disabled" => ("The member is disabled.", "Their sessions have ended."),
        "member-enabled" => ("The member is enabled.", "They can sign in again."),
        _ => return None,
    })
}

/// At the top of a page one comes to after a form.
#[component]
pub fn Done() -> impl IntoView {
    // The address may still carry the last success when the next form on the page is refused.
    let refused = use_context::<Arrival>().is_some_and(|a| a.refused);
    let code = if refused { String::new() } else { query("done") };
    let words = done_words(&code);
    words.map(|(lead, rest)| drawn(Tone::Good, Some("status"), tone_icon(Tone::Good), lead.into(), rest.into(), None))
}

/// Above a form that was refused. Busy and denied are not the typist's fault and look so.
#[component]
pub fn Refused(form: Form) -> impl IntoView {
    form.problem().map(|problem| {
        let tone = match problem.kind {
            ProblemKind::Busy | ProblemKind::Denied | ProblemKind::Conflict => Tone::Warn,
            ProblemKind::Invalid
            | ProblemKind::SignInNeeded
            | ProblemKind::NotFound
            | ProblemKind::Unavailable
            | ProblemKind::Internal => Tone::Bad,
        };
        let rest = if problem.means.is_empty() {
            problem.next_steps.join(" ")
        } else {
            format!("{} {}", problem.means, problem.next_steps.join(" "))
        };
        let job = problem
            .job
            .map(|id| view! { <a class="button small" href=format!("/jobs/{id}")>"Open job"</a> }.into_any());
        drawn(tone, Some("alert"), tone_icon(tone), problem.title, rest, job)
    })
}
