//! Starting a backup by hand.

use super::param;
use crate::Drawn;
use crate::api::Timed;
use crate::api::backups::{BackupFormData, StartBackup, get_beforehand};
use crate::components::backup_fields::{kinds, target_boxes};
use crate::components::card::Card;
use crate::components::field::{Choices, Field};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::icon::icon;
use crate::components::notice::Refused;
use crate::components::page_head::{PageHead, page};
use crate::components::steps::steps_ahead;
use crate::components::when::when;
use chrono::{DateTime, Utc};
use domain::backup::Kind;
use domain::backup::views::Summary;
use domain::page::Page;
use domain::text::{file_size, took};
use leptos::prelude::*;

const STEPS: [&str; 6] = [
    "Check space and count what is there",
    "Stop cleanly",
    "Copy data and Neo4j users",
    "Start again",
    "Write the parts to each target",
    "Read back and compare",
];

/// The form with the outage to expect, the steps and the last backup. Sending needs `backup.run`.
pub async fn backup_now_page() -> Drawn {
    let name = param("name");
    let form = Form::of::<StartBackup>();
    let before = get_beforehand(name.clone()).await?;
    Ok(draw(&name, &before, form))
}

fn draw(name: &str, before: &Timed<BackupFormData>, form: Form) -> AnyView {
    let (lead, rest) = outage(name, &before.value.before.items);
    page(view! {
        <PageHead title=format!("Back up {name} now")/>
        <Refused form/>
        <div class="main-side">
            <div class="stack">
                <div class="notice" data-tone="warn">{icon("clock")}<div><b>{lead}</b>" "{rest}</div></div>
                <section class="card">
                    {post(form, view! {
                        <div class="body">
                            <input type="hidden" name="deployment" value=name.to_string()/>
                            <Field form name="reason" label="Why" optional=true placeholder="Before the price import" help="Shown in the list, so others know what this backup is for."/>
                            <Choices form name="kind" label="While it runs" options=kinds(before.value.outlook.as_ref()) picked=Kind::Dump.as_str()/>
                            {target_boxes(&before.value.targets, vec![], form)}
                        </div>
                        <footer><div class="actions"><SubmitButton label="Stop and back up now"/><a class="button plain" href=format!("/deployments/{name}/backups")>"Cancel"</a></div></footer>
                    })}
                </section>
            </div>
            <aside class="stack">
                {Card::new("what-happens", "What happens").body(view! {<div class="body">{steps_ahead(&STEPS)}</div>})}
                {Card::new("last", "Last backup").body(view! {<div class="body">{last(&before.value.before, before.now)}</div>})}
            </aside>
        </div>
    })
}

/// What the last runs took is what this one will take.
fn outage(name: &str, before: &[Summary]) -> (String, String) {
    let runs: Vec<u64> = before.iter().take(5).map(|b| b.offline_ms).collect();
    let why = "A consistent copy needs Neo4j to be stopped. It starts again even if the backup fails.";
    match (runs.first(), runs.iter().min(), runs.iter().max()) {
        (Some(last), Some(least), Some(most)) if runs.len() > 1 => (
            format!("{name} is offline for about {}.", took(*last)),
            format!("The last {} runs took {} to {}. {why}", runs.len(), took(*least), took(*most)),
        ),
        (Some(last), _, _) => (format!("{name} is offline for about {}.", took(*last)), why.into()),
        _ => (
            format!("{name} is offline for a while."),
            format!(
                "How long is not known before the first run: about the time to copy its data, plus a stop and a start. {why}"
            ),
        ),
    }
}

fn last(before: &Page<Summary>, now: DateTime<Utc>) -> AnyView {
    match before.items.first() {
        Some(b) => view! {
            <p><b>{when(b.brief.made_at, now)}</b></p>
            <p class="small quiet-text">{format!("{}, {}, made by {}.", b.brief.state.words(), file_size(b.brief.bytes), b.by)}</p>
        }
        .into_any(),
        None => view! { <p class="quiet-text">"There is none yet."</p> }.into_any(),
    }
}
