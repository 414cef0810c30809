//! Channels over which the console tells of trouble, and whether it arrives.

use super::query;
use crate::Drawn;
use crate::api::Timed;
use crate::api::notifications::{AddHook, AddMail, list_channels};
use crate::components::empty::empty;
use crate::components::field::{CheckboxGroup, Field, Kind, Select, choice};
use crate::components::form::{Form, SubmitButton, post};
use crate::components::icon::icon;
use crate::components::notice::{Done, Refused};
use crate::components::page_head::{PageHead, page};
use crate::components::status::{badge, status};
use crate::components::table::{cell, table};
use crate::components::when::when;
use chrono::{DateTime, Utc};
use domain::alarm::event::Kind as Event;
use domain::channel::{Delivery, DeliveryState, View};
use domain::text::Tone;
use leptos::prelude::*;

/// The channels with their last message (`notification.manage`).
pub async fn notifications_page() -> Drawn {
    let list = list_channels().await?;
    Ok(draw(&list))
}

fn draw(list: &Timed<Vec<View>>) -> AnyView {
    let add = view! {
        <a class="button" href="/notifications/new?kind=hook">"Add web hook"</a><a class="button primary" href="/notifications/new?kind=mail">{icon("bell")}"Add e-mail"</a>
    };
    let body = if list.value.is_empty() {
        let why = "No notification is sent when a backup fails or is missed. Add a channel: alarms do not depend on \
            jobs, so they also report backups that never ran.";
        empty("bell", "No channel yet", why, None)
    } else {
        let rows = list.value.iter().map(|channel| row(channel, list.now)).collect();
        view! { <section class="card" aria-label="Channels">{table(&[("Channel", ""), ("Last message", ""), ("State", "")], rows)}</section> }.into_any()
    };
    page(view! {
        <PageHead title="Notifications" about="Channels for alarms and for their resolution." actions=add.into_any()/>
        <Done/>
        {body}
    })
}

fn row(channel: &View, now: DateTime<Utc>) -> AnyView {
    let name = channel.name.to_string();
    let last = channel.last.as_ref().map_or_else(
        || "none yet".into_any(),
        |d| view! { <span>{when(d.at, now)}" "{delivery_badge(d)}<span class="sub">{d.event.title.clone()}</span></span> }.into_any(),
    );
    let state = match channel.findings.first() {
        _ if channel.terms.paused => status(Tone::Idle, "Suspended"),
        Some(finding) => status(finding.tone, finding.what.clone()),
        None => status(Tone::Good, "On"),
    };
    view! {
        <tr>
            <th scope="row"><a class="lead" href=format!("/notifications/{name}")>{name.clone()}</a><span class="sub">{format!("{} · {}", channel.kind.as_str(), channel.destination)}</span></th>
            {cell("Last message", "", last)}
            {cell("State", "", state)}
        </tr>
    }
    .into_any()
}

/// Whether one message arrived, waits or failed.
pub fn delivery_badge(delivery: &Delivery) -> AnyView {
    match delivery.state {
        DeliveryState::Delivered => badge(Tone::Good, "Delivered"),
        DeliveryState::Waiting => badge(Tone::Info, "Waiting"),
        DeliveryState::Failed => badge(Tone::Bad, "Failed"),
    }
}

/// Of which events a channel tells; all at first.
pub fn event_boxes(form: Form, wanted: &[Event]) -> AnyView {
    let options = Event::WANTED.iter().map(|kind| choice(kind.as_str(), kind.words(), "")).collect();
    let picked = wanted.iter().map(|kind| kind.as_str().to_string()).collect();
    view! { <CheckboxGroup form name="events" label="Tells of" options picked/> }.into_any()
}

/// The form for a web hook if the address has `kind=hook`, else for e-mail.
pub async fn add_channel_page() -> Drawn {
    Ok(if query("kind") == "hook" { add_hook() } else { add_mail() })
}

fn frame(title: &'static str, about: &'static str, form: Form, fields: AnyView) -> AnyView {
    let body = view! {
        <div class="body">{fields}{event_boxes(form, &Event::WANTED)}</div>
        <footer><div class="actions"><SubmitButton label="Add channel"/><a class="button plain" href="/notifications">"Cancel"</a></div></footer>
    };
    page(view! { <PageHead title=title about=about/><Refused form/><section class="card">{post(form, body)}</section> })
}

fn add_mail() -> AnyView {
    let form = Form::of::<AddMail>();
    let security = [
        ("starttls", "STARTTLS (usually port 587)"),
        ("tls", "TLS (usually port 465)"),
        ("none", "None: only for a mail server on this machine"),
    ];
    let security = security.map(|(value, words)| (value.to_string(), words.to_string())).to_vec();
    let fields = view! {
        <Field form name="name" label="Name" placeholder="ops-mail"/>
        <div class="pair">
            <Field form name="host" label="Mail server" placeholder="smtp.example.com"/>
            <Field form name="port" label="Port" optional=true placeholder="587"/>
        </div>
        <Select form name="security" label="Encryption" options=security picked="starttls"/>
        <div class="pair">
            <Field form name="user" label="User" optional=true/>
            <Field form name="password" label="Password" kind=Kind::Password optional=true help="Kept encrypted, never \
                shown again."/>
        </div>
        <div class="pair">
            <Field form name="from" label="From" placeholder="neo4j@example.com"/>
            <Field form name="to" label="To" placeholder="ops@example.com" help="Several with commas."/>
        </div>
    };
    frame("Add e-mail", "Send a test afterwards, to see that it arrives.", form, fields.into_any())
}

fn add_hook() -> AnyView {
    let form = Form::of::<AddHook>();
    let kinds = [
        ("webhook", "Web hook: JSON, signed"),
        ("slack", "Slack"),
        ("mattermost", "Mattermost"),
        ("discord", "Discord"),
    ];
    let kinds = kinds.map(|(value, words)| (value.to_string(), words.to_string())).to_vec();
    let fields = view! {
        <Field form name="name" label="Name" placeholder="ops-chat"/>
        <Select form name="kind" label="Kind" options=kinds picked="slack"/>
        <Field form name="url" label="Address" placeholder="https://hooks.example.com/…" help="It is a secret itself: \
            kept encrypted, never shown again."/>
        <Field form name="secret" label="Secret" kind=Kind::Password optional=true help="Only for the signed web hook: \
            messages carry an HMAC made with it."/>
    };
    frame("Add a web hook", "Send a test afterwards, to see that it arrives.", form, fields.into_any())
}
