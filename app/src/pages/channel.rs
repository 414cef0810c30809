//! One channel: what it tells, when not, and its delivery log.

use super::notifications::{delivery_badge, event_boxes};
use super::{page_number, param};
use crate::Drawn;
use crate::api::Timed;
use crate::api::notifications::{ChangeChannel, Log, RemoveChannel, TestChannel, get_channel};
use crate::components::card::Card;
use crate::components::field::{Checkbox, Field, Kind};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::items::findings;
use crate::components::notice::{Done, Refused};
use crate::components::page_head::{PageHead, page};
use crate::components::status::tag;
use crate::components::table::{cell, pager, table};
use crate::components::when::when;
use chrono::{DateTime, Utc};
use domain::channel::{Delivery, View};
use leptos::prelude::*;

/// The channel of the address, with forms to test, change and remove it (`notification.manage`).
pub async fn channel_page() -> Drawn {
    let (name, number) = (param("channel"), page_number());
    let forms = (Form::of::<TestChannel>(), Form::of::<ChangeChannel>(), Form::of::<RemoveChannel>());
    let log = get_channel(name, number).await?;
    Ok(draw(&log, forms))
}

fn draw(log: &Timed<Log>, (test, change, remove): (Form, Form, Form)) -> AnyView {
    let channel = &log.value.channel;
    let name = channel.name.to_string();
    let try_it = post(
        test,
        view! { <input type="hidden" name="name" value=name.clone()/><SubmitButton label="Send a test" class="button"/> },
    );
    page(view! {
        <PageHead title=name.clone() state=tag(channel.kind.as_str()) about=channel.destination.clone() actions=try_it/>
        <Done/>
        <Refused form=test/>
        <Refused form=change/>
        <Refused form=remove/>
        {(!channel.findings.is_empty()).then(|| Card::new("findings", "Findings").body(findings(&channel.findings, |_| None)))}
        <div class="main-side">
            <div class="stack">{deliveries(&name, log)}</div>
            <aside class="stack">{terms(&name, channel, change)}{removing(&name, remove)}</aside>
        </div>
    })
}

fn deliveries(name: &str, log: &Timed<Log>) -> AnyView {
    let list = &log.value.deliveries;
    let rows: Vec<_> = list.items.iter().map(|d| row(d, log.now)).collect();
    let base = format!("/notifications/{name}");
    Card::new("log", "Delivery log").about("Failed messages are tried five times within about an hour.").body(view! {
        {table(&[("When", ""), ("Message", ""), ("Result", "")], rows)}
        {pager(list, "messages", move |n| format!("{base}?page={n}"))}
    })
}

fn row(d: &Delivery, now: DateTime<Utc>) -> AnyView {
    let why = d.problem.clone().map(|why| view! { <span class="sub">{why}</span> });
    view! {
        <tr>
            <th scope="row">{when(d.at, now)}</th>
            {cell("Message", "", d.event.title.clone())}
            {cell("Result", "", view! { <span>{delivery_badge(d)}{why}</span> })}
        </tr>
    }
    .into_any()
}

fn terms(name: &str, channel: &View, form: Form) -> AnyView {
    let quiet = channel.terms.quiet.as_ref();
    let (from, to) =
        (quiet.map(|q| q.from.to_string()).unwrap_or_default(), quiet.map(|q| q.to.to_string()).unwrap_or_default());
    let zone = quiet.map_or("UTC".to_string(), |q| q.time_zone.clone());
    Card::new("terms", "Events and quiet hours").body(post(
        form,
        view! {
            <div class="body">
                <input type="hidden" name="name" value=name.to_string()/>
                {event_boxes(form, &channel.terms.events)}
                <Field form name="from" label="Quiet from" kind=Kind::Time optional=true value=from help="In quiet hours only what is critical is sent; the rest follows."/>
                <Field form name="to" label="Quiet to" kind=Kind::Time optional=true value=to/>
                <Field form name="time_zone" label="Time zone" optional=true value=zone/>
                <Checkbox form name="paused" label="Paused" help="Nothing is sent but tests." ticked=channel.terms.paused/>
            </div>
            <footer><div class="actions"><SubmitButton label="Save" class="button"/></div></footer>
        },
    ))
}

fn removing(name: &str, form: Form) -> AnyView {
    Card::new("remove", "Remove this channel").about("With its delivery log. What still waits is not sent.").body(post(
        form,
        view! {
            <input type="hidden" name="name" value=name.to_string()/>
            <footer><div class="actions"><SubmitButton label="Remove channel" class="button danger"/></div></footer>
        },
    ))
}
