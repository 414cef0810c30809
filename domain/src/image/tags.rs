//! The tags of a repository as people pick from them: of every place that knows some, each once, newest first, searched
//! and in pages. Asks nobody.

use super::catalogue;
use super::{Edition, ImageReference, Tag};
use crate::page::Page;
use serde::{Deserialize, Serialize};
use std::cmp::{Ordering, Reverse};
use std::collections::BTreeMap;
use strum::IntoStaticStr;

/// Of a page.
pub const PER_PAGE: u32 = 50;

/// Who knows of a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Source {
    Registry,
    /// The engine has the image: nothing needs to be pulled.
    Local,
    /// The console itself ([`catalogue`]).
    Catalogue,
}

impl Source {
    /// The stored and serialised form.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// One tag to pick.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageTag {
    pub tag: String,
    /// The whole reference, with the repository's name as the deployment writes it.
    pub image: String,
    /// `5.26.5`, `5.26`; none where the tag says no version.
    pub version: Option<String>,
    /// Community where the tag does not say.
    pub edition: Edition,
    /// `ubi10`, `trixie`; what follows version and edition.
    pub suffix: Option<String>,
    /// All three numbers are there. Else it floats: another image tomorrow.
    pub pinned: bool,
    /// At least one, in the order of [`Source`].
    pub sources: Vec<Source>,
    /// What the deployment runs now.
    pub present: bool,
}

impl ImageTag {
    /// Whether the engine has it.
    pub fn here(&self) -> bool {
        self.sources.contains(&Source::Local)
    }
}

/// A page, from 1, of the tags of `image`'s repository that have `find` in them. `registry` and `local` are what those
/// two know; of the official image the catalogue knows some as well.
pub fn listed(image: &ImageReference, registry: &[String], local: &[String], find: &str, page: u32) -> Page<ImageTag> {
    let find = find.trim().to_ascii_lowercase();
    let mut found: Vec<(Key, &str, Vec<Source>)> = known(image, registry, local)
        .into_iter()
        .filter(|(tag, _)| tag.to_ascii_lowercase().contains(&find))
        .map(|(tag, sources)| (Key::of(tag), tag, sources))
        .collect();
    found.sort_by(|(a, _, _), (b, _, _)| a.cmp(b));
    let total = found.len() as u64;
    let before = (page.max(1) as usize - 1).saturating_mul(PER_PAGE as usize);
    let shown = found.into_iter().skip(before).take(PER_PAGE as usize);
    let items = shown.map(|(key, tag, sources)| entry(image, tag, &key.tag, sources)).collect();
    Page { items, total, page: page.max(1), per_page: PER_PAGE }
}

fn known<'a>(image: &ImageReference, registry: &'a [String], local: &'a [String]) -> BTreeMap<&'a str, Vec<Source>> {
    let official: &[&str] = if image.is_official() { &catalogue::TAGS } else { &[] };
    let of = |tags: &'a [String], source| tags.iter().map(move |tag| (tag.as_str(), source));
    let all = of(registry, Source::Registry).chain(of(local, Source::Local));
    let mut known: BTreeMap<&str, Vec<Source>> = BTreeMap::new();
    for (tag, source) in all.chain(official.iter().map(|tag| (*tag, Source::Catalogue))) {
        let sources = known.entry(tag).or_default();
        // A registry may name one twice.
        if !sources.contains(&source) {
            sources.push(source);
        }
    }
    known
}

fn entry(image: &ImageReference, text: &str, tag: &Tag, sources: Vec<Source>) -> ImageTag {
    ImageTag {
        tag: text.into(),
        image: format!("{}:{text}", image.name()),
        version: text.split('-').next().filter(|_| !tag.numbers.is_empty()).map(Into::into),
        edition: tag.edition,
        suffix: tag.suffix.clone(),
        pinned: tag.version().is_some(),
        sources,
        present: image.tag_text() == Some(text),
    }
}

/// Where a tag stands: `latest` and the like, then by version, newest first, then what cannot be read. A floating tag
/// stands before the versions it may mean.
struct Key {
    tag: Tag,
    text: String,
}

impl Key {
    fn of(text: &str) -> Self {
        Self { tag: Tag::parse(text), text: text.into() }
    }

    fn group(&self) -> u8 {
        let named = self.text.starts_with(Edition::Community.as_str()) || self.tag.edition == Edition::Enterprise;
        match (self.tag.numbers.is_empty(), self.tag.suffix.is_none() || named) {
            (true, true) => 0,
            (false, _) => 1,
            (true, false) => 2,
        }
    }

    fn cmp(&self, other: &Self) -> Ordering {
        let rest = |key: &Self| (key.tag.edition == Edition::Enterprise, key.tag.suffix.clone(), key.text.clone());
        self.group()
            .cmp(&other.group())
            .then_with(|| newest_first(&self.tag.numbers, &other.tag.numbers))
            .then_with(|| rest(self).cmp(&rest(other)))
    }
}

/// `5` before `5.26` before `5.26.29` before `5.25.1`.
fn newest_first(one: &[u16], other: &[u16]) -> Ordering {
    let differs = one.iter().zip(other).map(|(a, b)| Reverse(a).cmp(&Reverse(b))).find(|order| order.is_ne());
    differs.unwrap_or_else(|| one.len().cmp(&other.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(text: &str) -> ImageReference {
        ImageReference::parse(text).expect("an image")
    }

    fn texts(all: &[&str]) -> Vec<String> {
        all.iter().map(ToString::to_string).collect()
    }

    fn tags(page: &Page<ImageTag>) -> Vec<&str> {
        page.items.iter().map(|one| one.tag.as_str()).collect()
    }

    #[test]
    fn the_newest_comes_first_and_what_floats_before_what_it_may_mean() {
        let sorted = [
            "community",
            "latest",
            "enterprise",
            "enterprise-ubi10",
            "2026",
            "2026-enterprise",
            "2026.10.0",
            "2026.07",
            "2026.07.1",
            "2026.07.1-community",
            "2026.07.1-ubi10",
            "2026.07.1-enterprise",
            "2026.07.1-enterprise-ubi10",
            "5",
            "5.26",
            "5.26.29",
            "5.26.5",
            "5.9.0",
            "4.4.48",
            "5.26.5.1",
            "bullseye",
            "our-build",
        ];
        let own = image("registry.example.com/neo4j:5");
        let mut mixed = texts(&sorted);
        mixed.reverse();
        assert_eq!(tags(&listed(&own, &mixed, &[], "", 1)), sorted);
    }

    #[test]
    fn each_tag_comes_once_with_everybody_who_knows_it() {
        let official = image("neo4j:5.26.29-enterprise");
        let (registry, local) =
            (texts(&["5.26.29-enterprise", "5.26.29-enterprise", "5"]), texts(&["5.26.29-enterprise"]));
        let page = listed(&official, &registry, &local, " 5.26.29-ENTERPRISE ", 1);
        assert_eq!(tags(&page), ["5.26.29-enterprise", "5.26.29-enterprise-trixie", "5.26.29-enterprise-ubi10"]);
        let one = &page.items[0];
        assert_eq!(one.sources, [Source::Registry, Source::Local, Source::Catalogue]);
        assert_eq!((one.image.as_str(), one.version.as_deref()), ("neo4j:5.26.29-enterprise", Some("5.26.29")));
        assert!(one.present && one.pinned && one.here());
        let other = &page.items[2];
        assert_eq!((other.suffix.as_deref(), &other.sources[..]), (Some("ubi10"), &[Source::Catalogue][..]));
        assert!(!other.present && !other.here());
        let floating = listed(&official, &registry, &local, "5", 1);
        let five = floating.items.iter().find(|one| one.tag == "5").expect("it is there");
        assert_eq!((five.pinned, five.version.as_deref(), five.edition), (false, Some("5"), Edition::Community));
        assert_eq!(listed(&official, &registry, &local, "nothing", 1).total, 0);
    }

    #[test]
    fn only_of_the_official_image_is_something_known_by_heart() {
        assert_eq!(listed(&image("neo4j"), &[], &[], "", 1).total, catalogue::TAGS.len() as u64);
        assert_eq!(
            listed(&image("docker.io/library/neo4j:5"), &[], &[], "", 1).items[0].image,
            "docker.io/library/neo4j:2026.07.1"
        );
        assert_eq!(listed(&image("team/neo4j:5"), &[], &[], "", 1).total, 0);
    }

    #[test]
    fn a_thousand_tags_come_in_pages_of_fifty() {
        let many: Vec<String> = (0..1_000).map(|n| format!("5.{}.{}", n / 10, n % 10)).collect();
        let own = image("team/neo4j:5.99.9");
        let first = listed(&own, &many, &[], "", 1);
        assert_eq!((first.total, first.pages(), first.items.len()), (1_000, 20, 50));
        assert_eq!((first.items[0].tag.as_str(), first.items[0].present), ("5.99.9", true));
        let last = listed(&own, &many, &[], "", 20);
        assert_eq!((last.items.len(), last.items[49].tag.as_str()), (50, "5.0.0"));
        assert!(listed(&own, &many, &[], "", 21).items.is_empty());
        assert!(listed(&own, &many, &[], "", u32::MAX).items.is_empty());
        let mut all: Vec<String> =
            (1..=20).flat_map(|page| listed(&own, &many, &[], "", page).items).map(|t| t.tag).collect();
        all.sort();
        let mut wanted = many.clone();
        wanted.sort();
        assert_eq!(all, wanted, "each on one page");
    }
}
