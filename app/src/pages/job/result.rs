//! How a job ended: what it achieved, or what went wrong and what to do.

use crate::components::card::Card;
use crate::components::form::{Form, SubmitButton, post};
use crate::components::icon::icon;
use crate::components::notice::{notice, notice_with};
use crate::components::problem::problem_card;
use crate::visitor::may;
use domain::job::{Client, JobView, Kind, Outcome, State};
use domain::permission::Permission;
use domain::text::{Tone, count, file_size, plural, took};
use leptos::prelude::*;

/// The problem of a job that failed, was put back, or is stuck; the last with the way to try again.
pub fn problem(job: &JobView, form: Form) -> Option<AnyView> {
    if matches!(job.brief.state, State::Queued | State::Running) {
        return None;
    }
    let stuck = job.brief.state == State::Stuck && may(Permission::JobCancel);
    let id = job.brief.id.to_string();
    let again = stuck.then(|| view! { {post(form, view! {<input type="hidden" name="job" value=id/><SubmitButton label="Try undo again"/>})} }.into_any());
    let put_back = matches!(job.brief.state, State::RolledBack | State::Cancelled).then(|| {
        notice(
            if job.brief.state == State::Cancelled { Tone::Idle } else { Tone::Warn },
            format!("{} is as it was before.", job.brief.deployment),
            "Everything this job had changed was put back.",
        )
    });
    let card = job.problem.as_ref().map(|p| problem_card(p, again));
    (card.is_some() || put_back.is_some()).then(|| view! { {put_back}{card} }.into_any())
}

fn removed(result: &Outcome) -> String {
    match result.removed {
        None | Some(0) => "No backups were due for deletion.".into(),
        Some(n) => format!("{} removed.", plural(n, "old backup was", "old backups were")),
    }
}

/// What is now true.
pub fn success(job: &JobView) -> Option<AnyView> {
    if job.brief.state != State::Succeeded {
        return None;
    }
    let result = job.result.clone().unwrap_or_default();
    let name = &job.brief.deployment;
    let base = format!("/deployments/{name}");
    let backup = result.backup.as_ref().map_or_else(|| format!("{base}/backups"), |id| format!("{base}/backups/{id}"));
    let made = result.deployment.as_ref().unwrap_or(name);
    let own = format!("/deployments/{made}");
    let (lead, rest, to, words) = match job.brief.kind {
        Kind::Backup => (
            "The backup is verified: every part was read back and matched.".to_string(),
            measured(&result),
            backup,
            "Open backup",
        ),
        Kind::Restore => (
            format!("{name} is restored. The copy it was loaded from was checked and counted."),
            measured(&result),
            base.clone(),
            "Open overview",
        ),
        Kind::RestoreAsNew => (
            format!("{made} is running and verified. {name} was not interrupted."),
            measured(&result),
            own.clone(),
            "Open new deployment",
        ),
        Kind::UndoRestore => (
            "The restore is undone.".to_string(),
            format!("The data from before it is back. {}", measured(&result)),
            base.clone(),
            "Open overview",
        ),
        Kind::ProveDump => (
            "The dump can be restored: it was loaded, checked, started and counted on a copy.".to_string(),
            measured(&result),
            backup,
            "Open backup",
        ),
        Kind::Verify => ("Every copy of the backup is whole.".to_string(), measured(&result), backup, "Open backup"),
        Kind::Drill => {
            let lead = "The drill passed: the backup was loaded, checked, started and counted on a copy.".to_string();
            (lead, measured(&result), base.clone(), "Open overview")
        }
        Kind::Rehearsal => {
            let lead =
                "The rehearsal passed: the new version opened a copy of the data, and all of it is there.".to_string();
            (lead, measured(&result), format!("{base}/changes"), "Open changes")
        }
        Kind::CreateDeployment => {
            (format!("{name} runs and answers."), "Plan its backups next.".into(), base.clone(), "Open overview")
        }
        Kind::DeleteDeployment => (
            format!("{name} is deleted."),
            "Its backups stay on their targets. Adopt a container under the same name to restore them.".into(),
            "/".into(),
            "Open deployments",
        ),
        Kind::RemoveSetAside => (
            "The set-aside data is removed.".to_string(),
            "Its disk space is free again.".into(),
            base.clone(),
            "Open overview",
        ),
        Kind::Prune => (
            removed(&result),
            "What the rules of the schedules keep is still there.".into(),
            format!("{base}/backups"),
            "Open backups",
        ),
        Kind::Change => (
            format!("{name} answers, and what is in effect is what was planned."),
            measured(&result),
            format!("{base}/changes"),
            "Open changes",
        ),
        Kind::Stop => (format!("{name} is stopped."), "It ended cleanly.".to_string(), base.clone(), "Open overview"),
        Kind::Start | Kind::Restart => (format!("{name} answers."), measured(&result), base.clone(), "Open overview"),
    };
    let button = view! { <a class="button small" href=to>{words}</a> }.into_any();
    let refused = result.credentials_work == Some(false);
    let ask = refused.then(|| {
        let enter = view! { <a class="button small" href=format!("{own}/credentials")>"Enter password"</a> }.into_any();
        notice_with(
            Tone::Warn,
            format!("{made} refuses the console’s password now."),
            "The restore brought back the Neo4j users as of the backup, with their passwords.",
            Some(enter),
        )
    });
    Some(view! { {notice_with(Tone::Good, lead, rest, Some(button))}{ask}{who_can_sign_in(&result)}{start_clients_again(&result)} }.into_any())
}

/// What nobody finds out by the driver's own error (`BookmarkTimeout`).
fn start_clients_again(result: &Outcome) -> Option<AnyView> {
    let of = |c: &Client| format!("{} at {} as {}", c.agent, c.address, c.user);
    let means = format!(
        "They were connected before: {}. Their drivers wait for transactions that the restored data does not have \
         (BookmarkTimeout), until they are started again.",
        result.clients.iter().map(of).collect::<Vec<_>>().join("; ")
    );
    (!result.clients.is_empty()).then(|| notice(Tone::Warn, "Start the applications again.", means))
}

fn who_can_sign_in(result: &Outcome) -> Option<AnyView> {
    let users = result.neo4j_users.join(", ");
    let means = format!(
        "{users}: the Neo4j users as of the backup, with their passwords from then. Users added since are not among \
         them; users that were suspended then are suspended again."
    );
    (!users.is_empty()).then(|| notice(Tone::Info, "Who can sign in to Neo4j now", means))
}

/// “18,395,870 nodes and 61,702,330 relationships, 14.2 GB. Offline for 2 min 34 s.”
fn measured(r: &Outcome) -> String {
    let mut parts = Vec::new();
    if let Some(n) = r.nodes {
        parts.push(format!("{} nodes", count(n)));
    }
    if let Some(n) = r.relationships {
        parts.push(format!("{} relationships", count(n)));
    }
    if let Some(n) = r.bytes {
        parts.push(file_size(n));
    }
    let mut out = if parts.is_empty() { String::new() } else { format!("{}.", parts.join(", ")) };
    if let Some(ms) = r.offline_ms {
        out += &format!(" Offline for {}.", took(ms));
    }
    out.trim_start().to_string()
}

/// The way back after a restore or an upgrade, as long as there is one, and what takes up room for it.
pub fn set_aside(job: &JobView) -> Option<AnyView> {
    if !(job.has_set_aside && may(Permission::RestoreUndo)) {
        return None;
    }
    let (name, id) = (&job.brief.deployment, job.brief.id);
    let base = format!("/deployments/{name}/restore");
    let remove = format!("{base}/remove/{id}");
    if !job.can_undo_restore {
        let (text, changes) = kept(job);
        let open = changes.then(|| {
            view! { <a class="button" href=format!("/deployments/{name}/changes")>"Open changes"</a> }.into_any()
        });
        return Some(set_aside_card("Set-aside data", text, open, remove));
    }
    let (title, kept, act) = if job.brief.kind == Kind::UndoRestore {
        ("Take this undo back", "The data that the undo replaced", "Bring it back…")
    } else {
        ("Undo this restore", "The data from before the restore", "Undo restore…")
    };
    let text = format!(
        "{kept} is still set aside in the same volume. Bringing it back sets aside what is there now, with all that was \
         written since."
    );
    let back = view! { <a class="button warns" href=format!("{base}/undo/{id}")>{icon("undo-2")}{act}</a> };
    Some(set_aside_card(title, text, Some(back.into_any()), remove))
}

/// What is said of data that nothing here brings back, and whether a change does.
fn kept(job: &JobView) -> (&'static str, bool) {
    if job.brief.state != State::Succeeded {
        return (
            "What Neo4j may have written before this job was undone is still set aside in the same volume.",
            false,
        );
    }
    if job.brief.kind != Kind::Change {
        return ("The data from before is still set aside in the same volume, below that of a later job.", false);
    }
    let text = "The data from before this change is still set aside in the same volume. If the change was an upgrade, \
                taking it back brings the data back with its image.";
    (text, true)
}

fn set_aside_card(title: &'static str, text: impl Into<String>, back: Option<AnyView>, remove: String) -> AnyView {
    Card::new("undo", title).body(view! {
        <div class="body">
            <p>{text.into()}</p>
            <div class="actions">
                {back}
                <a class="button plain" href=remove>"Remove the set-aside data…"</a>
            </div>
        </div>
    })
}
