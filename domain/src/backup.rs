//! A backup: a recovery bundle of dumps, configuration and a manifest, read back before it counts.

mod archive;
mod kind;
mod manifest;
mod origin;
mod proof;
pub mod views;

pub use archive::{Archive, archive_kind};
pub use kind::{Cloning, Kind, choose};
pub use manifest::{EnvVar, LARGEST, Manifest, Part, Plugin, UPLOADED_DUMP};
pub use origin::Origin;
pub use proof::{Proof, differences, other_transactions};

use crate::Invalid;
use crate::database::DatabaseName;
use crate::deployment::DeploymentName;
use crate::text::{Tone, parsed_when_read};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Id of a backup, also its directory's name: letters, digits, dots, dashes, underscores; begins with a letter or
/// digit; made by the console.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct BackupId(String);

parsed_when_read!(BackupId);

impl BackupId {
    /// 1 to 128 letters, digits, dashes, dots and underscores, beginning with a letter or digit.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let good = (1..=128).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
            && text.as_bytes()[0].is_ascii_alphanumeric();
        if good {
            Ok(Self(text.into()))
        } else {
            Err(Invalid::new("backup", "There is no backup with this id. Take the id from the list of backups."))
        }
    }

    /// `sales-20261123T084500Z-17`: sorts by time, unique by the job's number.
    pub fn new(deployment: &DeploymentName, at: DateTime<Utc>, job: i64) -> Self {
        Self(format!("{deployment}-{}-{job}", at.format("%Y%m%dT%H%M%SZ")))
    }

    /// The stored and serialised form.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it has the form [`BackupId::new`] gives for this deployment: so it may be a bundle of this console's.
    pub fn is_made_for(&self, deployment: &DeploymentName) -> bool {
        let rest = self.0.strip_prefix(deployment.as_str()).and_then(|rest| rest.strip_prefix('-'));
        let Some((stamp, job)) = rest.and_then(|rest| rest.split_once('-')) else { return false };
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let dated = stamp.len() == 16
            && stamp.is_ascii()
            && digits(&stamp[..8])
            && &stamp[8..9] == "T"
            && digits(&stamp[9..15])
            && stamp.ends_with('Z');
        dated && digits(job)
    }
}

impl std::fmt::Display for BackupId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// `Verified` only after every part was read back from a target and its sha256 matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Verified,
    /// Found on a target by a scan: its parts are there in the right sizes, their sha256 was not compared yet.
    Unread,
    /// A later reading found a part missing or changed.
    Broken,
}

impl State {
    /// As people read it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Verified => "Verified",
            Self::Unread => "Not read yet",
            Self::Broken => "Broken",
        }
    }

    /// Its tone on pages.
    pub const fn tone(self) -> Tone {
        match self {
            Self::Verified => Tone::Good,
            Self::Unread => Tone::Warn,
            Self::Broken => Tone::Bad,
        }
    }
}

/// What lists and the overview need of a backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Brief {
    pub id: BackupId,
    pub made_at: DateTime<Utc>,
    pub state: State,
    /// Of all parts.
    pub bytes: u64,
    /// In all user databases.
    pub nodes: Option<u64>,
    /// Identity of what it is of; empty when it is not known.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub store: String,
}

/// Which backups a list shows; the default is all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Search {
    /// In the reason, who made it, the schedule, the version or the id.
    pub text: String,
    /// Made on this day (UTC).
    pub day: Option<chrono::NaiveDate>,
}

impl Search {
    /// An invalid date is ignored.
    pub fn parse(text: &str, day: &str) -> Self {
        Self { text: text.trim().chars().filter(|c| !c.is_control()).take(100).collect(), day: day.trim().parse().ok() }
    }
}

/// A label or relationship type with its count.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Count {
    pub name: String,
    pub count: u64,
}

/// What is in one database. Exact only where nobody else could write: see [`Proof`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    pub database: DatabaseName,
    pub store_format: Option<String>,
    /// Identity of the store: it survives dump and load, and an emptied database has another one (measured, 5.26).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub store_id: Option<String>,
    pub nodes: u64,
    pub relationships: u64,
    /// Sorted by name; none with a count of zero.
    pub labels: Vec<Count>,
    pub types: Vec<Count>,
    /// The statements that make them again.
    pub indexes: Vec<String>,
    pub constraints: Vec<String>,
}

/// What the last verified backup tells of the next one, for the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupEstimate {
    pub backup: BackupId,
    pub made_at: DateTime<Utc>,
    /// The words of [`Kind`].
    pub kind: String,
    pub how: String,
    /// How long Neo4j did not answer.
    pub offline_ms: u64,
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::container::ImageId;
    use crate::image::{Edition, Version};

    pub(crate) fn manifest() -> Manifest {
        let part = |name: &str| Part { name: name.into(), bytes: 10, sha256: "0".repeat(64) };
        Manifest {
            format: 1,
            id: BackupId::parse("sales-1").expect("id"),
            deployment: DeploymentName::parse("sales").expect("name"),
            made_at: DateTime::UNIX_EPOCH,
            kind: "dump".into(),
            how: String::new(),
            by: "ana".into(),
            reason: String::new(),
            console_version: "0".into(),
            version: Version::new(5, 26, 5),
            edition: Edition::Community,
            image: "neo4j:5.26.5-community".into(),
            image_id: ImageId("sha256:aa".into()),
            image_digest: None,
            container: "sales".into(),
            env: vec![],
            plugins: vec![],
            databases: vec![Content { nodes: 3, relationships: 2, ..Content::default() }],
            counted_at: None,
            left_out: vec![],
            neo4j_users: vec!["neo4j".into()],
            parts: vec![part("dumps/neo4j.dump"), part("dumps/system.dump")],
            offline_ms: 0,
            duration_ms: 0,
        }
    }

    #[test]
    fn ids_sort_by_time_and_cannot_leave_their_directory() {
        let name = DeploymentName::parse("sales").expect("name");
        assert_eq!(BackupId::new(&name, DateTime::UNIX_EPOCH, 17).as_str(), "sales-19700101T000000Z-17");
        assert!(BackupId::new(&name, DateTime::UNIX_EPOCH, 17).is_made_for(&name));
        for other in [
            "sales",
            "sales-1",
            "sales-eu-19700101T000000Z-17",
            "sales-19700101T000000Z-",
            "sales-19700101T00000éZ-1",
            "mine",
        ] {
            assert!(BackupId::parse(other).map_or(true, |id| !id.is_made_for(&name)), "{other}");
        }
        for bad in ["", "../x", "a/b", ".hidden", "-", "--all", "_x", "a b"] {
            assert!(BackupId::parse(bad).is_err(), "{bad}");
        }
    }
}
