//! The audit log, with a search.

use super::{page_number, query};
use crate::Drawn;
use crate::api::Timed;
use crate::api::audit::list_audit;
use crate::components::icon::icon;
use crate::components::page_head::{PageHead, page};
use crate::components::status::audit_badge;
use crate::components::table::{cell, pager, table};
use crate::components::when::when;
use chrono::{DateTime, Utc};
use domain::audit::Entry;
use domain::page::Page;
use domain::text::percent;
use islands::SearchAsTyped;
use leptos::prelude::*;

/// `q` is the search and `page` the page, both from the address (`audit.view`).
pub async fn audit_page() -> Drawn {
    let (find, number) = (query("q"), page_number());
    let list = list_audit(find.clone(), number).await?;
    Ok(draw(&find, &list))
}

fn draw(find: &str, list: &Timed<Page<Entry>>) -> AnyView {
    let find: String = find.chars().take(200).collect();
    let heads = [("When", ""), ("Who", ""), ("What", ""), ("On", ""), ("Outcome", ""), ("Reason", "")];
    let rows: Vec<_> = list.value.items.iter().map(|e| row(e, list.now)).collect();
    let none = rows.is_empty().then(|| view! { <div class="body"><p class="quiet-text">"No entry matches."</p></div> });
    let escaped = percent(&find);
    page(view! {
        <PageHead title="Audit log" about="Every action, including denied ones."/>
        <section class="card" aria-label="Entries">
            <header>
                <form class="filters" method="get" role="search" action="/audit">
                    <div class="search">{icon("search")}<input class="input" type="search" name="q" value=find aria-label="Search the audit log" placeholder="Person, act, reason"/></div>
                    <button class="button" type="submit">"Find"</button>
                    <SearchAsTyped/>
                </form>
            </header>
            <div class="live" id="found">
                {table(&heads, rows)}
                {none}
                {pager(&list.value, "entries", move |n| format!("/audit?q={escaped}&page={n}"))}
            </div>
        </section>
    })
}

fn row(e: &Entry, now: DateTime<Utc>) -> AnyView {
    let detail = if e.detail.is_empty() {
        view! { <span class="quiet-text">"none"</span> }.into_any()
    } else {
        e.detail.clone().into_any()
    };
    let via = if e.address.is_empty() { e.via.clone() } else { format!("{} from {}", e.via, e.address) };
    view! {
        <tr>
            {cell("When", "", when(e.at, now))}
            {cell("Who", "", view! { <span>{e.who.clone()}<span class="sub">{via}</span></span> })}
            <th scope="row">{e.act.clone()}</th>
            {cell("On", "", e.target.clone())}
            {cell("Outcome", "", audit_badge(e.outcome))}
            {cell("Reason", "", detail)}
        </tr>
    }
    .into_any()
}
