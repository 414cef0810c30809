//! The backups of a deployment, with a search.

use super::{page_number, param, query};
use crate::Drawn;
use crate::api::Timed;
use crate::api::backups::{Listed, look_through_backups};
use crate::components::empty::empty;
use crate::components::figures::{figure, figures};
use crate::components::icon::icon;
use crate::components::notice::Done;
use crate::components::page_head::{PageHead, page};
use crate::components::status::{backup_badge, tag};
use crate::components::table::{cell, pager, table};
use crate::components::when::when;
use crate::visitor::may;
use chrono::{DateTime, Utc};
use domain::backup::views::Summary;
use domain::backup::{Search, State};
use domain::page::Page;
use domain::permission::Permission;
use domain::text::{Tone, count, file_size, percent, took};
use islands::SearchAsTyped;
use leptos::prelude::*;

/// A page of the list; search, day and page number come from the address.
pub async fn backups_page() -> Drawn {
    let (name, number, find, day) = (param("name"), page_number(), query("q"), query("day"));
    let question = look_through_backups(name.clone(), number, find.clone(), day.clone());
    let list = question.await?;
    Ok(draw(&name, &Search::parse(&find, &day), &list))
}

fn draw(name: &str, search: &Search, list: &Timed<Listed>) -> AnyView {
    let base = format!("/deployments/{name}");
    let (page_of, now) = (&list.value.page, list.now);
    let restores = may(Permission::RestoreRequest) && page_of.total > 0;
    let restore = restores.then(|| view! { <a class="button" href=format!("{base}/restore")>"Restore…"</a> });
    let backup = may(Permission::BackupRun).then(
        || view! { <a class="button primary" href=format!("{base}/backups/new")>{icon("archive")}"Back up now"</a> },
    );
    let whole = *search == Search::default();
    let calendar =
        view! { <a class="button" href=format!("{base}/backups/calendar")>{icon("calendar-clock")}"Calendar"</a> };
    let body = if page_of.total == 0 && whole {
        let why = format!(
            "{name} has never been backed up. A backup stops the server for a moment, copies data and Neo4j users, \
             starts it again and reads back what was written."
        );
        empty("archive", "No backup yet", why, None)
    } else {
        view! { {(page_of.page == 1 && whole).then(|| numbers(&list.value, now))}{all(name, search, page_of, now)} }
            .into_any()
    };
    page(view! {
        <PageHead title="Backups" tab=format!("Backups · {name}") about="A backup counts only after every part was \
            read back from its target and matched."
            actions=view! { {calendar}{restore}{backup} }.into_any()/>
        <Done/>
        {body}
    })
}

fn numbers(list: &Listed, now: DateTime<Utc>) -> AnyView {
    let verified = list.last_verified.as_ref();
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
        figure("Backups", count(list.page.total).into_any(), "in the list below"),
    ])
}

fn all(name: &str, search: &Search, list: &Page<Summary>, now: DateTime<Utc>) -> AnyView {
    let heads = [
        ("Made", ""),
        ("Size", "number"),
        ("Nodes", "number"),
        ("Neo4j", "spare"),
        ("Offline", "number spare"),
        ("Result", ""),
        ("", ""),
    ];
    let rows = list.items.iter().map(|b| row(name, b, now)).collect();
    let base = format!("/deployments/{name}/backups");
    let day = search.day.map(|day| day.to_string()).unwrap_or_default();
    let address = format!("{base}?q={}&day={day}", percent(&search.text));
    let none =
        list.items.is_empty().then(|| view! { <div class="body"><p class="quiet-text">"No backup matches."</p></div> });
    view! {
        <section class="card" aria-label="All backups">
            <header>
                <form class="filters" method="get" role="search" action=base>
                    <div class="search">{icon("search")}<input class="input" type="search" name="q" value=search.text.clone() aria-label="Search backups" placeholder="Reason, person, schedule, version"/></div>
                    <input class="input short" type="date" name="day" value=day aria-label="Made on this day (UTC)"/>
                    <button class="button" type="submit">"Find"</button>
                    <SearchAsTyped/>
                </form>
            </header>
            <div class="live" id="found">
                {table(&heads, rows)}
                {none}
                {pager(list, "backups", move |n| format!("{address}&page={n}"))}
            </div>
        </section>
    }
    .into_any()
}

fn row(name: &str, b: &Summary, now: DateTime<Utc>) -> AnyView {
    let base = format!("/deployments/{name}");
    let pinned = b.pinned.then(|| tag("Pinned"));
    let origin = b.origin.words().map(tag);
    let by = if b.reason.is_empty() { format!("by {}", b.by) } else { format!("{} · {}", b.by, b.reason) };
    let restorable = may(Permission::RestoreRequest) && b.brief.state != State::Broken && b.origin.may_be_loaded();
    let restore = restorable
        .then(|| view! { <a class="button small" href=format!("{base}/restore/{}", b.brief.id)>"Restore…"</a> });
    view! {
        <tr>
            <th scope="row"><a class="lead" href=format!("{base}/backups/{}", b.brief.id)>{when(b.brief.made_at, now)}</a>" "{pinned}{origin}<span class="sub">{by}</span></th>
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
