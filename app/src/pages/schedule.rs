//! One schedule: adding it, changing it, pausing it, removing it.

use super::param;
use super::schedules::last;
use crate::Drawn;
use crate::api::schedules::{PauseSchedule, Plans, RemoveSchedule, SaveSchedule, list_schedules};
use crate::components::backup_fields::{kinds, target_boxes};
use crate::components::card::Card;
use crate::components::field::{Choices, Field, FieldError, Kind, Select, choice};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::notice::Refused;
use crate::components::page_head::{PageHead, page};
use crate::components::status::badge;
use crate::visitor::may;
use chrono::{DateTime, Utc};
use domain::backup;
use domain::permission::Permission;
use domain::problem::{Problem, ProblemKind};
use domain::schedule::{Keep, Recurrence, View, WEEKDAYS};
use domain::text::Tone;
use leptos::prelude::*;

/// The empty form. Sending needs `schedule.manage`.
pub async fn add_schedule_page() -> Drawn {
    let name = param("name");
    let form = Form::of::<SaveSchedule>();
    let plans = list_schedules(name.clone()).await?;
    Ok(page(view! {
        <PageHead title="Add schedule" about="A scheduled backup."/>
        <Refused form/>
        {fields(&name, &plans, None, form)}
    }))
}

/// The schedule of the address; changing it only with `schedule.manage`.
pub async fn schedule_page() -> Drawn {
    let (name, schedule) = (param("name"), param("schedule"));
    let forms = (Form::of::<SaveSchedule>(), Form::of::<PauseSchedule>(), Form::of::<RemoveSchedule>());
    let plans = list_schedules(name.clone()).await?;
    match plans.schedules.iter().find(|v| v.schedule.name.as_str() == schedule) {
        Some(view) => Ok(one(&name, &plans, view, forms)),
        None => {
            let gone = Problem::new(ProblemKind::NotFound, "There is no such schedule.");
            Err(crate::api::failed(gone.next_step("Take it from the list of schedules.")))
        }
    }
}

fn one(name: &str, plans: &Plans, view: &View, (save, pause, remove): (Form, Form, Form)) -> AnyView {
    let s = &view.schedule;
    let state = if s.paused { badge(Tone::Idle, "Suspended") } else { badge(Tone::Good, "On") };
    let about = format!("{}, {}.", Recurrence::of(&s.cron).words(), s.time_zone);
    let change = may(Permission::ScheduleManage);
    page(view! {
        <PageHead title=format!("Schedule {}", s.name) state about actions=change.then(|| pausing(name, view, pause))/>
        <Refused form=save/>
        <Refused form=pause/>
        <Refused form=remove/>
        {if change { fields(name, plans, Some(view), save) } else { next_runs(view, plans.now) }}
        {change.then(|| removing(name, view, remove))}
    })
}

fn pausing(name: &str, view: &View, form: Form) -> AnyView {
    let paused = view.schedule.paused;
    post(
        form,
        view! {
            <input type="hidden" name="deployment" value=name.to_string()/>
            <input type="hidden" name="schedule" value=view.schedule.name.to_string()/>
            <input type="hidden" name="paused" value=(!paused).to_string()/>
            <SubmitButton label=if paused { "Resume" } else { "Pause" } class="button"/>
        },
    )
}

fn removing(name: &str, view: &View, form: Form) -> AnyView {
    let about = "No further backups are made. Existing ones are kept.";
    Card::new("remove", "Remove this schedule").about(about).body(post(
        form,
        view! {
            <input type="hidden" name="deployment" value=name.to_string()/>
            <input type="hidden" name="schedule" value=view.schedule.name.to_string()/>
            <footer><div class="actions"><SubmitButton label="Remove schedule" class="button danger"/></div></footer>
        },
    ))
}

fn fields(name: &str, plans: &Plans, view: Option<&View>, form: Form) -> AnyView {
    let old = view.map(|v| v.schedule.name.to_string()).unwrap_or_default();
    let label = if view.is_some() { "Save schedule" } else { "Add schedule" };
    let named = view.is_none().then(|| {
        view! { <div class="body"><Field form name="name" label="Name" placeholder="daily" help="Small letters, digits, dashes. Jobs and the audit log name it."/></div> }
    });
    let aside = view.map(|view| view! { <aside class="stack">{next_runs(view, plans.now)}</aside> });
    let body = view! {
        <input type="hidden" name="deployment" value=name.to_string()/>
        <input type="hidden" name="old" value=old/>
        <div class="stack">
            {Card::new("when", "When").body(view! { {named}{timing(view, form)} })}
            {Card::new("where", "Where to").about("Targets are independent; a failing one does not affect the others.").body(place_and_kind(plans, view, form))}
            {Card::new("keep", "How long to keep").body(keeping(view, form))}
            <section class="card"><footer><div class="actions"><SubmitButton label/><a class="button plain" href=format!("/deployments/{name}/schedules")>"Cancel"</a></div></footer></section>
        </div>
    };
    view! { <div class="main-side"><div class="stack">{post(form, body)}</div>{aside}</div> }.into_any()
}

fn timing(view: Option<&View>, form: Form) -> AnyView {
    let often = view.map_or(Recurrence::Daily(3, 15), |v| Recurrence::of(&v.schedule.cron));
    let zone = view.map_or("UTC".to_string(), |v| v.schedule.time_zone.clone());
    let jitter = view.map_or(0, |v| v.schedule.jitter.minutes());
    let (weekday, day) = match &often {
        Recurrence::Weekly(weekday, ..) => (*weekday, 1),
        Recurrence::Monthly(day, ..) => ("SUN", *day),
        Recurrence::Daily(..) | Recurrence::Cron(_) => ("SUN", 1),
    };
    let options = vec![
        choice("daily", "Daily", ""),
        choice("weekly", "Weekly", "On the weekday below."),
        choice("monthly", "Monthly", "On the day of the month below."),
        choice("cron", "Cron", "By the expression below."),
    ];
    let weekdays = WEEKDAYS.iter().map(|(short, long)| ((*short).to_string(), (*long).to_string())).collect();
    view! {
        <div class="body">
            <Choices form name="often" label="How often" options picked=often.as_str()/>
            <div class="pair">
                <Field form name="at" label="At" kind=Kind::Time value=often.at()/>
                <Field form name="time_zone" label="Time zone" value=zone help="By its name, for example \
                    Europe/Berlin. Follows daylight saving time."/>
            </div>
            <div class="pair">
                <Select form name="weekday" label="Weekday" options=weekdays picked=weekday help="Used when Weekly is picked."/>
                <Field form name="day" label="Day of the month" kind=Kind::Number value=day.to_string() help="1 to 28. Used when Monthly is picked."/>
            </div>
            <div class="pair">
                <Field form name="cron" label="Cron expression" optional=true value=often.cron() help="Used when Cron is picked: minute, hour, day, month, weekday."/>
                <Field form name="jitter_minutes" label="Spread by up to (minutes)" kind=Kind::Number optional=true value=jitter.to_string() help="So that not all servers start at once."/>
            </div>
        </div>
    }
    .into_any()
}

fn place_and_kind(plans: &Plans, view: Option<&View>, form: Form) -> AnyView {
    let chosen =
        view.map(|v| v.schedule.targets.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap_or_default();
    let kind = view.map_or(backup::Kind::Dump, |v| v.schedule.kind);
    view! {
        <div class="body">
            {target_boxes(&plans.targets, chosen, form)}
            <Choices form name="kind" label="While it runs" options=kinds(None) picked=kind.as_str()/>
        </div>
    }
    .into_any()
}

fn keeping(view: Option<&View>, form: Form) -> AnyView {
    let keep = view.map_or(Keep { days: Some(7), count: None }, |v| v.schedule.keep);
    let words = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
    view! {
        <div class="body">
            <div class="pair">
                <Field form name="keep_days" label="Days" kind=Kind::Number optional=true value=words(keep.days) help="Keep backups for this many days."/>
                <Field form name="keep_count" label="At least the last" kind=Kind::Number optional=true value=words(keep.count) help="Keep at least this many verified backups, whatever their age."/>
            </div>
            <FieldError form name="keep"/>
            <p class="help">"A backup is removed when no rule keeps it. Without rules all are kept. The newest \
                verified backup of a deployment is always kept."</p>
        </div>
    }
    .into_any()
}

fn next_runs(view: &View, now: DateTime<Utc>) -> AnyView {
    let runs: Vec<_> = view.next_runs.iter().map(|run| view! { <li><span>{run.local.clone()}</span></li> }).collect();
    let list = if runs.is_empty() {
        view! { <div class="body"><p class="quiet-text">"None while it is paused."</p></div> }.into_any()
    } else {
        view! { <ol class="lines">{runs}</ol> }.into_any()
    };
    view! {
        {Card::new("next", "Next five runs").body(list)}
        {Card::new("last", "Last run").body(view! { <div class="body"><p>{last(view.last_run.as_ref(), now)}</p></div> })}
    }
    .into_any()
}
