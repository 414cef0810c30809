//! A deployment: one Neo4j server the console looks after, what was last seen of it, and the state that follows.

use crate::container::{Container, Owner};
use crate::host::HostId;
use crate::image::{Edition, Version};
use crate::memory::Memory;
use crate::text::parsed_when_read;
use crate::{Invalid, Problem, database};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// Name of a deployment in the console: 1–63 characters, starts with a letter or digit, then letters, digits, `.`, `_`,
/// `-`. It stands in addresses, names of helper containers and directories, hence the narrow alphabet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct DeploymentName(String);

parsed_when_read!(DeploymentName);

impl DeploymentName {
    /// Characters of a name, at most.
    pub const MAX: usize = 63;

    /// White space at the ends is cut off. `new` and `adopt` are refused: they are addresses of pages.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let good = !text.is_empty()
            && text.len() <= Self::MAX
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'));
        if ["new", "adopt"].contains(&text) {
            return Err(Invalid::new("name", format!("The name {text} is reserved for a page. Choose another one.")));
        }
        if !good {
            return Err(Invalid::new(
                "name",
                "Use 1 to 63 letters, digits, dots, dashes or underscores, beginning with a letter or digit.",
            ));
        }
        Ok(Self(text.into()))
    }

    /// The stored and serialised form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for DeploymentName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether Neo4j itself answers; not "the container is up".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case", tag = "health", content = "why")]
#[strum(serialize_all = "snake_case")]
pub enum Health {
    /// Signed in over Bolt and a query answered.
    Answers,
    /// The container started less than two minutes ago and Bolt does not answer yet.
    Starting,
    Silent(String),
    /// Neo4j refused the console's credentials; the console does not try again by itself (lock-out,
    /// docs/neo4j-facts.md: Lock-out).
    CredentialsRefused,
    PasswordChangeRequired,
    NotRunning,
    /// The engine starts it again and again, and Neo4j never answers. Its argument is the last line of its log.
    KeepsRestarting(String),
    Unknown(String),
}

impl Health {
    /// One word for the API.
    pub fn as_str(&self) -> &'static str {
        self.into()
    }

    /// Whether the next look may find that it answers, without anybody doing anything.
    pub fn may_answer_soon(&self) -> bool {
        match self {
            Self::Answers | Self::Starting | Self::Silent(_) | Self::Unknown(_) => true,
            Self::CredentialsRefused | Self::PasswordChangeRequired | Self::NotRunning | Self::KeepsRestarting(_) => {
                false
            }
        }
    }
}

/// One row of `SHOW DATABASES`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatabaseFacts {
    pub name: String,
    /// `online`, `offline`, …
    pub status: String,
    /// `record-aligned-1.1`, when the server tells.
    pub store: Option<String>,
    /// Identity of the store, when the server tells.
    #[serde(default)]
    pub id: Option<String>,
    pub default: bool,
    /// What Neo4j says of one that it was asked to open and could not. It does not try again before its next start.
    #[serde(default)]
    pub failure: Option<String>,
}

/// Free and used room where a deployment's data lies, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    /// Size of all under `/data`.
    pub used: u64,
    /// Free on that file system.
    pub free: u64,
    pub total: u64,
    /// Where Docker keeps volumes of its own: dumps and copies lie there. `None` when it was not measured.
    #[serde(default)]
    pub docker: Option<Disk>,
}

/// A disk of the Docker host, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    pub free: u64,
    pub total: u64,
}

impl Room {
    /// Free where dumps and copies lie.
    pub fn free_in_docker(&self) -> u64 {
        self.docker.map_or(self.free, |disk| disk.free)
    }

    /// Whether data and copies may share a disk. Two disks of one size count as one: that asks for more room, never for
    /// less.
    pub fn shares_its_disk(&self) -> bool {
        self.docker.is_none_or(|disk| disk.total == self.total)
    }
}

/// What Neo4j says of itself over Bolt.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerFacts {
    pub version: Option<Version>,
    pub edition: Option<Edition>,
    pub databases: Vec<DatabaseFacts>,
    /// In the default database.
    pub nodes: Option<u64>,
    pub relationships: Option<u64>,
    pub memory: Memory,
}

impl ServerFacts {
    /// Identity of all user stores together, as of `Manifest::store`; empty when one is not known or not online.
    pub fn store(&self) -> String {
        let user = self.databases.iter().filter(|d| d.name != "system");
        database::identity(user.map(|d| d.id.as_deref().filter(|_| d.status == "online")))
    }
}

/// Everything last seen of one deployment. `container` is `None` when the engine has none of that name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    pub at: DateTime<Utc>,
    pub container: Option<Container>,
    pub health: Health,
    /// From the last time Neo4j answered; older than `at` when it is down.
    pub server: ServerFacts,
    pub server_at: Option<DateTime<Utc>>,
    pub room: Option<Room>,
    pub room_at: Option<DateTime<Utc>>,
    /// Docker did not answer this time: the rest is what was known before.
    pub problem: Option<Problem>,
}

/// A container that was found and not adopted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscoveredContainer {
    pub host: HostId,
    pub container: String,
    pub image: String,
    pub running: bool,
    pub owner: Owner,
    /// A free name to propose for the deployment.
    pub proposed_name: String,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn seen(container: Option<Container>, health: Health) -> Observation {
        Observation {
            at: DateTime::UNIX_EPOCH,
            container,
            health,
            server: ServerFacts::default(),
            server_at: None,
            room: None,
            room_at: None,
            problem: None,
        }
    }

    #[test]
    fn names_that_could_break_an_address_or_a_path_are_refused() {
        for good in ["sales-prod", "a", "7graph", "Shop_1.eu"] {
            assert!(DeploymentName::parse(good).is_ok(), "{good}");
        }
        let long = "x".repeat(64);
        for bad in ["", "-x", "../etc", "a b", "a'b", "<script>", "🚀", "a/b", "new", "adopt", long.as_str()] {
            let why = DeploymentName::parse(bad).expect_err(bad).why;
            assert_eq!(why.contains("is reserved"), ["new", "adopt"].contains(&bad), "{bad}: {why}");
        }
    }
}
