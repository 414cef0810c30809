//! Channels: where alarms go, which of them, and when not. What is sent to each kind is in [`payload`].

pub mod delivery;
pub mod destination;
pub mod mail;
pub mod payload;
pub mod web_address;

pub use delivery::{Delivery, DeliveryState, Recipient};
pub use destination::{Destination, Secret};
pub use mail::{Address, MailServer, Security, SignIn};
pub use web_address::WebAddress;

use crate::Invalid;
use crate::alarm::event::{Event, Kind as EventKind};
use crate::alarm::policy::Quiet;
use crate::deployment::DeploymentName;
use crate::finding::Finding;
use crate::text::parsed_when_read;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// Name of a channel: as a deployment's, since it stands in addresses too.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct ChannelName(String);

parsed_when_read!(ChannelName);

impl ChannelName {
    /// By the rules of a [`DeploymentName`].
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        DeploymentName::parse(text).map(|name| Self(name.as_str().into()))
    }

    /// The stored and serialised form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ChannelName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The kinds of channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    Email,
    Webhook,
    Slack,
    Mattermost,
    Discord,
}

impl Kind {
    /// All of them.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The stored and serialised form.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// From the word that is stored and sent; any other is refused.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        text.parse().map_err(|_| Invalid::new("kind", "Choose email, webhook, slack, mattermost or discord."))
    }
}

/// What a channel is given, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    pub events: Vec<EventKind>,
    pub paused: bool,
    pub quiet: Option<Quiet>,
}

impl Terms {
    /// A message that something is over goes to whoever wants to hear of the end and of what it ends.
    pub fn want(&self, event: &Event) -> bool {
        let wanted = |kind: EventKind| kind == EventKind::Test || self.events.contains(&kind);
        !self.paused && wanted(event.kind) && event.of.is_none_or(wanted)
    }
}

/// `overdue`, `backup_failed` …; none chosen means all of them.
pub fn events(words: &[String]) -> Result<Vec<EventKind>, Invalid> {
    let known = |word: &String| EventKind::parse(word.trim()).filter(|k| EventKind::WANTED.contains(k));
    let wrong = |word: &str| {
        let all: Vec<_> = EventKind::WANTED.iter().map(|k| k.as_str()).collect();
        Invalid::new(
            "events",
            format!(
                "There is no event {}. Choose from: {}.",
                word.chars().take(40).collect::<String>(),
                all.join(", ")
            ),
        )
    };
    let mut chosen = words.iter().map(|word| known(word).ok_or_else(|| wrong(word))).collect::<Result<Vec<_>, _>>()?;
    chosen.sort_unstable();
    chosen.dedup();
    Ok(if chosen.is_empty() { EventKind::WANTED.to_vec() } else { chosen })
}

/// A channel as people see it: no secret in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    pub name: ChannelName,
    pub kind: Kind,
    /// Enough of the destination to know it by.
    pub destination: String,
    #[serde(flatten)]
    pub terms: Terms,
    pub last: Option<Delivery>,
    pub findings: Vec<Finding>,
}

#[cfg(test)]
mod tests;
