//! The history of changes of a deployment.

use super::{page_number, param};
use crate::Drawn;
use crate::api::Timed;
use crate::api::changes::list_changes;
use crate::components::empty::empty;
use crate::components::page_head::{PageHead, page};
use crate::components::status::change_badge;
use crate::components::table::{cell, pager, table};
use crate::components::when::when;
use chrono::{DateTime, Utc};
use domain::change::{ChangeEntry, State};
use domain::page::Page;
use domain::text::took;
use leptos::prelude::*;

/// A page of the list, newest first.
pub async fn changes_page() -> Drawn {
    let name = param("name");
    let list = list_changes(name.clone(), page_number()).await?;
    Ok(draw(&name, &list))
}

fn draw(name: &str, list: &Timed<Page<ChangeEntry>>) -> AnyView {
    let body = if list.value.total == 0 {
        let way = view! { <a class="button" href=format!("/deployments/{name}/memory")>"Open memory"</a> }.into_any();
        let means = "What was planned and applied here is listed with who, when, why and how it ended. Each applied \
                     change can be taken back.";
        empty("git-compare-arrows", "No change yet", means, Some(way))
    } else {
        let heads = [("Change", ""), ("State", ""), ("By", "spare"), ("Planned", ""), ("Offline", "number spare")];
        let rows = list.value.items.iter().map(|change| row(name, change, list.now)).collect();
        let to = |n| format!("/deployments/{name}/changes?page={n}");
        view! { <section class="card" aria-label="Changes">{table(&heads, rows)}{pager(&list.value, "changes", to)}</section> }.into_any()
    };
    let about = format!("What was planned and applied to {name}, newest first.");
    page(view! { <PageHead title="Changes" tab=format!("Changes · {name}") about=about/>{body} })
}

fn offline(change: &ChangeEntry) -> AnyView {
    match (change.offline_ms, change.state) {
        (Some(ms), _) => took(ms).into_any(),
        (None, State::Planned) => view! { <span class="quiet-text">"not applied"</span> }.into_any(),
        (None, State::Asked(_)) => view! { <span class="quiet-text">"none"</span> }.into_any(),
    }
}

fn row(name: &str, change: &ChangeEntry, now: DateTime<Utc>) -> AnyView {
    let reason = (!change.reason.is_empty()).then(|| view! { <span class="sub">{change.reason.clone()}</span> });
    view! {
        <tr>
            <th scope="row"><a class="lead" href=format!("/deployments/{name}/changes/{}", change.id)>{change.plan.summary.clone()}</a>{reason}</th>
            {cell("State", "", change_badge(change.state))}
            {cell("By", "spare", change.by.clone())}
            {cell("Planned", "", when(change.created_at, now))}
            {cell("Offline", "number spare", offline(change))}
        </tr>
    }
    .into_any()
}
