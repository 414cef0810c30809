//! Deliveries: one message to one recipient, with its tries. The log that says whether alarms arrive.

use super::ChannelName;
use crate::alarm::event::Event;
use crate::deployment::DeploymentName;
use crate::finding::Finding;
use crate::text::{Tone, ago, plural};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

/// What became of one message to one channel, or of one dead-man ping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum DeliveryState {
    /// Not sent yet, or to be tried again.
    Waiting,
    Delivered,
    /// Given up after the last try.
    Failed,
}

impl DeliveryState {
    /// The stored and serialised form.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The one with this name; none when there is no such.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// Tries of one message.
pub const ATTEMPTS: u32 = 5;

/// How long to wait after this many failed tries: 1, 5, 30, 30 minutes; none after the last.
pub fn backoff(attempts: u32) -> Option<TimeDelta> {
    let minutes = match attempts {
        ATTEMPTS.. => return None,
        0 | 1 => 1,
        2 => 5,
        _ => 30,
    };
    Some(TimeDelta::minutes(minutes))
}

/// Who a message goes to: a channel, or the address called after each verified backup of a deployment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Recipient {
    Channel(ChannelName),
    Ping(DeploymentName),
}

impl std::fmt::Display for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Channel(name) => write!(f, "channel:{name}"),
            Self::Ping(name) => write!(f, "ping:{name}"),
        }
    }
}

impl Recipient {
    /// As it is displayed.
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_once(':')? {
            ("channel", name) => ChannelName::parse(name).ok().map(Self::Channel),
            ("ping", name) => DeploymentName::parse(name).ok().map(Self::Ping),
            _ => None,
        }
    }
}

/// One row of the delivery log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    pub id: i64,
    pub recipient: Recipient,
    pub event: Event,
    /// When it was to be told.
    pub at: DateTime<Utc>,
    pub attempts: u32,
    pub state: DeliveryState,
    /// When the last try ended.
    pub tried_at: Option<DateTime<Utc>>,
    /// Why the last try failed.
    pub problem: Option<String>,
    /// Of a waiting one that was tried.
    pub next_at: Option<DateTime<Utc>>,
}

/// What is wrong with a recipient, from its deliveries, newest first.
pub fn findings(log: &[Delivery], now: DateTime<Utc>) -> Vec<Finding> {
    let failing: Vec<_> =
        log.iter().filter(|d| d.attempts > 0).take_while(|d| d.state != DeliveryState::Delivered).collect();
    let (Some(newest), Some(oldest)) = (failing.first(), failing.last()) else { return Vec::new() };
    let what = format!(
        "{} did not arrive, the first {}.",
        plural(failing.len() as u64, "message", "messages"),
        ago(oldest.at, now)
    );
    let why = format!("{} Correct the channel, then send a test.", newest.problem.as_deref().unwrap_or_default());
    vec![Finding { code: "channel_failing".into(), tone: Tone::Bad, what, why: why.trim().into() }]
}
