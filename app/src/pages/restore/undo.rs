//! Undoing a restore, and removing the data it set aside.

use crate::api::Timed;
use crate::api::restores::{RemoveSetAside, UndoRestore, list_undoable};
use crate::components::card::Card;
use crate::components::field::{Field, Kind, TypedName};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::items::{Point, points};
use crate::components::load::loaded;
use crate::components::notice::{Refused, notice};
use crate::components::page_head::{PageHead, page};
use crate::pages::param;
use domain::job::JobBrief;
use domain::text::{Tone, ago, full_time};
use leptos::prelude::*;

/// The form for the undo of the restore in the address. Sending needs `restore.undo`.
#[component]
pub fn UndoRestorePage() -> impl IntoView {
    let (name, job) = (param("name"), param("job"));
    let form = Form::of::<UndoRestore>();
    loaded(list_undoable(name.clone()), move |list| match find(&list, &job) {
        None => nothing(&name),
        Some(restore) => {
            let (name, id) = (name.clone(), restore.id.to_string());
            let body = view! {
                {post(form, view! {
                    <div class="body">
                        {points(undo_points(&name), false)}
                        <input type="hidden" name="deployment" value=name.clone()/>
                        <input type="hidden" name="restore" value=id.clone()/>
                        <Field form name="reason" label="Why are you undoing it?" kind=Kind::Long/>
                        <TypedName form phrase=name.clone()/>
                    </div>
                    <footer><div class="actions"><SubmitButton label="Undo restore" class="button danger"/><a class="button plain" href=format!("/jobs/{id}")>"Cancel"</a></div></footer>
                })}
            };
            frame(title(restore), about(restore, &list), form, body.into_any())
        }
    })
}

/// The form that removes set-aside data: no undo is possible after. Sending needs `restore.undo`.
#[component]
pub fn RemoveSetAsidePage() -> impl IntoView {
    let (name, job) = (param("name"), param("job"));
    let form = Form::of::<RemoveSetAside>();
    loaded(list_undoable(name.clone()), move |list| match find(&list, &job) {
        None => nothing(&name),
        Some(restore) => {
            let (name, id) = (name.clone(), restore.id.to_string());
            let body = view! {
                {post(form, view! {
                    <div class="body">
                        {points(remove_points(&name), false)}
                        <input type="hidden" name="deployment" value=name.clone()/>
                        <input type="hidden" name="restore" value=id.clone()/>
                        <TypedName form phrase=name.clone()/>
                    </div>
                    <footer><div class="actions"><SubmitButton label="Remove the set-aside data" class="button danger"/><a class="button plain" href=format!("/jobs/{id}")>"Cancel"</a></div></footer>
                })}
            };
            frame(format!("Remove the set-aside data of {name}"), about(restore, &list), form, body.into_any())
        }
    })
}

fn find<'a>(list: &'a Timed<Vec<JobBrief>>, job: &str) -> Option<&'a JobBrief> {
    list.value.iter().find(|j| j.id.to_string() == job)
}

fn title(restore: &JobBrief) -> String {
    let act = if restore.kind == domain::job::Kind::UndoRestore {
        "Take back the undo of the restore of"
    } else {
        "Undo the restore of"
    };
    format!("{act} {}", restore.deployment)
}

fn about(restore: &JobBrief, list: &Timed<Vec<JobBrief>>) -> String {
    let at = restore.ended_at.unwrap_or(restore.created_at);
    let done = if restore.kind == domain::job::Kind::UndoRestore { "Undone" } else { "Restored" };
    format!("{done} {} by {}, on {}.", ago(at, list.now), restore.by, full_time(at))
}

fn frame(title: String, about: String, form: Form, body: AnyView) -> AnyView {
    page(
        view! { <PageHead title=title.clone() about=about/><Refused form/>{Card::new("confirm-card", title).confirm().body(view! {{body}})} },
    )
}

fn nothing(name: &str) -> AnyView {
    page(view! {
        <PageHead title="Nothing is set aside"/>
        {notice(Tone::Idle, "This restore cannot be undone any more.", format!("Its set-aside data was brought back or \
            removed. Restore a backup of {name} instead."))}
    })
}

fn undo_points(name: &str) -> Vec<Point> {
    vec![
        Point(
            "clock",
            "Offline for a stop and a start.".into(),
            format!("Applications using {name} get errors meanwhile. The data is moved, not copied."),
        ),
        Point(
            "triangle-alert",
            "What Neo4j holds now is set aside.".into(),
            "With all that was written since. It comes back in the same way, until somebody removes it.".into(),
        ),
        Point(
            "undo-2",
            "If a step fails,".into(),
            "what Neo4j holds now stays in place and the server starts as it is.".into(),
        ),
    ]
}

fn remove_points(name: &str) -> Vec<Point> {
    vec![
        Point("trash-2", "The data that was set aside is deleted.".into(), "It can no longer be brought back.".into()),
        Point("hard-drive", "Frees its disk space.".into(), String::new()),
        Point("box", format!("{name} goes on running."), "What it uses now is not touched.".into()),
    ]
}
