use super::{page_number, param};
use crate::api::Timed;
use crate::api::backups::ListBackups;
use crate::components::card::Card;
use crate::components::empty::empty;
use crate::components::figures::{figure, figures};
use crate::components::icon::icon;
use crate::components::load::loaded;
use crate::components::notice::Done;
use crate::components::page_head::{PageHead, page};
use crate::components::status::backup_badge;
use crate::components::table::{cell, pager, table};
use crate::components::when::when;
use crate::visitor::may;
use chrono::{DateTime, Utc};
use domain::backup::{State, Summary};
use domain::page::Page;
use domain::permission::Permission;
use domain::text::{Tone, count, file_size, took};
use leptos::prelude::*;

#[component]
pub fn BackupsPage() -> impl IntoView {
    let (name, number) = (param("name"), page_number());
    loaded(move || ListBackups { deployment: name.get(), page: number.get() }, move |list| draw(&name.get(), &list))
}

fn draw(name: &str, list: &Timed<Page<Summary>>) -> AnyView {
    let base = format!("/deployments/{name}");
    let (page_of, now) = (&list.value, list.now);
    let restores = may(Permission::RestoreRequest) && page_of.total > 0;
    let restore = restores.then(|| view! { <a class="button" href=format!("{base}/restore")>"Restore…"</a> });
    let backup = may(Permission::BackupRun).then(|| view! { <a class="button primary" href=format!("{base}/backups/new")>{icon("archive")}"Back up now"</a> });
    let body = if page_of.total == 0 {
        let why = format!(
            "{name} has never been backed up. A backup stops the server for a moment, copies data and Neo4j users, starts it again and reads back what was written."
        );
        empty("archive", "No backup yet", why, None)
    } else {
        view! { {(page_of.page == 1).then(|| numbers(page_of, now))}{all(name, page_of, now)} }.into_any()
    };
    page(view! {
        <PageHead title="Backups" tab=format!("Backups · {name}") about="A backup counts only after every part was read back from its target and matched."
            actions=view! { {restore}{backup} }.into_any()/>
        <Done/>
        {body}
    })
}

fn numbers(list: &Page<Summary>, now: DateTime<Utc>) -> AnyView {
    let verified = list.items.iter().find(|b| b.brief.state == State::Verified);
    let last = match verified {
        Some(b) => figure("Last verified", when(b.brief.made_at, now), format!("by {}", b.by)).tone(Tone::Good),
        None => figure("Last verified", "Never".into_any(), "nothing to restore from").tone(Tone::Bad),
    };
    let size = verified.map_or_else(|| "Unknown".to_string(), |b| file_size(b.brief.bytes));
    let offline = verified.map_or_else(|| "Unknown".to_string(), |b| took(b.offline_ms));
    figures(vec![
        last,
        figure("Size", size.into_any(), "of the last verified one"),
        figure("Offline", offline.into_any(), "for the last verified one"),
        figure("Backups", count(list.total).into_any(), "in the list below"),
    ])
}

fn all(name: &str, list: &Page<Summary>, now: DateTime<Utc>) -> AnyView {
    let heads = [("Made", ""), ("Size", "number"), ("Nodes", "number"), ("Neo4j", "spare"), ("Offline", "number spare"), ("Result", ""), ("", "")];
    let rows = list.items.iter().map(|b| row(name, b, now)).collect();
    let base = format!("/deployments/{name}/backups");
    view! {
        {Card::new("list", "All backups").body(view! {{table(&heads, rows)}{pager(list, "backups", move |n| format!("{base}?page={n}"))}})}
    }
    .into_any()
}

fn row(name: &str, b: &Summary, now: DateTime<Utc>) -> AnyView {
    let base = format!("/deployments/{name}");
    let by = if b.reason.is_empty() { format!("by {}", b.by) } else { format!("{} · {}", b.by, b.reason) };
    let restorable = may(Permission::RestoreRequest) && b.brief.state == State::Verified;
    let restore = restorable.then(|| view! { <a class="button small" href=format!("{base}/restore/{}", b.brief.id)>"Restore…"</a> });
    view! {
        <tr>
            <th scope="row"><a class="lead" href=format!("{base}/backups/{}", b.brief.id)>{when(b.brief.made_at, now)}</a><span class="sub">{by}</span></th>
            {cell("Size", "number", file_size(b.brief.bytes))}
            {cell("Nodes", "number", b.brief.nodes.map_or_else(|| "unknown".into(), count))}
            {cell("Neo4j", "spare", b.version.map_or_else(|| "unknown".into(), |v| v.to_string()))}
            {cell("Offline", "number spare", took(b.offline_ms))}
            {cell("Result", "", backup_badge(b.brief.state))}
            <td class="end-cell">{restore}</td>
        </tr>
    }
    .into_any()
}
