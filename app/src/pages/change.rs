//! One change: its plan, applying it, what became of it, taking it back.

use super::param;
use crate::Drawn;
use crate::api::Timed;
use crate::api::changes::{ApplyChange, ChangeDetail, PlanRevert, StartRehearsal, get_change};
use crate::components::card::{Card, facts, words};
use crate::components::change_form::not_here;
use crate::components::field::{Field, TypedName};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::items::{Point, points};
use crate::components::notice::{Refused, notice, notice_with};
use crate::components::page_head::{PageHead, page};
use crate::components::plan::plan_table;
use crate::components::status::{change_status, job_badge};
use crate::components::when::when;
use crate::visitor::may;
use domain::change::{Effect, Kind, State, WITHOUT_REHEARSAL};
use domain::permission::Permission;
use domain::text::{Tone, took};
use leptos::prelude::*;

/// The plan as it was made, with the buttons that still make sense. Applying needs `config.change`.
pub async fn change_page() -> Drawn {
    let (name, change) = (param("name"), param("change"));
    let forms = (Form::of::<ApplyChange>(), Form::of::<PlanRevert>(), Form::of::<StartRehearsal>());
    let detail = get_change(name.clone(), change).await?;
    Ok(draw(&name, &detail, forms))
}

fn draw(name: &str, detail: &Timed<ChangeDetail>, (apply, revert, rehearse): (Form, Form, Form)) -> AnyView {
    let (change, entry) = (&detail.value, &detail.value.entry);
    let may_change = may(Permission::ConfigChange);
    let planned = entry.state == State::Planned;
    let stale = (planned && change.stale).then(|| {
        let again = view! { <a class="button small" href=form_of(name, entry.plan.kind)>"Plan again"</a> }.into_any();
        let means = "The deployment is not what this plan was made from, so it cannot be applied.";
        notice_with(Tone::Warn, "This plan is stale.", means, Some(again))
    });
    let foreign = not_here(change.not_here.as_ref().filter(|_| planned), "");
    let warnings: Vec<_> = entry
        .plan
        .warnings
        .iter()
        .filter(|_| planned)
        .map(|warning| notice(Tone::Warn, "Know this.", warning.clone()))
        .collect();
    let can_apply = may_change && planned && !change.stale && change.not_here.is_none();
    let act = can_apply.then(|| applying(name, change, apply));
    let try_it = (can_apply && entry.plan.new_image().is_some() && entry.plan.brings_back.is_none())
        .then(|| rehearsing(name, detail, rehearse));
    let back = (may_change && entry.state.is_applied()).then(|| reverting(name, change, revert));
    page(view! {
        <PageHead title=entry.plan.summary.clone() tab=format!("Change {} · {name}", entry.id) state=change_status(entry.state)
            about=format!("{} change {} of {name}.", entry.plan.kind.words(), entry.id)/>
        <Refused form=apply/>
        <Refused form=revert/>
        <Refused form=rehearse/>
        {stale}{foreign}{warnings}
        <div class="main-side">
            <div class="stack">
                {Card::new("plan", "What it alters").about("Everything else of the container stays as it is.").body(plan_table(&entry.plan))}
                {try_it}{act}{back}
            </div>
            <aside class="stack">{about_it(detail)}</aside>
        </div>
    })
}

/// The form that plans this kind.
fn form_of(name: &str, kind: Kind) -> String {
    match kind {
        Kind::Memory => format!("/deployments/{name}/memory"),
        Kind::Image => format!("/deployments/{name}/image"),
        Kind::Revert => format!("/deployments/{name}/changes"),
    }
}

fn applying(name: &str, change: &ChangeDetail, form: Form) -> AnyView {
    let restart = change.entry.plan.effect() == Effect::Recreate;
    let outage = match (restart, change.last_offline_ms) {
        (false, _) => Point("check", "No outage.".into(), "Neo4j runs on.".into()),
        (true, Some(ms)) => {
            Point("clock", format!("{name} is offline for about {}.", took(ms)), "So long it was the last time.".into())
        }
        (true, None) => {
            Point("clock", format!("{name} is offline for a stop and a start."), "How long is not known yet.".into())
        }
    };
    let mut consequences = vec![outage];
    if change.entry.plan.brings_back.is_some() {
        consequences.push(Point(
            "database",
            "The data from before the upgrade is brought back.".into(),
            "What was written since is set aside beside it, until you remove it.".into(),
        ));
    }
    if restart {
        consequences.push(Point(
            "box",
            "A new container takes the old one’s place.".into(),
            "With the same volumes, networks, ports and everything else.".into(),
        ));
        consequences.push(Point(
            "undo-2",
            "If anything is not as planned,".into(),
            "the old container is started again with its own data, and the job says why.".into(),
        ));
    }
    Card::new("apply", "Apply it").body(post(
        form,
        view! {
            <div class="body">
                {points(consequences, false)}
                <input type="hidden" name="deployment" value=name.to_string()/>
                <input type="hidden" name="change" value=change.entry.id.to_string()/>
                <input type="hidden" name="digest" value=change.entry.digest.clone()/>
                {change.unrehearsed.then(|| view! {
                    <Field form name=WITHOUT_REHEARSAL label="Why without a rehearsal"
                        help="Nobody rehearsed this upgrade in the last seven days. Rehearse it, or write why not: it is kept in the audit log."/>
                })}
                {change.entry.plan.brings_back.map(|_| view! { <TypedName form phrase=name/> })}
            </div>
            <footer><div class="actions"><SubmitButton label="Apply change"/><a class="button plain" href=format!("/deployments/{name}/changes")>"Not now"</a></div></footer>
        },
    ))
}

/// What the new version makes of the data, without an outage.
fn rehearsing(name: &str, detail: &Timed<ChangeDetail>, form: Form) -> AnyView {
    let change = &detail.value;
    let last = match &change.rehearsal {
        Some(job) => {
            let at = when(job.ended_at.unwrap_or(job.created_at), detail.now);
            view! { <p>{job_badge(job.state)}" "<a href=format!("/jobs/{}", job.id)>"Rehearsal"</a>" "{at}</p> }
                .into_any()
        }
        None => view! { <p class="quiet-text">"This plan was not rehearsed yet."</p> }.into_any(),
    };
    let label = if change.rehearsal.is_some() { "Rehearse again" } else { "Rehearse on a copy" };
    let about = "The newest backup is loaded, started, counted and checked with the new image in a scratch server. \
                 Neo4j runs on and is not touched.";
    Card::new("rehearse", "Rehearse it").about(about).body(post(
        form,
        view! {
            <div class="body">
                {last}
                <input type="hidden" name="deployment" value=name.to_string()/>
                <input type="hidden" name="change" value=change.entry.id.to_string()/>
            </div>
            <footer><div class="actions"><SubmitButton label=label class="button"/></div></footer>
        },
    ))
}

fn reverting(name: &str, change: &ChangeDetail, form: Form) -> AnyView {
    let about = "Each part gets the value it had before. You see the plan first.";
    Card::new("revert", "Take it back").about(about).body(post(
        form,
        view! {
            <div class="body">
                <input type="hidden" name="deployment" value=name.to_string()/>
                <input type="hidden" name="change" value=change.entry.id.to_string()/>
                <Field form name="reason" label="Why" optional=true/>
            </div>
            <footer><div class="actions"><SubmitButton label="Plan the revert" class="button"/></div></footer>
        },
    ))
}

fn about_it(detail: &Timed<ChangeDetail>) -> AnyView {
    let entry = &detail.value.entry;
    let mut list = vec![("Planned", when(entry.created_at, detail.now)), ("By", words(entry.by.clone()))];
    if !entry.reason.is_empty() {
        list.push(("Why", words(entry.reason.clone())));
    }
    if let Some(id) = entry.reverts {
        let to = format!("/deployments/{}/changes/{id}", entry.deployment);
        list.push(("Takes back", view! { <a href=to>{format!("Change {id}")}</a> }.into_any()));
    }
    if let Some(job) = entry.job {
        list.push(("Job", view! { <a href=format!("/jobs/{job}")>{format!("Job {job}")}</a> }.into_any()));
    }
    if let Some(ended) = entry.ended_at {
        list.push(("Ended", when(ended, detail.now)));
    }
    if let Some(ms) = entry.offline_ms {
        list.push(("Neo4j was offline", words(took(ms))));
    }
    list.push((
        "Digest",
        view! { <code title=entry.digest.clone()>{entry.digest.chars().take(12).collect::<String>()}</code> }
            .into_any(),
    ));
    Card::new("about", "About this change").body(view! { <div class="body">{facts(list)}</div> })
}
