//! The jobs of all deployments.

use super::page_number;
use crate::Drawn;
use crate::api::Timed;
use crate::api::jobs::list_jobs;
use crate::components::empty::empty;
use crate::components::page_head::{PageHead, page};
use crate::components::status::job_badge;
use crate::components::table::{cell, pager, table};
use crate::components::when::when;
use chrono::{DateTime, Utc};
use domain::job::JobBrief;
use domain::page::Page;
use domain::text::duration;
use leptos::prelude::*;

/// A page of the list, newest first; the page number comes from the address.
pub async fn jobs_page() -> Drawn {
    let number = page_number();
    let list = list_jobs(number).await?;
    Ok(draw(&list))
}

fn draw(list: &Timed<Page<JobBrief>>) -> AnyView {
    let live = list.value.items.iter().filter(|j| j.state.is_live()).count();
    let about = match live {
        0 => "No running jobs.".to_string(),
        1 => "1 job is running or needs attention.".into(),
        n => format!("{n} jobs are running or need attention."),
    };
    let body = if list.value.total == 0 {
        empty(
            "list-checks",
            "No job yet",
            "Long-running operations: backups, restores, restarts. They continue when you close the page.",
            None,
        )
    } else {
        let heads = [
            ("Job", ""),
            ("Deployment", ""),
            ("State", ""),
            ("By", "spare"),
            ("Asked", ""),
            ("Ended after", "number spare"),
        ];
        let rows = list.value.items.iter().map(|j| row(j, list.now)).collect();
        view! { <section class="card" aria-label="Jobs">{table(&heads, rows)}{pager(&list.value, "jobs", |n| format!("/jobs?page={n}"))}</section> }.into_any()
    };
    page(view! { <PageHead title="Jobs" about=about/>{body} })
}

fn row(j: &JobBrief, now: DateTime<Utc>) -> AnyView {
    // From when it was asked for: a list does not hold when it began.
    let ended = j.ended_at.map_or_else(
        || j.percent.map_or_else(String::new, |p| format!("{p}\u{202f}%")),
        |end| duration((end - j.created_at).num_seconds().max(0) as u64),
    );
    let reason = (!j.reason.is_empty()).then(|| view! { <span class="sub">{j.reason.clone()}</span> });
    view! {
        <tr>
            <th scope="row"><a class="lead" href=format!("/jobs/{}", j.id)>{j.kind.noun()}</a>{reason}</th>
            {cell("Deployment", "", view! { <a href=format!("/deployments/{}", j.deployment)>{j.deployment.to_string()}</a> })}
            {cell("State", "", job_badge(j.state))}
            {cell("By", "spare", j.by.clone())}
            {cell("Asked", "", when(j.created_at, now))}
            {cell("Ended after", "number spare", ended)}
        </tr>
    }
    .into_any()
}
