//! Drills of a deployment: what they proved, and how often they are run.

use super::param;
use crate::Drawn;
use crate::api::Timed;
use crate::api::drills::{Drills, PlanDrills, StartDrill, list_drills};
use crate::components::card::Card;
use crate::components::empty::empty;
use crate::components::field::{Field, Kind};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::items::{Point, points};
use crate::components::notice::{Done, Refused, notice};
use crate::components::page_head::{PageHead, page};
use crate::components::status::job_badge;
use crate::components::table::{cell, table};
use crate::components::when::when;
use crate::visitor::may;
use chrono::{DateTime, Utc};
use domain::drill::DrillResult;
use domain::permission::Permission;
use domain::text::{Tone, count, took};
use leptos::prelude::*;

/// The latest drills; running one needs `backup.run`, planning them `schedule.manage`.
pub async fn drills_page() -> Drawn {
    let name = param("name");
    let (start, plan) = (Form::of::<StartDrill>(), Form::of::<PlanDrills>());
    let drills = list_drills(name.clone()).await?;
    Ok(draw(&name, &drills, start, plan))
}

fn draw(name: &str, drills: &Timed<Drills>, start: Form, plan: Form) -> AnyView {
    let run = may(Permission::BackupRun).then(|| {
        view! { {post(start, view! { <input type="hidden" name="deployment" value=name.to_string()/><SubmitButton label="Run a drill now"/> })} }
            .into_any()
    });
    let list = if drills.value.verdicts.is_empty() {
        empty(
            "shield-check",
            "No drill yet",
            format!("It is unknown whether a backup of {name} can be restored. A drill tries it; {name} stays online."),
            None,
        )
    } else {
        verdicts(name, &drills.value.verdicts, drills.now)
    };
    let waits = drills.value.plan.postponed.as_ref().map(|why| {
        notice(
            Tone::Warn,
            "A drill is due and waits.",
            format!("{why} It starts as soon as there is enough; checked every ten minutes."),
        )
    });
    let locked = drills.value.plan.all_encrypted.then(|| {
        let means = format!(
            "All copies of the backups of {name} are encrypted, and the console has no identity to read them with. \
            Also keep a copy on an unencrypted target, or test a restore by hand: RESTORE.md in the copy lists every \
            command."
        );
        notice(Tone::Warn, "No drill can be run.", means)
    });
    page(view! {
        <PageHead title="Drills" tab=format!("Drills · {name}") about="A drill restores the newest verified backup \
            into a scratch server and counts what is in it. The deployment is never touched." actions=run/>
        <Done/>
        <Refused form=start/>
        {waits}
        {locked}
        <div class="main-side">
            <div class="stack">{list}</div>
            <aside class="stack">
                {often(name, &drills.value, plan)}
                {Card::new("what", "What a drill does").body(view! { <div class="body">{points(what(), true)}</div> })}
            </aside>
        </div>
    })
}

fn verdicts(name: &str, list: &[DrillResult], now: DateTime<Utc>) -> AnyView {
    let heads = [
        ("Run", ""),
        ("Verdict", ""),
        ("Nodes", "number"),
        ("Relationships", "number spare"),
        ("Took", "number spare"),
    ];
    let rows = list.iter().map(|v| row(name, v, now)).collect();
    Card::new("verdicts", "Verdicts").body(view! { {table(&heads, rows)} })
}

fn row(name: &str, v: &DrillResult, now: DateTime<Utc>) -> AnyView {
    let known = |n: Option<u64>| n.map_or_else(|| "–".into(), count);
    let lasted = v
        .ended_at
        .map_or_else(|| "–".into(), |end| took((end - v.started_at).num_milliseconds().max(0).unsigned_abs()));
    let why = v.problem.as_ref().map(|p| view! { <span class="sub">{p.title.clone()}</span> });
    let of = v.backup.as_ref().map(
        |id| view! { <span class="sub"><a href=format!("/deployments/{name}/backups/{id}")>"the backup"</a></span> },
    );
    view! {
        <tr>
            <th scope="row"><a class="lead" href=format!("/jobs/{}", v.job)>{when(v.started_at, now)}</a>{of}</th>
            {cell("Verdict", "", view! { <span>{job_badge(v.state)}{why}</span> })}
            {cell("Nodes", "number", known(v.nodes))}
            {cell("Relationships", "number spare", known(v.relationships))}
            {cell("Took", "number spare", lasted)}
        </tr>
    }
    .into_any()
}

fn often(name: &str, drills: &Drills, form: Form) -> AnyView {
    let days = drills.plan.every.as_days();
    let now =
        if days == 0 { "Manually only.".to_string() } else { format!("Every {days} days; one day after a failure.") };
    let change = may(Permission::ScheduleManage).then(|| {
        post(
            form,
            view! {
                <div class="body">
                    <Refused form/>
                    <input type="hidden" name="deployment" value=name.to_string()/>
                    <Field form name="every_days" label="Days between drills" kind=Kind::Number value=days.to_string() help="0: manual only."/>
                </div>
                <footer><div class="actions"><SubmitButton label="Save" class="button"/></div></footer>
            },
        )
    });
    Card::new("often", "How often").about(now).body(view! { {change} })
}

fn what() -> Vec<Point> {
    vec![
        Point(
            "cloud-upload",
            String::new(),
            "Fetches the backup, from a remote target where there is one, and compares every sha256.".into(),
        ),
        Point("box", String::new(), "Loads it into a scratch server without a network.".into()),
        Point(
            "shield-check",
            String::new(),
            "Checks it for damage, starts it, and counts nodes and relationships.".into(),
        ),
        Point("trash-2", String::new(), "Removes the scratch server and its data.".into()),
    ]
}
