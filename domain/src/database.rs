//! The name of a database, as a type: it becomes part of file names and of commands in helpers, so nothing else may be
//! one.

use crate::Invalid;
use crate::text::parsed_when_read;
use serde::{Deserialize, Serialize};

/// 1–63 letters, digits, dots, dashes or underscores, beginning with a letter or digit. Neo4j's own rule
/// (docs/neo4j-facts.md: Database names) is narrower.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct DatabaseName(String);

parsed_when_read!(DatabaseName);

impl DatabaseName {
    /// The database with the users, on every server.
    pub const SYSTEM: &'static str = "system";

    /// 1 to 63 letters, digits, dots, dashes and underscores, beginning with a letter or digit.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let good = (1..=63).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'));
        let shown: String = text.chars().filter(|c| !c.is_control()).take(63).collect();
        if good {
            Ok(Self(text.into()))
        } else {
            Err(Invalid::new("database", format!("The database name {shown} cannot be used in a backup.")))
        }
    }

    /// Neo4j's users and roles.
    pub fn system() -> Self {
        Self(Self::SYSTEM.into())
    }

    /// The stored and serialised form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The one user database of Community, unless it was renamed.
impl Default for DatabaseName {
    fn default() -> Self {
        Self("neo4j".into())
    }
}

impl PartialEq<str> for DatabaseName {
    fn eq(&self, other: &str) -> bool {
        self.0 == other
    }
}

impl PartialEq<&str> for DatabaseName {
    fn eq(&self, other: &&str) -> bool {
        self.0 == *other
    }
}

impl std::fmt::Display for DatabaseName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Of several stores together, in whatever order; empty when one of them is not known.
pub fn identity<'a>(stores: impl Iterator<Item = Option<&'a str>>) -> String {
    let mut known = stores.collect::<Option<Vec<&str>>>().unwrap_or_default();
    known.sort_unstable();
    known.join(",")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// What a hostile server or manifest may call a database.
    pub const EVIL: [&str; 14] = [
        "",
        ".",
        "..",
        "-x",
        "--to-path=/",
        "a/b",
        "../x",
        "x/;e id #",
        "x;id",
        "x\ny",
        "x y",
        "$(id)",
        "`id`",
        "sixty-four-letters-are-one-too-many-sixty-four-letters-are-one-x",
    ];

    #[test]
    fn only_harmless_names_are_names() {
        for good in ["neo4j", "system", "sales.eu-1", "7eleven", "my_db"] {
            assert_eq!(DatabaseName::parse(good).expect("good"), good);
        }
        for evil in EVIL {
            assert!(DatabaseName::parse(evil).is_err(), "{evil}");
            assert!(serde_json::from_value::<DatabaseName>(serde_json::json!(evil)).is_err(), "{evil}");
        }
    }
}
