//! An image as somebody names it, and what the tag of a Neo4j image says (docs/neo4j-facts.md: Names and tags). The
//! grammar of references is the crate oci-spec's; what Neo4j's tags mean is ours.

use super::{Edition, Version};
use crate::problem::Invalid;
use crate::text::parsed_when_read;
use oci_spec::distribution::Reference;
use serde::{Deserialize, Serialize};

/// The field of a form that holds a reference.
const FIELD: &str = "image";

/// `neo4j:5.26.5-enterprise`, `registry.example.com:5000/team/neo4j@sha256:…`: parsed, with what it leaves out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ImageReference {
    parsed: Reference,
    /// As it was typed: `neo4j` and not `docker.io/library/neo4j`.
    written: String,
}

parsed_when_read!(ImageReference);

impl From<ImageReference> for String {
    fn from(reference: ImageReference) -> Self {
        reference.written
    }
}

impl ImageReference {
    /// Reads what was typed. The error names the right form where the mistake is a known one.
    ///
    /// # Errors
    /// Of the field `image`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if let Some(right) = corrected(text) {
            return Err(Invalid::new(FIELD, format!("This is not an image. Did you mean {right}?")));
        }
        let parsed = text.parse::<Reference>().map_err(|_| {
            let why = if text.chars().any(|c| c.is_ascii_uppercase())
                && text.to_ascii_lowercase().parse::<Reference>().is_ok()
            {
                format!("Names of images have no capital letters. Did you mean {}?", text.to_ascii_lowercase())
            } else {
                "Write a name and a tag, for example neo4j:5.26.5-enterprise.".into()
            };
            Invalid::new(FIELD, why)
        })?;
        Ok(Self { parsed, written: text.into() })
    }

    /// As it was typed.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// `docker.io` where none was typed.
    pub fn registry(&self) -> &str {
        self.parsed.registry()
    }

    /// `library/neo4j` for the official image.
    pub fn repository(&self) -> &str {
        self.parsed.repository()
    }

    /// As it was typed, without tag and digest.
    pub fn name(&self) -> &str {
        let name = self.written.split('@').next().unwrap_or_default();
        let last = name.rfind('/').map_or(0, |slash| slash + 1);
        name[last..].find(':').map_or(name, |colon| &name[..last + colon])
    }

    /// As an engine names the repository: `neo4j`, `team/neo4j`, `registry.example.com:5000/team/neo4j`.
    pub fn familiar_name(&self) -> String {
        match (self.registry(), self.repository()) {
            ("docker.io", repository) => repository.strip_prefix("library/").unwrap_or(repository).into(),
            (registry, repository) => format!("{registry}/{repository}"),
        }
    }

    /// Whether both are of one repository, however they are written.
    pub fn is_sibling_of(&self, other: &Self) -> bool {
        (self.registry(), self.repository()) == (other.registry(), other.repository())
    }

    /// The tag as it stands there; `latest` where neither tag nor digest was typed.
    pub fn tag_text(&self) -> Option<&str> {
        self.parsed.tag().or_else(|| self.parsed.digest().is_none().then_some("latest"))
    }

    /// `sha256:…`, where it was typed.
    pub fn digest(&self) -> Option<&str> {
        self.parsed.digest()
    }

    /// What its tag says; `latest` where neither tag nor digest was typed.
    pub fn tag(&self) -> Option<Tag> {
        self.tag_text().map(Tag::parse)
    }

    /// Whether it is the official image, of whose tags the console knows what they mean.
    pub fn is_official(&self) -> bool {
        self.registry() == "docker.io" && self.repository() == "library/neo4j"
    }
}

/// The tag of a Neo4j image: `5.26.5-enterprise-ubi10`. Each part may be left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tag {
    /// One to three numbers: `5`, `5.26`, `5.26.5`; none in `latest` and `enterprise`.
    pub numbers: Vec<u16>,
    /// Community where the tag does not say.
    pub edition: Edition,
    /// `ubi10`, `bullseye`; what follows version and edition.
    pub suffix: Option<String>,
}

impl Tag {
    /// Reads any tag; what is no version and no edition is its suffix.
    pub fn parse(tag: &str) -> Self {
        let mut parts = tag.split('-').peekable();
        let numbers = parts.peek().and_then(|part| numbers(part));
        if numbers.is_some() {
            parts.next();
        }
        let edition = parts.peek().and_then(|part| Edition::parse(part));
        if edition.is_some() {
            parts.next();
        }
        let rest = parts.collect::<Vec<_>>().join("-");
        let suffix = (!rest.is_empty() && rest != "latest").then_some(rest);
        Self { numbers: numbers.unwrap_or_default(), edition: edition.unwrap_or(Edition::Community), suffix }
    }

    /// The version, where all three numbers are there.
    pub fn version(&self) -> Option<Version> {
        match self.numbers[..] {
            [major, minor, patch] => Some(Version::new(major, minor, patch)),
            _ => None,
        }
    }
}

fn numbers(part: &str) -> Option<Vec<u16>> {
    let read: Option<Vec<u16>> = part.split('.').map(|number| number.parse().ok()).collect();
    read.filter(|numbers| numbers.len() <= 3)
}

/// `neo4j:enterprise:5.15` → `neo4j:5.15.0-enterprise`: the edition belongs behind the version, in the same tag.
fn corrected(text: &str) -> Option<String> {
    let (before, name) = text.rsplit_once('/').map_or(("", text), |(before, name)| (before, name));
    let (name, tags) = name.split_once(':')?;
    let (one, other) = tags.split_once(':')?;
    let (edition, version) = match (Edition::parse(one), Edition::parse(other)) {
        (Some(edition), None) => (edition, other),
        (None, Some(edition)) => (edition, one),
        _ => return None,
    };
    let mut numbers = numbers(version)?;
    if numbers.len() == 2 {
        numbers.push(0);
    }
    let version = match numbers[..] {
        [major, minor, patch] => Version::new(major, minor, patch).to_string(),
        _ => version.into(),
    };
    let before = if before.is_empty() { String::new() } else { format!("{before}/") };
    Some(format!("{before}{name}:{version}-{}", edition.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn read(text: &str) -> ImageReference {
        ImageReference::parse(text).unwrap_or_else(|why| panic!("{text}: {}", why.why))
    }

    #[test]
    fn a_reference_is_read_with_what_it_leaves_out() {
        let official = read(" neo4j:5.26.5-enterprise-ubi10 ");
        assert_eq!((official.registry(), official.repository()), ("docker.io", "library/neo4j"));
        assert_eq!((official.as_str(), official.is_official()), ("neo4j:5.26.5-enterprise-ubi10", true));
        let own = format!("registry.example.com:5000/team/neo4j@{DIGEST}");
        let own = read(&own);
        assert_eq!((own.registry(), own.repository()), ("registry.example.com:5000", "team/neo4j"));
        assert_eq!((own.digest(), own.tag(), own.is_official()), (Some(DIGEST), None, false));
        assert_eq!(read("neo4j").tag(), Some(Tag::parse("latest")));
    }

    #[test]
    fn a_repository_has_one_name_however_it_is_written() {
        for (written, name, familiar) in [
            ("neo4j", "neo4j", "neo4j"),
            ("neo4j:5", "neo4j", "neo4j"),
            ("docker.io/library/neo4j:5", "docker.io/library/neo4j", "neo4j"),
            ("team/neo4j:5", "team/neo4j", "team/neo4j"),
            ("localhost:5000/neo4j", "localhost:5000/neo4j", "localhost:5000/neo4j"),
            ("r.example.com:5000/a/b:5", "r.example.com:5000/a/b", "r.example.com:5000/a/b"),
        ] {
            let one = read(written);
            assert_eq!((one.name(), one.familiar_name().as_str()), (name, familiar), "{written}");
            assert!(one.is_sibling_of(&read(&format!("{name}:other"))), "{written}");
        }
        let both = read(&format!("neo4j:5@{DIGEST}"));
        assert_eq!((both.name(), both.tag_text()), ("neo4j", Some("5")));
        assert_eq!(read(&format!("neo4j@{DIGEST}")).tag_text(), None);
        assert!(read("docker.io/library/neo4j").is_sibling_of(&read("neo4j:5")));
        assert!(!read("team/neo4j:5").is_sibling_of(&read("neo4j:5")));
    }

    #[test]
    fn a_tag_says_version_edition_and_system() {
        for (tag, numbers, edition, suffix) in [
            ("5.26.5-enterprise-ubi10", &[5, 26, 5][..], Edition::Enterprise, Some("ubi10")),
            ("2026.05.0", &[2026, 5, 0], Edition::Community, None),
            ("5-community", &[5], Edition::Community, None),
            ("5.26-bullseye", &[5, 26], Edition::Community, Some("bullseye")),
            ("enterprise", &[], Edition::Enterprise, None),
            ("latest", &[], Edition::Community, None),
            ("our-build", &[], Edition::Community, Some("our-build")),
            ("5.26.5.1", &[], Edition::Community, Some("5.26.5.1")),
        ] {
            let want = Tag { numbers: numbers.to_vec(), edition, suffix: suffix.map(Into::into) };
            assert_eq!(Tag::parse(tag), want, "{tag}");
        }
        assert_eq!(Tag::parse("2026.05.0-enterprise").version(), Some(Version::new(2026, 5, 0)));
        assert_eq!(Tag::parse("5.26-enterprise").version(), None);
    }

    #[test]
    fn a_known_mistake_is_refused_with_the_right_form() {
        for (typed, right) in [
            ("neo4j:enterprise:5.15", "neo4j:5.15.0-enterprise"),
            ("neo4j:5.15:enterprise", "neo4j:5.15.0-enterprise"),
            ("neo4j:community:2026.5.1", "neo4j:2026.05.1-community"),
            ("neo4j:enterprise:5", "neo4j:5-enterprise"),
            ("h.example.com:5000/neo4j:enterprise:5.26.5", "h.example.com:5000/neo4j:5.26.5-enterprise"),
            ("Neo4j:5.26.5", "neo4j:5.26.5"),
        ] {
            let why = ImageReference::parse(typed).expect_err(typed).why;
            assert!(why.contains(&format!("Did you mean {right}?")), "{typed}: {why}");
        }
        for bad in ["", "neo4j:", "neo4j:5 26", "http://neo4j", "neo4j:a:b", "neo4j@sha256:12", "../neo4j", "neo4j:-x"]
        {
            assert!(ImageReference::parse(bad).is_err(), "{bad:?}");
        }
    }
}
