//! Image references, editions and Neo4j versions.

pub mod catalogue;
mod found;
mod reference;
pub mod tags;
pub mod upgrade;

pub use found::{FoundImage, Release};
pub use reference::{ImageReference, Tag};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

/// The editions of Neo4j.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Edition {
    Community,
    Enterprise,
}

impl Edition {
    /// The stored and serialised form.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The one with this name; none when there is no such.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// A Neo4j version: 4.4.48, 5.26.5 or 2026.05.0. Ordered by number, which is right across the change of scheme
/// (docs/neo4j-facts.md: Versions).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Version {
    pub major: u16,
    pub minor: u16,
    pub patch: u16,
}

impl Version {
    /// From its three numbers.
    pub const fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }

    /// Reads `5.26.5`, `2026.05.0`, also with what follows a dash or plus sign (`5.26.5-SNAPSHOT`).
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.split(['-', '+']).next()?;
        let mut parts = text.split('.').map(|p| p.parse::<u16>().ok());
        let version = Self { major: parts.next()??, minor: parts.next()??, patch: parts.next().unwrap_or(Some(0))? };
        parts.next().is_none().then_some(version)
    }

    /// The long-term line every 5.x store must pass through on its way to 2025 and later.
    pub const fn is_5_26(self) -> bool {
        self.major == 5 && self.minor == 26
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.major >= 2025 {
            write!(f, "{}.{:02}.{}", self.major, self.minor, self.patch)
        } else {
            write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
        }
    }
}

/// Whether data made by `from` may be opened by `to`. `Err` is the sentence that says why not and what to do.
/// Source: Neo4j Upgrade and Migration Guide; docs/neo4j-facts.md: Versions.
pub fn data_path(from: Version, to: Version) -> Result<(), String> {
    if to < from {
        return Err(format!(
            "The data is from Neo4j {from}, this deployment runs {to}. Neo4j never opens newer data: move the \
             deployment to {from} or later first."
        ));
    }
    if from.major < 5 && to.major >= 5 {
        return Err(format!(
            "The data is from Neo4j {from}. A 4.4 store must be migrated with neo4j-admin database migrate on 5.26; it \
             cannot be restored into {to} directly."
        ));
    }
    if from.major == 5 && !from.is_5_26() && to.major > 5 {
        return Err(format!(
            "The data is from Neo4j {from}, this deployment runs {to}. Restore it into Neo4j 5.26 first, then upgrade that one."
        ));
    }
    Ok(())
}

/// How exactly a reference says which image it means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pinning {
    /// A full version or a digest.
    Exact,
    /// `latest`, `5`, `5.26`, `enterprise`: another image tomorrow.
    Floating,
}

/// Whether the reference can silently become another image. What cannot be read can be anything.
pub fn pinning(reference: &str) -> Pinning {
    // A container that was made from an image's own id.
    if reference.starts_with("sha256:") {
        return Pinning::Exact;
    }
    let Ok(reference) = ImageReference::parse(reference) else { return Pinning::Floating };
    let exact = reference.digest().is_some() || reference.tag().is_some_and(|tag| tag.version().is_some());
    if exact { Pinning::Exact } else { Pinning::Floating }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v(text: &str) -> Version {
        Version::parse(text).expect(text)
    }

    #[test]
    fn versions_are_read_ordered_and_written_as_neo4j_writes_them() {
        assert!(v("4.4.48") < v("5.1.0") && v("5.26.29") < v("2025.01.0") && v("2025.10.1") < v("2026.05.0"));
        assert_eq!(v("2026.05.0").to_string(), "2026.05.0");
        assert_eq!(v("5.26").to_string(), "5.26.0");
        assert_eq!(v("5.26.5-SNAPSHOT").to_string(), "5.26.5");
        for bad in ["", "5", "five.1.0", "5.1.2.3", "5..1"] {
            assert!(Version::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn the_upgrade_path_of_data_goes_through_5_26_and_never_back() {
        assert!(data_path(v("5.15.0"), v("5.26.5")).is_ok());
        assert!(data_path(v("5.26.5"), v("2026.05.0")).is_ok());
        assert!(data_path(v("5.26.5"), v("5.26.5")).is_ok());
        assert!(data_path(v("5.15.0"), v("2026.05.0")).expect_err("must pass 5.26").contains("5.26 first"));
        assert!(data_path(v("2026.05.0"), v("5.26.5")).expect_err("no way back").contains("never opens newer data"));
        assert!(data_path(v("4.4.40"), v("5.26.5")).expect_err("needs migration").contains("migrate"));
    }

    #[test]
    fn only_a_full_version_or_a_digest_is_pinned() {
        for exact in [
            "neo4j:5.26.5",
            "neo4j:5.26.5-community",
            "neo4j:2026.05.0-enterprise-ubi10",
            "h:5000/neo4j:5.26.5",
            "neo4j@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
            "sha256:0123",
            "neo4j:5@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        ] {
            assert_eq!(pinning(exact), Pinning::Exact, "{exact}");
        }
        for floating in
            ["neo4j", "neo4j:latest", "neo4j:5", "neo4j:5.26", "neo4j:enterprise", "neo4j:5-community", "h:5000/neo4j"]
        {
            assert_eq!(pinning(floating), Pinning::Floating, "{floating}");
        }
    }
}
