//! Alarms of a deployment: how old its last verified backup may be, what is not over, and the dead-man ping.

use super::param;
use crate::Drawn;
use crate::api::Timed;
use crate::api::notifications::{SetAlarms, get_alarms};
use crate::components::card::Card;
use crate::components::field::{Checkbox, Field, Kind};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::items::findings;
use crate::components::notice::{Done, Refused, notice};
use crate::components::page_head::{PageHead, page};
use crate::components::status::{badge, status};
use crate::components::when::when;
use crate::visitor::may;
use domain::alarm::AlarmOverview;
use domain::freshness::Age;
use domain::permission::Permission;
use domain::text::Tone;
use leptos::prelude::*;

/// Open alarms and the age of the last verified backup; the settings with `notification.manage` only.
pub async fn alarms_page() -> Drawn {
    let name = param("name");
    let form = Form::of::<SetAlarms>();
    let watch = get_alarms(name).await?;
    Ok(draw(&watch, form))
}

fn draw(watch: &Timed<AlarmOverview>, form: Form) -> AnyView {
    let (w, now) = (&watch.value, watch.now);
    let tone = match w.freshness.age {
        Age::Ok => Tone::Good,
        Age::DueSoon => Tone::Warn,
        Age::Overdue | Age::Never => Tone::Bad,
    };
    let open: Vec<_> = w
        .open
        .iter()
        .map(|o| view! { <li><div>{status(Tone::Bad, o.kind.words())}" since "{when(o.since, now)}</div></li> })
        .collect();
    let none = open.is_empty();
    page(view! {
        <PageHead title="Alarms" tab=format!("Alarms · {}", w.deployment) state=badge(tone, w.freshness.age.words()) about="Evaluated independently of schedules, so you are alerted even if no backup ever ran."/>
        <Done/>
        <Refused form/>
        {w.freshness.is_overdue().then(|| notice(Tone::Bad, w.freshness.sentence(), ""))}
        <div class="main-side">
            <div class="stack">
                {may(Permission::NotificationManage).then(|| settings(w, form))}
            </div>
            <aside class="stack">
                {Card::new("open", "Open").body(if none { view! { <div class="body"><p class="quiet-text">"No open alarms."</p></div> }.into_any() } else { view! { <ul class="lines">{open}</ul> }.into_any() })}
                {(!w.findings.is_empty()).then(|| Card::new("ping", "Dead-man ping").body(findings(&w.findings, |_| None)))}
            </aside>
        </div>
    })
}

fn settings(w: &AlarmOverview, form: Form) -> AnyView {
    let pinged = w.ping.is_some();
    let now = w.ping.clone().map_or_else(|| "none".to_string(), |shown| format!("now {shown}"));
    Card::new("settings", "Notification settings").body(post(
        form,
        view! {
            <div class="body">
                <input type="hidden" name="deployment" value=w.deployment.to_string()/>
                <div class="pair">
                    <Field form name="allowance_hours" label="Maximum age of the last verified backup (hours)" kind=Kind::Number value=w.freshness.allowance.as_hours().to_string() help="26 suits a daily backup."/>
                    <Field form name="repeat_hours" label="Repeat after (hours)" kind=Kind::Number value=w.repeat.as_hours().to_string()/>
                </div>
                <Field form name="ping_url" label=format!("Dead-man ping ({now})") optional=true placeholder="https://hc-ping.com/…"
                    help="Called after each verified backup, for an external monitor that alerts when the calls stop. \
                        Empty: unchanged."/>
                {pinged.then(|| view! { <Checkbox form name="no_ping" label="End the ping" help="Stop calling this URL."/> })}
            </div>
            <footer><div class="actions"><SubmitButton label="Save alarms"/></div></footer>
        },
    ))
}
