//! The last step of a restore before its job: what it does, what it holds, why.

use super::identity::identity;
use super::{addresses, check, into_new, outage};
use crate::Drawn;
use crate::api::Timed;
use crate::api::restores::{RestoreAsNew, StartRestore};
use crate::components::card::{Card, facts, words};
use crate::components::confirm::{Side, swap};
use crate::components::field::{Choices, Field, Kind, TypedName, choice};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::items::{Point, points};
use crate::components::notice::{Refused, notice, notice_with};
use crate::components::page_head::{PageHead, page};
use crate::components::status::tag;
use crate::components::stepper::restore_steps;
use crate::components::when::when_exactly;
use crate::pages::param;
use crate::visitor::may;
use domain::gate::{RestoreCheck, all_pass};
use domain::permission::Permission;
use domain::text::{Tone, count, full_time, plural};
use leptos::prelude::*;

/// The form, in place or as a new deployment. Without it when a check stops the restore.
pub async fn confirm_restore_page() -> Drawn {
    let (name, new) = (param("name"), into_new());
    let (form, form_as_new) = (Form::of::<StartRestore>(), Form::of::<RestoreAsNew>());
    let check = check().await?;
    Ok(match new {
        true => draw(&name, &check, form_as_new, true),
        false => draw(&name, &check, form, false),
    })
}

fn draw(name: &str, check: &Timed<RestoreCheck>, form: Form, as_new: bool) -> AnyView {
    let c = &check.value;
    let steps = addresses(name, c.backup.manifest.id.as_str(), as_new);
    let body = if as_new && !may(Permission::DeploymentAdopt) {
        let least = Permission::DeploymentAdopt.least().as_str();
        notice(
            Tone::Idle,
            "You may not make deployments.",
            format!("Ask a member with the role {least} to do it, or restore into {name}."),
        )
    } else if all_pass(&c.gates) {
        let ask =
            if as_new { super::as_new::confirm(name, check, &steps, form) } else { confirm(name, check, &steps, form) };
        view! { <Refused form/>{ask} }.into_any()
    } else {
        let see = view! { <a class="button small" href=steps[2].clone()>"See the checks"</a> }.into_any();
        notice_with(Tone::Bad, "This backup cannot be restored here now.", "A check stops it.", Some(see))
    };
    page(view! {
        <PageHead title="Confirm the restore" tab=format!("Confirm · {name}") about="This is the last step before \
            anything changes."/>
        {restore_steps(4, &steps)}
        {body}
    })
}

fn confirm(name: &str, check: &Timed<RestoreCheck>, steps: &[String], form: Form) -> AnyView {
    let m = &check.value.backup.manifest;
    let lock = check.value.identity_need;
    let hidden = (name.to_string(), m.id.to_string());
    let summary = facts(vec![
        ("Backup", when_exactly(m.made_at)),
        ("Into", words(name)),
        ("Size", words(domain::text::file_size(m.bytes()))),
        ("Checks", words("passed")),
    ]);
    let back = steps[2].clone();
    view! {
        <div class="main-side">
            {Card::new("confirm-card", format!("{name} goes back to {}", full_time(m.made_at))).confirm().body(view! {
                {post(form, view! {
                    <div class="body">
                        {picture(check)}
                        {points(consequences(name, &check.value), false)}
                        <input type="hidden" name="deployment" value=hidden.0/>
                        <input type="hidden" name="backup" value=hidden.1/>
                        <Choices form name="what" label="What should come back?" options=what(m) picked="data"/>
                        {identity(lock, form)}
                        <Field form name="reason" label="Why are you restoring?" kind=Kind::Long help="Kept with the job and in the audit log."/>
                        <TypedName form phrase=name.to_string()/>
                    </div>
                    <footer><div class="actions"><SubmitButton label=format!("Restore {name} now") class="button danger"/><a class="button plain" href=back>"Back"</a></div></footer>
                })}
            })}
            <aside class="stack">{Card::new("summary", "Summary").body(view! {<div class="body">{summary}</div>})}</aside>
        </div>
    }
    .into_any()
}

fn picture(check: &Timed<RestoreCheck>) -> AnyView {
    let (c, m) = (&check.value, &check.value.backup.manifest);
    let now = c.nodes_now.map_or_else(|| "current count unknown".into(), |n| format!("{} nodes", count(n)));
    let then = c.compared().map_or_else(|| "count unknown".into(), |d| format!("{} nodes", count(d.nodes)));
    swap(Side("Now", when_exactly(check.now), now), Side("After the restore", when_exactly(m.made_at), then))
}

fn consequences(name: &str, c: &RestoreCheck) -> Vec<Point> {
    vec![
        Point("clock", format!("Offline {}.", outage(c)), format!("Applications using {name} get errors meanwhile.")),
        Point(
            "history",
            "The current data is set aside,".into(),
            "not deleted. One click brings it back until it is removed by hand.".into(),
        ),
        Point(
            "undo-2",
            "If a step fails,".into(),
            "the current data is put back and the server starts as before.".into(),
        ),
    ]
}

fn what(m: &domain::backup::Manifest) -> Vec<crate::components::field::Choice> {
    let data = choice("data", "Data only", "Neo4j users and passwords stay as they are today.").mark(tag("Usual"));
    if !m.has_users() {
        return vec![data];
    }
    let users = plural(m.neo4j_users.len() as u64, "Neo4j user", "Neo4j users");
    vec![
        data,
        choice(
            "all",
            "Data and Neo4j users",
            format!(
                "Also brings back the {users} as of the backup, with their passwords. If this changes the console’s \
                 own password, the console asks for it."
            ),
        ),
    ]
}
