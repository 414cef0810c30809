//! Channels: where alarms go, which of them, and when not. What is sent to each kind is in [`payload`].

pub mod destination;
pub mod payload;

pub use destination::{Address, Destination, MailServer, Security, SignIn, WebAddress};

use crate::Invalid;
use crate::alarm::event::{Event, Kind as EventKind};
use crate::alarm::telling::Quiet;
use crate::deployment::DeploymentName;
use crate::finding::Finding;
use crate::text::{Tone, ago, plural};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Name of a channel: as a deployment's, since it stands in addresses too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ChannelName(String);

impl ChannelName {
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        DeploymentName::parse(text).map(|name| Self(name.as_str().into()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ChannelName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Email,
    Webhook,
    Slack,
    Mattermost,
    Discord,
}

impl Kind {
    pub const ALL: [Self; 5] = [Self::Email, Self::Webhook, Self::Slack, Self::Mattermost, Self::Discord];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "email",
            Self::Webhook => "webhook",
            Self::Slack => "slack",
            Self::Mattermost => "mattermost",
            Self::Discord => "discord",
        }
    }

    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let found = Self::ALL.into_iter().find(|k| k.as_str() == text);
        found.ok_or_else(|| Invalid::new("kind", "Choose email, webhook, slack, mattermost or discord."))
    }
}

/// A channel in use. Not shown as it is: its destination holds secrets, see [`View`].
#[derive(Clone, PartialEq, Eq)]
pub struct Channel {
    pub name: ChannelName,
    pub destination: Destination,
    pub events: Vec<EventKind>,
    pub paused: bool,
    pub quiet: Option<Quiet>,
}

impl Channel {
    /// A message that something is over goes to whoever wants to hear of the end and of what it ends.
    pub fn wants(&self, event: &Event) -> bool {
        let wanted = |kind: EventKind| kind == EventKind::Test || self.events.contains(&kind);
        !self.paused && wanted(event.kind) && event.of.is_none_or(wanted)
    }
}

/// `overdue`, `backup_failed` …; none chosen means all of them.
pub fn events(words: &[String]) -> Result<Vec<EventKind>, Invalid> {
    let known = |word: &String| EventKind::parse(word.trim()).filter(|k| EventKind::WANTED.contains(k));
    let wrong = |word: &str| {
        let all: Vec<_> = EventKind::WANTED.iter().map(|k| k.as_str()).collect();
        Invalid::new("events", format!("There is no event {}. Choose from: {}.", word.chars().take(40).collect::<String>(), all.join(", ")))
    };
    let mut chosen = words.iter().map(|word| known(word).ok_or_else(|| wrong(word))).collect::<Result<Vec<_>, _>>()?;
    chosen.sort_unstable();
    chosen.dedup();
    Ok(if chosen.is_empty() { EventKind::WANTED.to_vec() } else { chosen })
}

/// What became of one message to one channel, or of one dead-man ping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// Not sent yet, or to be tried again.
    Waiting,
    Delivered,
    /// Given up after the last try.
    Failed,
}

impl DeliveryState {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Self::Waiting, Self::Delivered, Self::Failed].into_iter().find(|s| s.as_str() == text)
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

/// A channel as people see it: no secret in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    pub name: ChannelName,
    pub kind: Kind,
    /// Enough of the destination to know it by.
    pub destination: String,
    pub events: Vec<EventKind>,
    pub paused: bool,
    pub quiet: Option<Quiet>,
    pub last: Option<Delivery>,
    pub findings: Vec<Finding>,
}

/// What is wrong with a recipient, from its deliveries, newest first.
pub fn findings(log: &[Delivery], now: DateTime<Utc>) -> Vec<Finding> {
    let failing: Vec<_> = log.iter().filter(|d| d.attempts > 0).take_while(|d| d.state != DeliveryState::Delivered).collect();
    let (Some(newest), Some(oldest)) = (failing.first(), failing.last()) else { return Vec::new() };
    let what = format!("{} did not arrive, the first {}.", plural(failing.len() as u64, "message", "messages"), ago(oldest.at, now));
    let why = format!("{} Correct the channel, then send a test.", newest.problem.as_deref().unwrap_or_default());
    vec![Finding { code: "channel_failing".into(), tone: Tone::Bad, what, why: why.trim().into() }]
}

#[cfg(test)]
mod tests;
