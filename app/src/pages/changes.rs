//! The history of changes of a deployment.

use super::{page_number, param};
use crate::Drawn;
use crate::api::Timed;
use crate::api::changes::{AcceptDrift, RevertDrift, list_changes, list_drift};
use crate::components::card::Card;
use crate::components::empty::empty;
use crate::components::form::{Form, SubmitButton, post};
use crate::components::notice::{Done, Refused};
use crate::components::page_head::{PageHead, page};
use crate::components::status::change_badge;
use crate::components::table::{cell, pager, table};
use crate::components::when::when;
use crate::visitor::may;
use chrono::{DateTime, Utc};
use domain::change::{ChangeEntry, Drift, Side, State};
use domain::page::Page;
use domain::permission::Permission;
use domain::text::took;
use leptos::prelude::*;

/// A page of the list, newest first.
pub async fn changes_page() -> Drawn {
    let name = param("name");
    let forms = (Form::of::<AcceptDrift>(), Form::of::<RevertDrift>());
    let list = list_changes(name.clone(), page_number()).await?;
    let drift = list_drift(name.clone()).await?;
    Ok(draw(&name, &list, &drift, forms))
}

fn draw(name: &str, list: &Timed<Page<ChangeEntry>>, drift: &[Drift], (accept, revert): (Form, Form)) -> AnyView {
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
    page(view! {
        <PageHead title="Changes" tab=format!("Changes · {name}") about=about/>
        <Done/>
        <Refused form=accept/>
        <Refused form=revert/>
        {(!drift.is_empty()).then(|| outside(name, drift, accept, revert))}
        {body}
    })
}

/// What was changed outside of the console, with both ways on.
fn outside(name: &str, drift: &[Drift], accept: Form, revert: Form) -> AnyView {
    let rows: Vec<_> = drift
        .iter()
        .map(|one| {
            view! {
                <tr>
                    <th scope="row">{one.what.clone()}</th>
                    <td data-label="Known">{side(&one.known)}</td>
                    <td data-label="Now">{side(&one.now)}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let field = || view! { <input type="hidden" name="deployment" value=name.to_string()/> };
    let can_revert = drift.iter().any(|one| one.back.is_some());
    let ways = may(Permission::ConfigChange).then(|| {
        let back =
            can_revert.then(|| post(revert, view! { {field()}<SubmitButton label="Plan the revert" class="button"/> }));
        view! {
            <footer><div class="actions">
                {post(accept, view! { {field()}<SubmitButton label="Accept what is there" class="button"/> })}{back}
            </div></footer>
        }
    });
    let about = "Somebody or something changed the container. Accept it, or put back what the console can put back.";
    Card::new("drift", "Changed outside of the console").about(about).body(view! {
        <div class="table diff"><table class="folds">
            <thead><tr><th scope="col">"What"</th><th scope="col">"Known"</th><th scope="col">"Now"</th></tr></thead>
            <tbody>{rows}</tbody>
        </table></div>
        {ways}
    })
}

fn side(side: &Side) -> AnyView {
    match side {
        Side::Absent => view! { <span class="quiet-text">"not set"</span> }.into_any(),
        Side::Hidden => view! { <span class="quiet-text">"a hidden value"</span> }.into_any(),
        Side::Shown(value) => view! { <code>{value.clone()}</code> }.into_any(),
    }
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
