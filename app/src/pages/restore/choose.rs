//! The first step of a restore: which backup, and in place or as a new deployment.

use super::{INTO_NEW, addresses, into_new};
use crate::Drawn;
use crate::api::Timed;
use crate::api::backups::list_backups;
use crate::components::card::Card;
use crate::components::empty::empty;
use crate::components::icon::icon;
use crate::components::items::{Point, points};
use crate::components::page_head::{PageHead, page};
use crate::components::status::backup_badge;
use crate::components::stepper::restore_steps;
use crate::components::table::pager;
use crate::components::upload::upload;
use crate::components::when::when_exactly;
use crate::pages::{page_number, param, query};
use crate::visitor::may;
use chrono::{DateTime, Utc};
use domain::backup::views::Summary;
use domain::backup::{BackupId, State};
use domain::page::Page;
use domain::permission::Permission;
use domain::text::{ago, count, file_size};
use leptos::prelude::*;

/// The form sends the choice as a query; from there it goes on to the backup's own step.
pub async fn choose_page() -> Drawn {
    let (name, chosen, number, new) = (param("name"), query("backup"), page_number(), into_new());
    if let Ok(id) = BackupId::parse(&chosen) {
        leptos_axum::redirect(&addresses(&name, id.as_str(), new).swap_remove(1));
        return Ok(().into_any());
    }
    let list = list_backups(name.clone(), number, String::new(), String::new()).await?;
    Ok(draw(&name, &list, new))
}

fn draw(name: &str, list: &Timed<Page<Summary>>, as_new: bool) -> AnyView {
    let body = if list.value.total == 0 {
        let action =
            view! { <a class="button primary" href=format!("/deployments/{name}/backups/new")>"Back up now"</a> }
                .into_any();
        empty("archive-restore", "Nothing to restore", format!("{name} has no backup yet."), Some(action))
    } else {
        which(name, list, as_new)
    };
    page(view! {
        <PageHead title=format!("Restore {name}") about="Nothing changes until step 4. You can leave at any time."/>
        {restore_steps(1, &[])}
        {body}
        {may(Permission::BackupUpload).then(|| upload(Some(name)))}
    })
}

fn which(name: &str, list: &Timed<Page<Summary>>, as_new: bool) -> AnyView {
    let newest = list.value.items.iter().find(|b| b.brief.state == State::Verified).map(|b| b.brief.id.clone());
    let boxes: Vec<_> =
        list.value.items.iter().map(|b| option(b, list.now, newest.as_ref() == Some(&b.brief.id))).collect();
    let base = format!("/deployments/{name}/restore");
    view! {
        <form method="get" action=base.clone() class="main-side">
            <div class="stack">
                {Card::new("which", "Which backup?").body(view! {
                    <div class="body"><div class="choices">{boxes}</div></div>
                    {(list.value.pages() > 1).then(|| pager(&list.value, "backups", |n| format!("{base}?page={n}")))}
                })}
                <section class="card">
                    <div class="body">{place(name, as_new)}</div>
                    <footer><div class="actions"><button class="button primary" type="submit">{icon("eye")}"Look inside"</button><a class="button plain" href=format!("/deployments/{name}")>"Cancel"</a></div></footer>
                </section>
            </div>
            <aside class="stack">{Card::new("next", "What happens next").body(view! {<div class="body">{points(next(name), true)}</div>})}</aside>
        </form>
    }
    .into_any()
}

fn place(name: &str, as_new: bool) -> AnyView {
    let may_adopt = may(Permission::DeploymentAdopt);
    let as_new = as_new && may_adopt;
    let new = if may_adopt {
        format!(
            "Beside {name}, which runs on untouched: a server and a volume of its own, under a name you choose. For \
             looking something up, or for trying out."
        )
    } else {
        format!(
            "Only members with the role {} may make deployments. Ask one of them.",
            Permission::DeploymentAdopt.least().as_str()
        )
    };
    let replaces = format!(
        "It replaces what {name} has now. The current data is set aside in the same volume; one click brings it back."
    );
    view! {
        <fieldset class="field">
            <legend class="label">"Where should it go?"</legend>
            <div class="choices">
                <label class="choice">
                    <input type="radio" name="into" value="" checked=!as_new/><b>{format!("Into {name}")}</b><span></span><span class="help">{replaces}</span>
                </label>
                <label class="choice">
                    <input type="radio" name="into" value=INTO_NEW checked=as_new disabled=!may_adopt/><b>"Into a new deployment"</b><span></span><span class="help">{new}</span>
                </label>
            </div>
        </fieldset>
    }
    .into_any()
}

fn option(b: &Summary, now: DateTime<Utc>, picked: bool) -> AnyView {
    let broken = b.brief.state == State::Broken;
    let nodes = b.brief.nodes.map_or_else(|| "nodes unknown".into(), |n| format!("{} nodes", count(n)));
    let why = if b.reason.is_empty() { String::new() } else { format!("“{}” · ", b.reason) };
    let help = if broken {
        "A part of it is missing or changed: it cannot be restored".to_string()
    } else {
        format!("{} · {why}{} · {nodes} · made by {}", ago(b.brief.made_at, now), file_size(b.brief.bytes), b.by)
    };
    view! {
        <label class="choice">
            <input type="radio" name="backup" value=b.brief.id.to_string() checked=picked disabled=broken required=true/>
            <b>{when_exactly(b.brief.made_at)}</b><span>{backup_badge(b.brief.state)}</span><span class="help">{help}</span>
        </label>
    }
    .into_any()
}

fn next(name: &str) -> Vec<Point> {
    vec![
        Point("eye", String::new(), "You see what is inside, compared with now.".into()),
        Point("list-checks", String::new(), "The console checks whether it fits this server.".into()),
        Point("shield-check", String::new(), "You confirm with a name and a reason.".into()),
        Point(
            "undo-2",
            String::new(),
            format!(
                "Only then something changes: {name} is stopped, or a new server is made beside it. If anything fails, \
                 all is as it was."
            ),
        ),
    ]
}
