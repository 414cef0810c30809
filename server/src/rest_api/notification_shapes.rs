//! What the API sends about notifications. No secret has a member here, but one made for a new channel, once.

use super::shapes::Finding;
use chrono::{DateTime, Utc};
use domain::alarm;
use domain::alarm::policy::{Open, Quiet};
use domain::channel::{Delivery, Recipient, View};
use serde::Serialize;
use utoipa::ToSchema;

/// The channel that was added.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelAdded {
    pub name: String,
    /// Of a `webhook` that came without one. It is not shown again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret: Option<String>,
}

/// A channel with its terms and its last delivery.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChannelRow {
    name: String,
    /// `email`, `webhook`, `slack`, `mattermost` or `discord`.
    kind: String,
    /// Enough to know it by, without its secret part.
    destination: String,
    events: Vec<String>,
    paused: bool,
    quiet: Option<QuietRow>,
    last_delivery: Option<DeliveryRow>,
    /// What is wrong with it.
    findings: Vec<Finding>,
}

/// The hours of the day in which only what is critical is sent, like `22:00`, in this time zone.
#[derive(Debug, Serialize, ToSchema)]
pub struct QuietRow {
    from: String,
    to: String,
    time_zone: String,
}

/// One message to one channel, or one dead-man ping.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryRow {
    id: i64,
    /// Absent for a ping.
    channel: Option<String>,
    /// `backup_failed`, `overdue` …; `test` for a test, `backup_verified` for a ping.
    event: String,
    /// `info`, `warning` or `critical`.
    level: String,
    title: String,
    deployment: Option<String>,
    job: Option<i64>,
    at: DateTime<Utc>,
    attempts: u32,
    /// `waiting`, `delivered` or `failed`.
    state: String,
    /// Why the last try failed.
    problem: Option<String>,
    /// Of the next try.
    next_at: Option<DateTime<Utc>>,
}

/// What is set for the alarms of a deployment, and which are open.
#[derive(Debug, Serialize, ToSchema)]
pub struct AlarmDetail {
    deployment: String,
    /// `ok`, `due_soon`, `overdue` or `never`.
    level: String,
    overdue: bool,
    backup_age_seconds: Option<u64>,
    /// When the last verified backup becomes, or became, too old.
    due_at: Option<DateTime<Utc>>,
    allowance_hours: u32,
    repeat_hours: u32,
    /// Where the dead-man ping goes, without its secret part.
    ping: Option<String>,
    /// What is wrong with the ping.
    findings: Vec<Finding>,
    /// What was found and is not over.
    open: Vec<OpenAlarm>,
}

/// An alarm that is not over.
#[derive(Debug, Serialize, ToSchema)]
pub struct OpenAlarm {
    event: String,
    since: DateTime<Utc>,
    /// When a channel was last told.
    told_at: Option<DateTime<Utc>>,
}

impl From<View> for ChannelRow {
    fn from(view: View) -> Self {
        let quiet = |q: Quiet| QuietRow { from: q.from.to_string(), to: q.to.to_string(), time_zone: q.time_zone };
        Self {
            name: view.name.to_string(),
            kind: view.kind.as_str().into(),
            destination: view.destination,
            events: view.terms.events.iter().map(|e| e.as_str().into()).collect(),
            paused: view.terms.paused,
            quiet: view.terms.quiet.map(quiet),
            last_delivery: view.last.map(Into::into),
            findings: view.findings.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<Delivery> for DeliveryRow {
    fn from(d: Delivery) -> Self {
        Self {
            id: d.id,
            channel: match d.recipient {
                Recipient::Channel(name) => Some(name.to_string()),
                Recipient::Ping(_) => None,
            },
            event: d.event.kind.as_str().into(),
            level: d.event.level.as_str().into(),
            title: d.event.title,
            deployment: d.event.deployment.map(|name| name.to_string()),
            job: d.event.job.map(|job| job.0),
            at: d.at,
            attempts: d.attempts,
            state: d.state.as_str().into(),
            problem: d.problem,
            next_at: d.next_at,
        }
    }
}

impl From<alarm::AlarmOverview> for AlarmDetail {
    fn from(alarms: alarm::AlarmOverview) -> Self {
        let open =
            |o: Open| OpenAlarm { event: o.kind.as_str().into(), since: o.since, told_at: o.told.map(|(at, _)| at) };
        Self {
            deployment: alarms.deployment.to_string(),
            level: alarms.freshness.age.as_str().into(),
            overdue: alarms.freshness.is_overdue(),
            backup_age_seconds: alarms.freshness.age_seconds(),
            due_at: alarms.freshness.due_at(),
            allowance_hours: alarms.freshness.allowance.as_hours(),
            repeat_hours: alarms.repeat.as_hours(),
            ping: alarms.ping,
            findings: alarms.findings.into_iter().map(Into::into).collect(),
            open: alarms.open.into_iter().map(open).collect(),
        }
    }
}
