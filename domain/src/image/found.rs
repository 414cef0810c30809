//! An image that the engine has, and which Neo4j is in it.

use super::{Edition, ImageReference, Version};
use crate::container::ImageId;
use serde::{Deserialize, Serialize};

/// What a deployment runs, or is to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    pub version: Version,
    pub edition: Edition,
}

impl Release {
    /// As an image tells in a variable of its own: `NEO4J_TARBALL=neo4j-community-5.26.5-unix.tar.gz`
    /// (docs/neo4j-facts.md: Image).
    pub fn of_variables(variables: &[(String, String)]) -> Option<Self> {
        let (_, tarball) = variables.iter().find(|(name, _)| name == "NEO4J_TARBALL")?;
        let (edition, version) = tarball.strip_prefix("neo4j-")?.split_once('-')?;
        Some(Self { version: Version::parse(version)?, edition: Edition::parse(edition)? })
    }

    /// What the tag of an official image promises; of others nothing is known.
    pub fn of_tag(reference: &ImageReference) -> Option<Self> {
        let tag = reference.tag().filter(|_| reference.is_official())?;
        Some(Self { version: tag.version()?, edition: tag.edition })
    }

    /// Of the image itself where it is there and tells, else what its tag promises.
    pub fn of(found: Option<&FoundImage>, reference: Option<&ImageReference>) -> Option<Self> {
        found.and_then(FoundImage::release).or_else(|| reference.and_then(Self::of_tag))
    }
}

impl std::fmt::Display for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.edition {
            Edition::Community => write!(f, "Neo4j {}", self.version),
            Edition::Enterprise => write!(f, "Neo4j {} Enterprise", self.version),
        }
    }
}

/// An image as the engine has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundImage {
    pub id: ImageId,
    /// `sha256:…` of each registry it came from. An image that was built here has none.
    pub digests: Vec<String>,
    /// Its own variables.
    pub variables: Vec<(String, String)>,
}

impl FoundImage {
    /// `None`: it does not tell as the official image does.
    pub fn release(&self) -> Option<Release> {
        Release::of_variables(&self.variables)
    }

    /// Whether it is what a registry promised.
    pub fn is(&self, digest: &str) -> bool {
        self.digests.iter().any(|own| own == digest) || self.id.as_str() == digest
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(value: &str) -> Option<String> {
        Release::of_variables(&[("NEO4J_TARBALL".into(), value.into())]).map(|release| release.to_string())
    }

    #[test]
    fn which_neo4j_is_in_an_image_is_told_by_its_variables_or_promised_by_its_tag() {
        assert_eq!(told("neo4j-community-5.26.5-unix.tar.gz").as_deref(), Some("Neo4j 5.26.5"));
        assert_eq!(told("neo4j-enterprise-2026.05.0-unix.tar.gz").as_deref(), Some("Neo4j 2026.05.0 Enterprise"));
        assert_eq!([told("neo4j"), told("neo4j-community-x")], [None, None]);
        assert_eq!(Release::of_variables(&[]), None);
        let promised =
            |text: &str| Release::of_tag(&ImageReference::parse(text).expect(text)).map(|release| release.to_string());
        assert_eq!(promised("neo4j:5.26.5-enterprise").as_deref(), Some("Neo4j 5.26.5 Enterprise"));
        assert_eq!(promised("neo4j:2026.05.0").as_deref(), Some("Neo4j 2026.05.0"));
        assert_eq!([promised("neo4j:5"), promised("neo4j"), promised("team/neo4j:5.26.5")], [None, None, None]);
    }

    #[test]
    fn an_image_is_what_any_of_its_registries_calls_so() {
        let image =
            FoundImage { id: ImageId("sha256:aa".into()), digests: vec!["sha256:bb".into()], variables: vec![] };
        assert_eq!([image.is("sha256:aa"), image.is("sha256:bb"), image.is("sha256:cc")], [true, true, false]);
    }
}
