//! Undoing a restore, and removing the data it set aside.

use crate::Drawn;
use crate::api::Timed;
use crate::api::restores::{RemoveSetAside, UndoRestore, list_undoable};
use crate::components::card::Card;
use crate::components::field::{Field, Kind, TypedName};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::items::{Point, points};
use crate::components::notice::{Refused, notice};
use crate::components::page_head::{PageHead, page};
use crate::pages::param;
use domain::job::{JobBrief, Kind as JobKind};
use domain::text::{Tone, ago, full_time};
use leptos::prelude::*;

/// The form for the undo of the restore in the address. Sending needs `restore.undo`.
pub async fn undo_restore_page() -> Drawn {
    let form = Form::of::<UndoRestore>();
    let reason = view! { <Field form name="reason" label="Why are you undoing it?" kind=Kind::Long/> }.into_any();
    confirm(form, title, undo_points, Some(reason), "Undo restore").await
}

/// The form that removes set-aside data: no undo is possible after. Sending needs `restore.undo`.
pub async fn remove_set_aside_page() -> Drawn {
    let title = |restore: &JobBrief| format!("Remove the set-aside data of {}", restore.deployment);
    confirm(Form::of::<RemoveSetAside>(), title, remove_points, None, "Remove the set-aside data").await
}

/// The page of either form, for the restore of the address.
async fn confirm(
    form: Form,
    title: impl Fn(&JobBrief) -> String,
    what: fn(&str) -> Vec<Point>,
    reason: Option<AnyView>,
    button: &'static str,
) -> Drawn {
    let (name, job) = (param("name"), param("job"));
    let list = list_undoable(name.clone()).await?;
    let Some(restore) = list.value.iter().find(|j| j.id.to_string() == job) else { return Ok(nothing(&name)) };
    let (title, id) = (title(restore), restore.id.to_string());
    let fields = view! {
        <div class="body">
            {points(what(&name), false)}
            <input type="hidden" name="deployment" value=name.clone()/>
            <input type="hidden" name="restore" value=id.clone()/>
            {reason}
            <TypedName form phrase=name/>
        </div>
        <footer><div class="actions"><SubmitButton label=button class="button danger"/><a class="button plain" href=format!("/jobs/{id}")>"Cancel"</a></div></footer>
    };
    Ok(page(view! {
        <PageHead title=title.clone() about=about(restore, &list)/>
        <Refused form/>
        {Card::new("confirm-card", title).confirm().body(view! { {post(form, fields)} })}
    }))
}

fn title(restore: &JobBrief) -> String {
    let act = if restore.kind == JobKind::UndoRestore {
        "Take back the undo of the restore of"
    } else {
        "Undo the restore of"
    };
    format!("{act} {}", restore.deployment)
}

fn about(restore: &JobBrief, list: &Timed<Vec<JobBrief>>) -> String {
    let at = restore.ended_at.unwrap_or(restore.created_at);
    let done = if restore.kind == JobKind::UndoRestore {
        "Undone"
    } else if restore.kind == JobKind::Change {
        "Changed"
    } else {
        "Restored"
    };
    format!("{done} {} by {}, on {}.", ago(at, list.now), restore.by, full_time(at))
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
