//! The last step of a restore into a new deployment: its name, what comes along, and what it will be.

use super::identity::identity;
use crate::api::Timed;
use crate::components::card::{Card, facts, words};
use crate::components::field::{Choice, Choices, Field, Kind, choice};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::items::{Point, points};
use crate::components::status::tag;
use crate::components::when::when_exactly;
use domain::backup::Manifest;
use domain::gate::RestoreCheck;
use domain::text::{count, file_size, full_time, plural};
use leptos::prelude::*;

/// The form with a summary beside it. `steps` are the addresses of the wizard's steps.
pub fn confirm(name: &str, check: &Timed<RestoreCheck>, steps: &[String], form: Form) -> AnyView {
    let m = &check.value.backup.manifest;
    let hidden = (name.to_string(), m.id.to_string());
    let summary = facts(vec![
        ("Backup", when_exactly(m.made_at)),
        ("Into", words("a new deployment")),
        ("Nodes", words(count(check.value.backup.nodes()))),
        ("Size", words(file_size(m.bytes()))),
        ("Checks", words("passed")),
    ]);
    let back = steps[2].clone();
    view! {
        <div class="main-side">
            {Card::new("confirm-card", format!("A new deployment from {}", full_time(m.made_at))).body(view! {
                {post(form, view! {
                    <div class="body">
                        {points(consequences(name), false)}
                        <input type="hidden" name="deployment" value=hidden.0/>
                        <input type="hidden" name="backup" value=hidden.1/>
                        <Field form name="name" label="Name of the new deployment" value=format!("{name}-copy")
                            help="Two or more letters, digits, dots, dashes. Used as the container name; the volume is \
                                named after it, with -data."/>
                        <Choices form name="what" label="What should it hold?" options=what(name, m) picked=if only_all(m) { "all" } else { "data" }/>
                        {identity(check.value.identity_need, form)}
                        <Field form name="reason" label="Why do you make it?" kind=Kind::Long help="Kept with the job \
                            and in the audit log."/>
                    </div>
                    <footer><div class="actions"><SubmitButton label="Make the new deployment"/><a class="button plain" href=back>"Back"</a></div></footer>
                })}
            })}
            <aside class="stack">{Card::new("summary", "Summary").body(view! {<div class="body">{summary}</div>})}</aside>
        </div>
    }
    .into_any()
}

fn consequences(name: &str) -> Vec<Point> {
    vec![
        Point("box", format!("{name} runs on,"), "with its data as it is now.".into()),
        Point(
            "copy",
            "The new server is like it:".into(),
            "the same version of Neo4j, the same settings and networks. Nobody is sent there by itself: it has no \
             route and no address of the other."
                .into(),
        ),
        Point(
            "lock",
            "Its ports are open on the Docker host itself only,".into(),
            "under numbers that Docker chooses at each start; the overview shows them.".into(),
        ),
        Point("undo-2", "If a step fails,".into(), "everything that was made for it is removed again.".into()),
    ]
}

/// Without the users a server knows only its default database.
fn only_all(m: &Manifest) -> bool {
    m.databases.len() > 1
}

fn what(name: &str, m: &Manifest) -> Vec<Choice> {
    let users = plural(m.neo4j_users.len() as u64, "Neo4j user", "Neo4j users");
    let data = if only_all(m) {
        "Not possible here: the backup has several databases, and their list is part of the system database, which \
         holds the users."
            .to_string()
    } else {
        format!(
            "Neo4j’s users are not restored: sign in as neo4j with the password that this console knows for {name}."
        )
    };
    let data = choice("data", "Data only", data).mark(tag("Usual")).disabled(only_all(m));
    if !m.has_users() {
        return vec![data];
    }
    vec![
        data,
        choice(
            "all",
            "Data and Neo4j users",
            format!(
                "Also the {users} as of the backup, with their passwords. If the console’s password is not among them, \
                 it asks for it."
            ),
        ),
    ]
}
