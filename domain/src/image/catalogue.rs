//! Tags of the official image that the console knows by heart, for when no registry can be asked. As of August 2026
//! (docs/neo4j-facts.md: Names and tags): the newest of each line, full versions only. What floats is another image
//! tomorrow, so nothing is known of it by heart.

/// The month this is of.
pub const AS_OF: &str = "2026-08";

/// The edition may be left out: `2026.07.1` and `2026.07.1-community` are one image under two names.
pub const TAGS: [&str; 17] = [
    "2026.07.1",
    "2026.07.1-community",
    "2026.07.1-enterprise",
    "2026.07.1-trixie",
    "2026.07.1-enterprise-trixie",
    "2026.07.1-ubi10",
    "2026.07.1-enterprise-ubi10",
    "5.26.29",
    "5.26.29-community",
    "5.26.29-enterprise",
    "5.26.29-trixie",
    "5.26.29-enterprise-trixie",
    "5.26.29-ubi10",
    "5.26.29-enterprise-ubi10",
    "4.4.48",
    "4.4.48-community",
    "4.4.48-enterprise",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::{Edition, ImageReference, Pinning, Tag, pinning};

    #[test]
    fn each_is_a_full_version_of_the_official_image_in_both_editions() {
        for tag in TAGS {
            let image = format!("neo4j:{tag}");
            assert!(ImageReference::parse(&image).is_ok_and(|image| image.is_official()), "{tag}");
            assert_eq!(pinning(&image), Pinning::Exact, "{tag}");
        }
        for (edition, count) in [(Edition::Community, 10), (Edition::Enterprise, 7)] {
            assert_eq!(TAGS.iter().filter(|tag| Tag::parse(tag).edition == edition).count(), count);
        }
    }
}
