//! Notifications: channels and their delivery log, and the alarms of a deployment.

use super::Timed;
use crate::problem::ApiError;
use domain::alarm::AlarmOverview;
use domain::channel::{Delivery, View};
use domain::page::Page;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::request::*;
use domain::Invalid;
use domain::alarm::event::Kind as Event;
use domain::alarm::policy::{Minute, Quiet, Repeat};
use domain::channel::{
    Address, ChannelName, Destination, Kind, MailServer, Recipient, Secret, Security, SignIn, Terms, WebAddress, events,
};
use domain::deployment::DeploymentName;
use domain::freshness::Allowance;
use ops::Error;
use ops::use_cases::{alarms, channels as use_case, deliveries};

/// The channels, without their secrets (`notification.manage`).
pub async fn list_channels() -> Result<Timed<Vec<View>>, ApiError> {
    ask_timed(Ok(use_case::ListChannels {})).await
}

/// A channel and a page of what was sent over it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Log {
    pub channel: View,
    pub deliveries: Page<Delivery>,
}

/// One channel and a page of its delivery log (`notification.manage`).
pub async fn get_channel(name: String, page: u32) -> Result<Timed<Log>, ApiError> {
    let found = ask(use_case::ListChannels {}).await?.into_iter().find(|channel| channel.name.as_str() == name);
    let channel = reply(found.ok_or_else(|| Error::not_found("channel", name)))?;
    let recipient = Some(Recipient::Channel(channel.name.clone()));
    let log = ask_timed(Ok(deliveries::ListDeliveries { recipient, page: page.max(1) })).await?;
    Ok(Timed { value: Log { channel, deliveries: log.value }, now: log.now })
}

fn given(text: &str) -> Option<&str> {
    Some(text.trim()).filter(|text| !text.is_empty())
}

/// A form sends nothing of a box that is not ticked: none at all would be a channel that never tells, and looks well.
fn chosen(ticked: &[String]) -> Result<Vec<Event>, Invalid> {
    if ticked.is_empty() {
        return Err(Invalid::new("events", "Tick at least one. A channel that is to be silent can be paused."));
    }
    events(ticked)
}

async fn add(name: &str, destination: Destination, wanted: &[String]) -> Result<String, Error> {
    let name = ChannelName::parse(name)?;
    let terms = Terms { events: chosen(wanted)?, paused: false, quiet: None };
    perform(use_case::AddChannel { name: name.clone(), destination, terms }).await?;
    Ok(format!("/notifications/{name}?done=channel-added"))
}

/// Adds an e-mail channel (`notification.manage`). `to` is a list; without user and password it does not sign in.
#[server(prefix = "/api/fn", endpoint = "add_mail")]
pub async fn add_mail(
    #[server(default)] name: String,
    #[server(default)] host: String,
    #[server(default)] port: String,
    #[server(default)] security: String,
    #[server(default)] user: String,
    #[server(default)] password: String,
    #[server(default)] from: String,
    #[server(default)] to: String,
    #[server(default)] events: Vec<String>,
) -> Result<(), ApiError> {
    let typed = [
        ("name", &name),
        ("host", &host),
        ("port", &port),
        ("security", &security),
        ("user", &user),
        ("from", &from),
        ("to", &to),
    ];
    let mut values: Vec<(&str, &str)> = typed.iter().map(|(field, value)| (*field, value.as_str())).collect();
    values.extend(ticks("events", &events));
    let done = async {
        let sign_in = match (given(&user), given(&password)) {
            (None, None) => None,
            (user, _) => Some(SignIn { user: user.unwrap_or_default().into(), password: password.clone() }),
        };
        let port = given(&port)
            .map(|p| {
                p.parse()
                    .map_err(|_| Invalid::new("port", "Write the number of the port, or nothing for the usual one."))
            })
            .transpose()?;
        let server = MailServer::parse(&host, port, Security::parse(&security)?, sign_in)?;
        let destination =
            Destination::Email { server, from: Address::parse("from", &from)?, to: Address::parse_list("to", &to)? };
        add(&name, destination, &events).await
    };
    answer_form::<AddMail>(&values, done.await)
}

/// A web hook. Its address is a secret, so it is not kept when the form is refused.
#[server(prefix = "/api/fn", endpoint = "add_hook")]
pub async fn add_hook(
    #[server(default)] name: String,
    #[server(default)] kind: String,
    #[server(default)] url: String,
    #[server(default)] secret: String,
    #[server(default)] events: Vec<String>,
) -> Result<(), ApiError> {
    let mut values = vec![("name", name.as_str()), ("kind", kind.as_str())];
    values.extend(ticks("events", &events));
    let done = async {
        let kind = Kind::parse(&kind)?;
        let url = WebAddress::parse("url", &url)?;
        let destination = match kind {
            Kind::Slack => Destination::Slack { url },
            Kind::Mattermost => Destination::Mattermost { url },
            Kind::Discord => Destination::Discord { url },
            Kind::Webhook => Destination::Webhook { url, secret: Secret::parse(&secret)? },
            Kind::Email => return Err(Invalid::new("kind", "Choose one of the web hooks.").into()),
        };
        add(&name, destination, &events).await
    };
    answer_form::<AddHook>(&values, done.await)
}

/// Sends a test over a channel now; refused when it is not delivered (`notification.manage`).
#[server(prefix = "/api/fn", endpoint = "test_channel")]
pub async fn test_channel(#[server(default)] name: String) -> Result<(), ApiError> {
    let done = async {
        let name = ChannelName::parse(&name)?;
        perform(use_case::TestChannel { name: name.clone() }).await?;
        Ok(format!("/notifications/{name}?done=channel-tested"))
    };
    answer_form::<TestChannel>(&[], done.await)
}

/// Sets what a channel tells, its quiet hours and its pause (`notification.manage`).
#[server(prefix = "/api/fn", endpoint = "change_channel")]
pub async fn change_channel(
    #[server(default)] name: String,
    #[server(default)] paused: String,
    #[server(default)] events: Vec<String>,
    #[server(default)] from: String,
    #[server(default)] to: String,
    #[server(default)] time_zone: String,
) -> Result<(), ApiError> {
    let typed = [("from", &from), ("to", &to), ("time_zone", &time_zone), ("paused", &paused)];
    let mut values: Vec<(&str, &str)> = typed.iter().map(|(field, value)| (*field, value.as_str())).collect();
    values.extend(ticks("events", &events));
    let done = async {
        let channel = ChannelName::parse(&name)?;
        let wanted = Some(chosen(&events)?);
        let quiet = match (given(&from), given(&to)) {
            (None, None) => None,
            _ => Some(Quiet {
                from: Minute::parse("from", &from)?,
                to: Minute::parse("to", &to)?,
                time_zone: time_zone.trim().into(),
            }),
        };
        let change = use_case::ChangeChannel {
            name: channel.clone(),
            destination: None,
            events: wanted,
            paused: Some(paused == "on"),
            quiet: Some(quiet),
        };
        perform(change).await?;
        Ok(format!("/notifications/{channel}?done=channel-changed"))
    };
    answer_form::<ChangeChannel>(&values, done.await)
}

/// Removes a channel with its delivery log (`notification.manage`).
#[server(prefix = "/api/fn", endpoint = "remove_channel")]
pub async fn remove_channel(#[server(default)] name: String) -> Result<(), ApiError> {
    let done = async {
        perform(use_case::RemoveChannel { name: ChannelName::parse(&name)? }).await?;
        Ok("/notifications?done=channel-removed".to_string())
    };
    answer_form::<RemoveChannel>(&[], done.await)
}

/// What is set for the alarms of a deployment, and which are open (`deployment.view`).
pub async fn get_alarms(deployment: String) -> Result<Timed<AlarmOverview>, ApiError> {
    let query = DeploymentName::parse(&deployment).map(|deployment| alarms::GetAlarms { deployment });
    ask_timed(query.map_err(|_| Error::not_found("deployment", deployment))).await
}

/// An empty address of the ping leaves it as it is; `no_ping` takes it away.
#[server(prefix = "/api/fn", endpoint = "set_alarms")]
pub async fn set_alarms(
    #[server(default)] deployment: String,
    #[server(default)] allowance_hours: String,
    #[server(default)] repeat_hours: String,
    #[server(default)] ping_url: String,
    #[server(default)] no_ping: String,
) -> Result<(), ApiError> {
    let typed = [("allowance_hours", &allowance_hours), ("repeat_hours", &repeat_hours), ("no_ping", &no_ping)];
    let values = typed.map(|(field, value)| (field, value.as_str()));
    let done = async {
        let name = DeploymentName::parse(&deployment)?;
        let hours = |text: &str| text.trim().parse().unwrap_or_default();
        let ping = match (no_ping == "on", given(&ping_url)) {
            (true, _) => alarms::NewPing::Remove,
            (false, None) => alarms::NewPing::Keep,
            (false, Some(url)) => alarms::NewPing::Set(WebAddress::parse("ping_url", url)?),
        };
        let allowance = Some(Allowance::hours(hours(&allowance_hours))?);
        let repeat = Some(Repeat::hours(hours(&repeat_hours))?);
        perform(alarms::ChangeAlarms { deployment: name.clone(), allowance, repeat, ping }).await?;
        Ok(format!("/deployments/{name}/alarms?done=alarms-set"))
    };
    answer_form::<SetAlarms>(&values, done.await)
}
