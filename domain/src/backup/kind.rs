//! What kind of backup is asked for, and what a kind says of itself.

use crate::Invalid;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// How a backup is made, which decides how long Neo4j is offline for it.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    /// Dumps of all databases, by whichever way keeps Neo4j stopped for less: from a clone where the data volume can
    /// clone files.
    #[default]
    Dump,
    /// From a clone of the store, or not at all.
    ShortOutageDump,
    /// Neo4j stays stopped until the dumps are written, also where the volume can clone.
    OfflineDump,
}

impl Kind {
    /// All of them.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// From the word that is stored and sent; any other is refused.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let known = || Self::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ");
        text.parse().map_err(|_| Invalid::new("kind", format!("The kind of backup is one of: {}.", known())))
    }

    /// A form that does not ask leaves the choice to the console.
    pub fn of_form(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() { Ok(Self::default()) } else { Self::parse(text) }
    }

    /// The stored and serialised form.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// Whether the data volume can clone files, as it was tried there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cloning {
    Works,
    /// What `cp` said, or why it could not be tried.
    No(String),
}

/// Which way a dump goes, and the sentence that says why. `Err`: what was asked for cannot be had.
pub fn choose(asked: Kind, cloning: &Cloning) -> Result<(Kind, String), String> {
    match (asked, cloning) {
        (Kind::OfflineDump, _) => {
            Ok((Kind::OfflineDump, "Neo4j stays stopped until the dumps are written, as asked for.".into()))
        }
        (_, Cloning::Works) => Ok((
            Kind::ShortOutageDump,
            "The data volume can clone files: Neo4j starts again before the dumps are made, from a clone.".into(),
        )),
        (Kind::Dump, Cloning::No(why)) => Ok((
            Kind::Dump,
            format!("Neo4j stays stopped until the dumps are written: the data volume cannot clone files ({why})."),
        )),
        (Kind::ShortOutageDump, Cloning::No(why)) => Err(format!("The data volume cannot clone files ({why}).")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_read_as_they_are_written_and_others_are_refused_with_the_list() {
        assert!(Kind::ALL.iter().all(|k| Kind::parse(k.as_str()) == Ok(*k)));
        assert_eq!(serde_json::to_string(&Kind::ShortOutageDump).ok(), Some("\"short_outage_dump\"".into()));
        let refused = Kind::parse("hot").expect_err("no such kind");
        assert!(refused.why.contains("dump, short_outage_dump, offline_dump"), "{refused:?}");
    }

    #[test]
    fn the_shorter_outage_is_chosen_where_it_is_possible_and_never_promised_where_it_is_not() {
        let no = Cloning::No("Operation not supported".into());
        let way = |asked, cloning| choose(asked, cloning).map(|(kind, _)| kind);
        assert_eq!(way(Kind::Dump, &Cloning::Works), Ok(Kind::ShortOutageDump));
        assert_eq!(way(Kind::ShortOutageDump, &Cloning::Works), Ok(Kind::ShortOutageDump));
        assert_eq!(way(Kind::OfflineDump, &Cloning::Works), Ok(Kind::OfflineDump));
        let (kind, why) = choose(Kind::Dump, &no).expect("the ordinary way is always there");
        assert!(kind == Kind::Dump && why.contains("Operation not supported"), "{why}");
        assert!(way(Kind::ShortOutageDump, &no).is_err());
    }
}
