//! Channels, their delivery log, and the alarms of a deployment.

use super::body::Body;
use super::notification_shapes::{AlarmDetail, ChannelAdded, ChannelRow, DeliveryRow};
use super::pages::{links, page, parameter};
use super::{Answer, deployment};
use crate::http::problem::Details;
use crate::site::Site;
use axum::Json;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use domain::alarm::policy::Repeat;
use domain::channel::{ChannelName, Recipient, WebAddress, events};
use domain::freshness::Allowance;
use ops::use_cases::alarms::{ChangeAlarms, GetAlarms, NewPing};
use ops::use_cases::channels::{AddChannel, ChangeChannel, ListChannels, RemoveChannel, TestChannel};
use ops::use_cases::deliveries::ListDeliveries;
use ops::{Actor, Error};
use serde::Deserialize;
use utoipa::ToSchema;

use super::new_channel::{NewChannel, QuietHours};

/// What is absent stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Changes {
    #[serde(default)]
    events: Option<Vec<String>>,
    #[serde(default)]
    paused: Option<bool>,
    /// `null` ends them.
    #[serde(default, deserialize_with = "present")]
    quiet: Option<Option<QuietHours>>,
}

/// Told apart from an absent one: `null`.
fn present<'de, T: Deserialize<'de>, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// What is absent stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Alarm {
    /// How old the last verified backup may be. 26 unless it was set.
    #[serde(default)]
    allowance_hours: Option<u32>,
    /// The same alarm is told again after this many hours. 24 unless it was set.
    #[serde(default)]
    repeat_hours: Option<u32>,
    /// Called with GET after each verified backup; `null` ends it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, format = Password)]
    ping_url: Option<Option<String>>,
}

/// A name that cannot exist does not exist.
fn channel(name: &str) -> Answer<ChannelName> {
    Ok(ChannelName::parse(name).map_err(|_| Error::not_found("channel", name))?)
}

/// All channels.
#[utoipa::path(get, path = "/notifications/channels", tag = "notifications", responses((status = 200, body = [ChannelRow]), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn list(State(site): State<Site>, Extension(actor): Extension<Actor>) -> Answer<Json<Vec<ChannelRow>>> {
    let channels = site.console.ask(&actor, ListChannels {}).await?;
    Ok(Json(channels.into_iter().map(Into::into).collect()))
}

/// Add a channel. Sends nothing yet.
#[utoipa::path(post, path = "/notifications/channels", tag = "notifications", request_body = NewChannel, responses((status = 201, body = ChannelAdded, headers(("Location" = String))), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn add(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Body(new): Body<NewChannel>,
) -> Answer<impl IntoResponse> {
    let name = ChannelName::parse(&new.name)?;
    let terms = new.terms()?;
    let (destination, made) = new.destination()?;
    site.console.perform(&actor, AddChannel { name: name.clone(), destination, terms }).await?;
    let location = format!("/api/v1/notifications/channels/{name}");
    Ok((
        StatusCode::CREATED,
        [(header::LOCATION, location)],
        Json(ChannelAdded { name: name.to_string(), secret: made }),
    ))
}

/// Change what a channel is given, and when.
#[utoipa::path(patch, path = "/notifications/channels/{name}", tag = "notifications", params(("name" = String, Path, description = "Of the channel")), request_body = Changes, responses((status = 204), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn change(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    Body(changes): Body<Changes>,
) -> Answer<StatusCode> {
    let events = changes.events.as_deref().map(events).transpose()?;
    let quiet = changes.quiet.map(|q| q.map(QuietHours::parsed).transpose()).transpose()?;
    site.console
        .perform(
            &actor,
            ChangeChannel { name: channel(&name)?, destination: None, events, paused: changes.paused, quiet },
        )
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Remove a channel and its delivery log.
#[utoipa::path(delete, path = "/notifications/channels/{name}", tag = "notifications", params(("name" = String, Path, description = "Of the channel")), responses((status = 204), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn remove(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
) -> Answer<StatusCode> {
    site.console.perform(&actor, RemoveChannel { name: channel(&name)? }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Send a test now. 503 says in words what failed.
#[utoipa::path(post, path = "/notifications/channels/{name}/test", tag = "notifications", params(("name" = String, Path, description = "Of the channel")), responses((status = 204, description = "It arrived"), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn test(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
) -> Answer<StatusCode> {
    site.console.perform(&actor, TestChannel { name: channel(&name)? }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The delivery log, newest first. `X-Total-Count` counts all; `Link` leads to the pages before and after.
#[utoipa::path(get, path = "/notifications/deliveries", tag = "notifications", params(("channel" = Option<String>, Query, description = "Of this channel alone"), ("page" = Option<u32>, Query, description = "From 1", minimum = 1)), responses((status = 200, body = [DeliveryRow], headers(("X-Total-Count" = u64), ("Link" = String))), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn deliveries(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    RawQuery(query): RawQuery,
) -> Answer<impl IntoResponse> {
    let query = query.as_deref();
    let of = parameter(query, "channel").map(channel).transpose()?;
    let mut path = "/api/v1/notifications/deliveries?".to_owned();
    if let Some(name) = &of {
        path += &format!("channel={name}&");
    }
    let found =
        site.console.ask(&actor, ListDeliveries { recipient: of.map(Recipient::Channel), page: page(query)? }).await?;
    Ok((links(&path, &found), Json(found.items.into_iter().map(DeliveryRow::from).collect::<Vec<_>>())))
}

/// The alarms of a deployment: what is set, and what is not over.
#[utoipa::path(get, path = "/deployments/{name}/alarm", tag = "notifications", params(("name" = String, Path, description = "Of the deployment")), responses((status = 200, body = AlarmDetail), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn alarm(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
) -> Answer<Json<AlarmDetail>> {
    let alarms = site.console.ask(&actor, GetAlarms { deployment: deployment(&name)? }).await?;
    Ok(Json(alarms.into()))
}

/// Set the alarms of a deployment.
#[utoipa::path(patch, path = "/deployments/{name}/alarm", tag = "notifications", params(("name" = String, Path, description = "Of the deployment")), request_body = Alarm, responses((status = 200, body = AlarmDetail), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn set_alarm(
    site: State<Site>,
    actor: Extension<Actor>,
    name: Path<String>,
    Body(alarm): Body<Alarm>,
) -> Answer<Json<AlarmDetail>> {
    let ping = match alarm.ping_url {
        None => NewPing::Keep,
        Some(None) => NewPing::Remove,
        Some(Some(url)) => NewPing::Set(WebAddress::parse("ping_url", &url)?),
    };
    let allowance = alarm.allowance_hours.map(Allowance::hours).transpose()?;
    let repeat = alarm.repeat_hours.map(Repeat::hours).transpose()?;
    site.console.perform(&actor, ChangeAlarms { deployment: deployment(&name)?, allowance, repeat, ping }).await?;
    self::alarm(site, actor, name).await
}
