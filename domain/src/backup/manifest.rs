//! `manifest.json`: what a bundle is of, and what files it has.

use super::{BackupId, Content};
use crate::container::ImageId;
use crate::database::{self, DatabaseName};
use crate::deployment::DeploymentName;
use crate::image::{Edition, Version};
use chrono::{DateTime, TimeDelta, Utc};
use serde::de::IntoDeserializer;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A file of the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unread")]
pub struct Part {
    /// Path inside the bundle: `dumps/neo4j.dump`.
    pub name: String,
    pub bytes: u64,
    /// Lower-case hexadecimal.
    pub sha256: String,
}

/// A part as somebody wrote it.
#[derive(Deserialize)]
struct Unread {
    name: String,
    bytes: u64,
    sha256: String,
}

/// Bytes. Upper bound of one size, so that sums cannot overflow a `u64`.
pub const LARGEST: u64 = 16 << 40;

impl TryFrom<Unread> for Part {
    type Error = String;

    /// Inside the bundle, at most one directory down.
    fn try_from(part: Unread) -> Result<Self, String> {
        let Unread { name, bytes, sha256 } = part;
        let plain = |segment: &str| {
            segment.starts_with(|c: char| c.is_ascii_alphanumeric())
                && segment.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
        };
        if name.len() > 200 || name.split('/').count() > 2 || !name.split('/').all(plain) {
            return Err(format!(
                "it names a part that can be none: {}",
                name.escape_debug().take(100).collect::<String>()
            ));
        }
        if bytes > LARGEST {
            return Err(format!("{name} cannot have {bytes} bytes"));
        }
        if sha256.len() != 64 || !sha256.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b)) {
            return Err(format!("{name} has no sha256"));
        }
        Ok(Self { name, bytes, sha256 })
    }
}

/// Words that the guide and the pages print: one line, of a length somebody may have typed.
fn line<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    bounded(from, char::is_control)
}

/// As [`line`].
fn image_id<'de, D: serde::Deserializer<'de>>(from: D) -> Result<ImageId, D::Error> {
    line(from).map(ImageId)
}

/// As [`line`], of something that may be absent.
fn line_if_any<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Option::<String>::deserialize(from)?.map(|text| line(text.into_deserializer())).transpose()
}

/// As [`line`], each of them.
fn each_a_line<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Vec<String>, D::Error> {
    Vec::<String>::deserialize(from)?.into_iter().map(|text| line(text.into_deserializer())).collect()
}

/// As [`line`], of several lines ([`crate::text::Reason`]).
fn lines<'de, D: serde::Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    bounded(from, |c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

fn bounded<'de, D: serde::Deserializer<'de>>(from: D, odd: impl Fn(char) -> bool) -> Result<String, D::Error> {
    let text = String::deserialize(from)?;
    if text.chars().count() > 2_000 || text.chars().any(odd) {
        return Err(serde::de::Error::custom("a text in it is too long or has control characters"));
    }
    Ok(text)
}

/// A plugin file of the server, by name and digest; the file itself is not in the bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plugin {
    #[serde(deserialize_with = "line")]
    pub file: String,
    #[serde(deserialize_with = "line")]
    pub sha256: String,
}

/// A variable of the container. A secret's value is sealed with the console's key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvVar {
    #[serde(deserialize_with = "line")]
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sealed: Option<String>,
}

/// `manifest.json`: all that is needed to judge and restore the bundle, with the console or without.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Of this file; 1.
    pub format: u32,
    pub id: BackupId,
    pub deployment: DeploymentName,
    pub made_at: DateTime<Utc>,
    /// What was made: the words of [`Kind`].
    #[serde(deserialize_with = "line")]
    pub kind: String,
    /// Which way it went and why, in one sentence.
    #[serde(default, deserialize_with = "line", skip_serializing_if = "String::is_empty")]
    pub how: String,
    #[serde(deserialize_with = "line")]
    pub by: String,
    #[serde(deserialize_with = "lines")]
    pub reason: String,
    #[serde(deserialize_with = "line")]
    pub console_version: String,
    pub version: Version,
    pub edition: Edition,
    #[serde(deserialize_with = "line")]
    pub image: String,
    #[serde(deserialize_with = "image_id")]
    pub image_id: ImageId,
    #[serde(default, deserialize_with = "line_if_any")]
    pub image_digest: Option<String>,
    #[serde(deserialize_with = "line")]
    pub container: String,
    pub env: Vec<EnvVar>,
    pub plugins: Vec<Plugin>,
    /// User databases, without `system`, as they were when they were counted: clients may have written since.
    pub databases: Vec<Content>,
    /// When that was, before the stop; of a backup by an older console it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counted_at: Option<DateTime<Utc>>,
    /// User databases that were not online, so they are not in the backup.
    #[serde(default, deserialize_with = "each_a_line", skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// Names of the Neo4j users in `system`.
    pub neo4j_users: Vec<String>,
    pub parts: Vec<Part>,
    pub offline_ms: u64,
    pub duration_ms: u64,
}

/// A dump for each database, and some configuration: far more than anybody has.
const MOST_PARTS: usize = 10_000;

/// No backup of this console can be older.
const FIRST: DateTime<Utc> = DateTime::from_timestamp(1_420_070_400, 0).expect("2015-01-01");
/// How far ahead the clock of another console's host may be.
const CLOCKS_DIFFER: TimeDelta = TimeDelta::hours(1);

/// What the manifest of a bare dump that somebody uploaded says of its kind.
pub const UPLOADED_DUMP: &str = "uploaded_dump";

impl Manifest {
    /// The format of `manifest.json` that this console writes and reads.
    pub const FORMAT: u32 = 1;

    /// Whether it was made from a bare dump that somebody uploaded.
    pub fn is_uploaded_dump(&self) -> bool {
        self.kind == UPLOADED_DUMP
    }

    /// Identity of all its stores together; empty when one is not known.
    pub fn store(&self) -> String {
        database::identity(self.databases.iter().map(|d| d.store_id.as_deref()))
    }

    /// Whether the Neo4j users and their passwords are in it.
    pub fn has_users(&self) -> bool {
        self.dump_of(&DatabaseName::system()).is_some()
    }

    /// Of all databases, as they were counted.
    pub fn nodes(&self) -> u64 {
        self.databases.iter().map(|d| d.nodes).sum()
    }

    /// Of all databases, as they were counted.
    pub fn relationships(&self) -> u64 {
        self.databases.iter().map(|d| d.relationships).sum()
    }

    /// Of all parts, before encryption.
    pub fn bytes(&self) -> u64 {
        self.parts.iter().map(|p| p.bytes).sum()
    }

    /// The dump of a database, where the bundle has one.
    pub fn dump_of(&self, database: &DatabaseName) -> Option<&Part> {
        let name = format!("dumps/{database}.dump");
        self.parts.iter().find(|p| p.name == name)
    }

    /// Of all dumps together.
    pub fn dump_bytes(&self) -> u64 {
        self.parts.iter().filter(|p| p.name.starts_with("dumps/")).map(|p| p.bytes).sum()
    }

    /// Fails on a time no backup can have been made at: its age, and everything computed from it, would be wrong.
    pub fn check_made_at(&self, now: DateTime<Utc>) -> Result<(), String> {
        if self.made_at < FIRST || self.made_at > now + CLOCKS_DIFFER {
            return Err(format!(
                "It says that it was made at {}, which cannot be.",
                self.made_at.format("%Y-%m-%d %H:%M")
            ));
        }
        Ok(())
    }

    /// Fails on a manifest that was edited into nonsense: a part named twice, so many that their sizes cannot be added,
    /// no dump of a database.
    pub fn check(&self) -> Result<(), String> {
        if self.format != Self::FORMAT {
            return Err(format!(
                "The manifest has format {}; this console reads format {}.",
                self.format,
                Self::FORMAT
            ));
        }
        let mut names = BTreeSet::new();
        if let Some(part) = self.parts.iter().find(|part| !names.insert(&part.name)) {
            return Err(format!("The manifest names {} twice.", part.name));
        }
        if self.parts.len() > MOST_PARTS {
            return Err(format!(
                "The manifest names {} parts; a backup has some dumps and configuration files.",
                self.parts.len()
            ));
        }
        let system = (!self.is_uploaded_dump()).then(DatabaseName::system);
        for database in self.databases.iter().map(|d| &d.database).chain(&system) {
            if self.dump_of(database).is_none() {
                return Err(format!("The bundle has no dump of the database {database}."));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::manifest;
    use super::*;
    use crate::database::tests::EVIL;

    #[test]
    fn a_manifest_must_have_all_its_dumps_inside_the_bundle() {
        assert_eq!(manifest().check(), Ok(()));
        let mut m = manifest();
        m.parts.pop();
        assert!(m.check().expect_err("no system").contains("system"));
        let mut m = manifest();
        m.parts.push(m.parts[0].clone());
        assert!(m.check().expect_err("twice").contains("twice"));
    }

    #[test]
    fn a_part_lies_inside_the_bundle_and_has_a_size_and_a_sum() {
        let read = |name: &str, bytes: u64, sha256: &str| {
            serde_json::from_value::<Part>(serde_json::json!({"name": name, "bytes": bytes, "sha256": sha256}))
        };
        let sum = "0f".repeat(32);
        for good in ["dumps/neo4j.dump", "conf/neo4j.conf", "RESTORE.md"] {
            assert!(read(good, 1, &sum).is_ok(), "{good}");
        }
        for evil in [
            "../../etc/passwd",
            "/etc/passwd",
            "dumps//x",
            "dumps/./x",
            "",
            "a/b/c",
            "dumps/.x",
            "dumps/x;/e id #.dump",
            "a\nb",
            "-x",
        ] {
            assert!(read(evil, 1, &sum).is_err(), "{evil}");
        }
        assert!(
            read("x", u64::MAX, &sum).is_err() && read("x", 1, "").is_err() && read("x", 1, &"0F".repeat(32)).is_err()
        );
    }

    #[test]
    fn every_string_of_a_manifest_that_becomes_part_of_a_command_or_path_is_parsed() {
        let good = serde_json::to_value(manifest()).expect("JSON");
        assert!(serde_json::from_value::<Manifest>(good.clone()).is_ok());
        let mut odd = Vec::new();
        for evil in ["x\n\u{7f}```sh", "x\u{1b}[2J"] {
            for field in [
                "id",
                "deployment",
                "by",
                "reason",
                "how",
                "kind",
                "image",
                "image_id",
                "image_digest",
                "container",
                "console_version",
            ] {
                odd.push((format!("/{field}"), evil));
            }
            odd.extend(["/left_out/0", "/plugins/0/file", "/env/0/name"].map(|place| (place.to_string(), evil)));
        }
        for evil in EVIL {
            odd.extend(
                ["/databases/0/database", "/id", "/deployment"]
                    .map(|place| (place.to_string(), evil))
                    .into_iter()
                    .filter(|(place, evil)| {
                        // A backup's id may be longer, and may begin with a dash.
                        place != "/id" || !(evil.starts_with('-') && !evil.contains('/') || evil.len() > 60)
                    }),
            );
        }
        for (place, evil) in odd {
            let mut bad = good.clone();
            match place.as_str() {
                "/how" => bad["how"] = "".into(),
                "/left_out/0" => bad["left_out"] = serde_json::json!([""]),
                "/plugins/0/file" => bad["plugins"] = serde_json::json!([{"file": "", "sha256": ""}]),
                "/env/0/name" => bad["env"] = serde_json::json!([{"name": ""}]),
                _ => {}
            }
            *bad.pointer_mut(&place).expect("a field") = evil.into();
            assert!(serde_json::from_value::<Manifest>(bad).is_err(), "{place} {evil:?}");
        }
    }

    #[test]
    fn no_backup_is_of_the_future_or_older_than_any_console() {
        let now: DateTime<Utc> = "2026-11-26T12:00:00Z".parse().expect("a time");
        let made =
            |at: &str| Manifest { made_at: at.parse().expect("a time"), ..manifest() }.check_made_at(now).is_ok();
        assert!(made("2026-11-26T12:59:00Z") && made("2015-01-01T00:00:00Z"));
        for never in ["2026-11-26T13:01:00Z", "9999-01-01T00:00:00Z", "+262142-12-31T23:59:59Z", "1970-01-01T00:00:00Z"]
        {
            assert!(!made(never), "{never}");
        }
    }
}
