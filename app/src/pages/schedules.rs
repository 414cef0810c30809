//! Schedules of a deployment, and the three-tier plan in one click.

use super::param;
use crate::Drawn;
use crate::api::schedules::{AddPlan, Plans, RunSchedule, list_schedules};
use crate::components::card::Card;
use crate::components::field::{Field, Select};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::icon::icon;
use crate::components::items::{Point, points};
use crate::components::notice::{Done, Refused};
use crate::components::page_head::{PageHead, page};
use crate::components::status::{badge, status};
use crate::components::table::{cell, table};
use crate::components::when::{when, when_exactly};
use crate::visitor::may;
use chrono::{DateTime, Utc};
use domain::permission::Permission;
use domain::retention::Decision;
use domain::schedule::{Outcome, Recurrence, Run, View};
use domain::text::{Tone, full_time};
use leptos::prelude::*;

/// The list and what retention removes next; without schedules the plan to set up.
pub async fn schedules_page() -> Drawn {
    let name = param("name");
    let (plan, run) = (Form::of::<AddPlan>(), Form::of::<RunSchedule>());
    let plans = list_schedules(name.clone()).await?;
    Ok(draw(&name, &plans, plan, run))
}

fn draw(name: &str, plans: &Plans, plan: Form, run: Form) -> AnyView {
    let may_change = may(Permission::ScheduleManage);
    let add = may_change.then(|| view! { <a class="button" href=format!("/deployments/{name}/schedules/new")>{icon("plus")}"Add schedule"</a> }.into_any());
    let body = if plans.schedules.is_empty() {
        view! { {none(name, plans, plan, may_change)} }.into_any()
    } else {
        view! { {list(name, plans, run)}{decisions(name, plans)} }.into_any()
    };
    page(view! {
        <PageHead title="Schedules" tab=format!("Schedules · {name}") about="Scheduled backups and their \
            retention." actions=add/>
        <Done/>
        <Refused form=run/>
        {body}
    })
}

/// Shown when nothing is planned: adds the three-tier plan in one click.
fn none(name: &str, plans: &Plans, form: Form, may_change: bool) -> AnyView {
    let elsewhere = plans.targets.iter().filter(|target| target.place.is_remote() || !target.built_in);
    let mut options: Vec<(String, String)> =
        elsewhere.map(|target| (target.name.to_string(), target.name.to_string())).collect();
    let only_here = options.is_empty();
    options.push((String::new(), "local (the console’s own disk)".into()));
    let first = options.first().map(|o| o.0.clone()).unwrap_or_default();
    let warning = only_here.then(|| {
        view! { <div class="notice" data-tone="warn">{icon("triangle-alert")}<div><b>"There is no target outside this host."</b>" If its disk fails, the backups are lost too."</div>
            <div class="actions"><a class="button small" href="/targets">"See targets"</a></div></div> }
    });
    let form = may_change.then(|| {
        post(
            form,
            view! {
                <div class="body">
                    <Refused form/>
                    <input type="hidden" name="deployment" value=name.to_string()/>
                    <div class="pair">
                        <Select form name="external" label="Weekly and monthly backups go to" options picked=first help="The daily one stays on the console’s own disk."/>
                        <Field form name="time_zone" label="Time zone" value="UTC" help="By its name, for example \
                            Europe/Berlin. Follows daylight saving time."/>
                    </div>
                </div>
                <footer><div class="actions"><SubmitButton label="Set up all three"/></div></footer>
            },
        )
    });
    let about = format!("{name} has no scheduled backups. A common plan has three tiers:");
    view! {
        {warning}
        {Card::new("plan", "No schedule yet").about(about).body(view! { <div class="body">{points(tiers(), false)}</div>{form} })}
    }
    .into_any()
}

fn tiers() -> Vec<Point> {
    vec![
        Point("calendar-clock", "Daily at 03:15,".into(), "on the console’s own disk, kept 7 days.".into()),
        Point("calendar-clock", "Each Sunday at 04:15,".into(), "elsewhere, kept 30 days.".into()),
        Point("calendar-clock", "On the first of the month at 05:15,".into(), "elsewhere, kept 90 days.".into()),
    ]
}

fn list(name: &str, plans: &Plans, run: Form) -> AnyView {
    let heads =
        [("Schedule", ""), ("Last run", ""), ("Next run", ""), ("Targets", "spare"), ("Keeps", "spare"), ("", "")];
    let rows = plans.schedules.iter().map(|view| row(name, view, plans.now, run)).collect();
    view! { <section class="card" aria-label="Schedules">{table(&heads, rows)}</section> }.into_any()
}

fn row(name: &str, view: &View, now: DateTime<Utc>, run: Form) -> AnyView {
    let s = &view.schedule;
    let next = match view.next_runs.first() {
        Some(next) => view! { <span>{next.local.clone()}</span> }.into_any(),
        None if s.paused => status(Tone::Idle, "Suspended"),
        None => status(Tone::Bad, "Never"),
    };
    let targets = if s.targets.is_empty() {
        "local".to_string()
    } else {
        s.targets.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    };
    let often = format!("{}, {}", Recurrence::of(&s.cron).words(), s.time_zone);
    let now_button = may(Permission::BackupRun).then(|| {
        let fields = view! {
            <input type="hidden" name="deployment" value=name.to_string()/><input type="hidden" name="schedule" value=s.name.to_string()/>
            <button class="button small" type="submit">"Run now"<span class="sr">": "{s.name.to_string()}</span></button>
        };
        post(run, fields)
    });
    view! {
        <tr>
            <th scope="row"><a class="lead" href=format!("/deployments/{name}/schedules/{}", s.name)>{s.name.to_string()}</a><span class="sub">{often}</span></th>
            {cell("Last run", "", last(view.last_run.as_ref(), now))}
            {cell("Next run", "", next)}
            {cell("Targets", "spare", targets)}
            {cell("Keeps", "spare", s.keep.words())}
            <td class="end-cell">{now_button}</td>
        </tr>
    }
    .into_any()
}

/// A schedule's last run with its outcome, a link to its job and its note; `not yet` without one.
pub fn last(run: Option<&Run>, now: DateTime<Utc>) -> AnyView {
    let Some(run) = run else { return "not yet".into_any() };
    let at = when(run.planned_at, now);
    let (tone, word) = match run.outcome {
        Outcome::Ran => (Tone::Good, "Ran"),
        Outcome::CaughtUp => (Tone::Warn, "Caught up"),
        Outcome::Missed => (Tone::Bad, "Missed"),
    };
    let mark = match run.job {
        Some(job) => view! { <a href=format!("/jobs/{job}")>{badge(tone, word)}</a> }.into_any(),
        None => badge(tone, word),
    };
    let note = (!run.note.is_empty()).then(|| view! { <span class="sub">{run.note.clone()}</span> });
    view! { <span>{at}" "{mark}{note}</span> }.into_any()
}

/// What goes when. Only what somebody may wonder about: the next to go.
fn decisions(name: &str, plans: &Plans) -> AnyView {
    let about = "If the schedules run as planned. The newest verified backup is never removed, a pinned one stays.";
    if plans.decisions.is_empty() {
        return ().into_any();
    }
    let rows = plans.decisions.iter().map(|v| decision(name, v)).collect();
    Card::new("decisions", "What goes next")
        .about(about)
        .body(view! { {table(&[("Backup", ""), ("What happens", ""), ("Why", "spare")], rows)} })
}

fn decision(name: &str, v: &Decision) -> AnyView {
    let what = match v.goes_at {
        _ if v.goes => status(Tone::Idle, "Removed by the next clean-up"),
        Some(at) => status(Tone::Idle, format!("Removed {}", full_time(at))),
        None => status(Tone::Good, if v.pinned { "Pinned" } else { "Kept" }),
    };
    view! {
        <tr>
            <th scope="row"><a class="lead" href=format!("/deployments/{name}/backups/{}", v.id)>{when_exactly(v.made_at)}</a></th>
            {cell("What happens", "", what)}
            {cell("Why", "spare", v.why.clone())}
        </tr>
    }
    .into_any()
}
