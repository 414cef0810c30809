//! Whether a deployment's data may be opened by another image, and what to do where it may not. Pure; source:
//! docs/neo4j-facts.md, Upgrades and store formats; Neo4j Upgrade and Migration Guide.

use super::{Edition, Release, Version, data_path};
use crate::problem::{Problem, ProblemKind};
use serde::{Deserialize, Serialize};

/// The long-term release that all of 5 goes through.
const LAST_5: &str = "5.26";

/// What comes of going from one image to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "verdict")]
pub enum Verdict {
    /// The data stays as it is.
    Same,
    /// The new image migrates the data at its first start; there is no way back but a backup.
    Possible { notes: Vec<Note> },
    /// Nothing may be started.
    Refused { problem: Problem },
}

/// What somebody should know, or do, before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "note")]
pub enum Note {
    /// Another version: no way back without a backup.
    BackUp,
    /// Enterprise asks for `NEO4J_ACCEPT_LICENSE_AGREEMENT`.
    Licence,
    /// Settings and ports that are gone from 2025.01 on.
    Calendar,
    /// Another Java inside the image; what runs inside Neo4j must fit it.
    Java { from: u8, to: u8 },
}

impl Note {
    /// As people read it, with what to do.
    pub fn sentence(self) -> String {
        match self {
            Self::BackUp => {
                "Neo4j changes the data at the first start of the newer version, and no older one opens it \
                             again: take a backup before."
                    .into()
            }
            Self::Licence => "Enterprise starts only with an accepted licence: set NEO4J_ACCEPT_LICENSE_AGREEMENT to \
                              yes or eval."
                .into(),
            Self::Calendar => "Some settings of 5 are gone from 2025.01 on, and an unknown one stops the start: check \
                               the deployment's settings before."
                .into(),
            Self::Java { from, to } => format!(
                "The image has Java {to} in place of {from}: use builds of plugins and procedures of your own that fit \
                 it, and check JVM options."
            ),
        }
    }
}

/// From what a deployment runs to what it is to run.
pub fn upgrade(from: Release, to: Release) -> Verdict {
    match refusal(from, to) {
        Some(problem) => Verdict::Refused { problem },
        None if from == to => Verdict::Same,
        None => Verdict::Possible { notes: notes(from, to) },
    }
}

fn refusal(from: Release, to: Release) -> Option<Problem> {
    let (from, of, to, other) = (from.version, from.edition, to.version, to.edition);
    if of == Edition::Enterprise && other == Edition::Community {
        let problem = Problem::new(ProblemKind::Conflict, "Enterprise data cannot be opened by Community.")
            .means("Nothing was changed.")
            .next_step(format!("Choose an image with -enterprise, for example {to}-enterprise."))
            .next_step("To leave Enterprise, load a dump of each database into a new Community deployment.");
        return Some(problem);
    }
    // What is older than 4 goes there by ways of its own.
    if from.major < 4 && to.major >= 4 {
        return Some(no_way(from, to, ""));
    }
    data_path(from, to).err().map(|why| no_way(from, to, &why))
}

/// What to do instead; `why` for what has no words here.
fn no_way(from: Version, to: Version, why: &str) -> Problem {
    let problem = Problem::new(ProblemKind::Conflict, format!("Neo4j {from} cannot be changed to {to} in place."));
    if to < from {
        problem
            .means("Neo4j never opens data of a newer version.")
            .next_step(format!("To go back, restore a backup that was made before the upgrade, into Neo4j {to}."))
    } else if from < Version::new(4, 4, 0) {
        problem
            .means(format!("Data of {from} is too old for {to}."))
            .next_step("Upgrade to 4.4 first, release by release, as its guide says.")
    } else if from.major == 4 {
        problem
            .means("From 4.4 to 5 the data is migrated, not upgraded. Users, roles and rights are not carried over.")
            .next_step("Dump each database in 4.4.")
            .next_step(format!("Load the dumps into a new Neo4j {LAST_5} with neo4j-admin database load."))
            .next_step("There run neo4j-admin database migrate for each, and make users and roles anew.")
    } else if from.major == 5 {
        problem
            .means(format!("All data of 5 passes through Neo4j {LAST_5} on its way."))
            .next_step(format!("Upgrade to the newest {LAST_5} and let it start once."))
            .next_step(format!("Then upgrade to {to}."))
    } else {
        problem.means(why)
    }
}

fn notes(from: Release, to: Release) -> Vec<Note> {
    let (from, of, to, other) = (from.version, from.edition, to.version, to.edition);
    let mut notes = Vec::new();
    if to > from {
        notes.push(Note::BackUp);
    }
    if of != other {
        notes.push(Note::Licence);
    }
    if from.major <= 5 && to.major > 5 {
        notes.push(Note::Calendar);
    }
    if let (Some(was), Some(is)) = (java(from), java(to))
        && was != is
    {
        notes.push(Note::Java { from: was, to: is });
    }
    notes
}

/// What the image of this version has (docs/neo4j-facts.md: Image contents).
fn java(version: Version) -> Option<u8> {
    if version < Version::new(4, 4, 0) {
        None
    } else if version.major == 4 {
        Some(11)
    } else if version < Version::new(5, 26, 25) {
        Some(17)
    } else if version < Version::new(2026, 5, 0) {
        Some(21)
    } else {
        Some(25)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(text: &str) -> Release {
        let (version, edition) = text.split_once(' ').expect("version and edition");
        let edition = if edition == "E" { Edition::Enterprise } else { Edition::Community };
        Release { version: Version::parse(version).expect(text), edition }
    }

    #[test]
    fn what_neo4j_can_do_in_place_is_possible_with_what_to_know_before() {
        let java = |from, to| Note::Java { from, to };
        for (from, to, notes) in [
            ("5.26.5 C", "5.26.24 C", vec![Note::BackUp]),
            ("5.26.5 C", "5.26.29 C", vec![Note::BackUp, java(17, 21)]),
            ("5.1.0 E", "5.20.0 E", vec![Note::BackUp]),
            ("5.15.0 C", "5.26.24 E", vec![Note::BackUp, Note::Licence]),
            ("5.26.5 C", "5.26.5 E", vec![Note::Licence]),
            ("5.26.29 C", "2025.01.0 C", vec![Note::BackUp, Note::Calendar]),
            ("5.26.5 C", "2026.07.1 C", vec![Note::BackUp, Note::Calendar, java(17, 25)]),
            ("2025.01.0 E", "2026.07.1 E", vec![Note::BackUp, java(21, 25)]),
            ("2026.05.0 C", "2026.07.1 C", vec![Note::BackUp]),
            ("4.4.40 C", "4.4.48 C", vec![Note::BackUp]),
            ("4.3.1 C", "4.4.48 C", vec![Note::BackUp]),
        ] {
            assert_eq!(upgrade(release(from), release(to)), Verdict::Possible { notes }, "{from} to {to}");
        }
        for same in ["5.26.5 C", "2026.07.1 E"] {
            assert_eq!(upgrade(release(same), release(same)), Verdict::Same);
        }
    }

    #[test]
    fn what_it_cannot_is_refused_with_what_to_do_instead() {
        for (from, to, next) in [
            ("5.25.1 C", "2025.01.0 C", "newest 5.26"),
            ("5.15.0 E", "2026.07.1 E", "newest 5.26"),
            ("4.4.48 C", "5.26.29 C", "Dump each database in 4.4"),
            ("4.4.48 C", "2026.07.1 C", "Dump each database in 4.4"),
            ("4.3.1 C", "5.26.29 C", "Upgrade to 4.4 first"),
            ("3.5.0 C", "2026.07.1 C", "Upgrade to 4.4 first"),
            ("3.5.0 C", "4.4.48 C", "as its guide says"),
            ("5.26.29 C", "5.26.5 C", "restore a backup"),
            ("2026.07.1 C", "5.26.29 C", "restore a backup"),
            ("5.26.29 C", "4.4.48 C", "restore a backup"),
            ("5.26.5 E", "5.26.5 C", "-enterprise"),
            ("5.26.5 E", "5.26.29 C", "5.26.29-enterprise"),
        ] {
            let Verdict::Refused { problem } = upgrade(release(from), release(to)) else { panic!("{from} to {to}") };
            assert!(problem.next_steps[0].contains(next), "{from} to {to}: {problem:?}");
            assert_eq!(problem.kind, ProblemKind::Conflict);
        }
    }

    #[test]
    fn each_note_says_what_to_do() {
        for (note, word) in [
            (Note::BackUp, "backup"),
            (Note::Licence, "NEO4J_ACCEPT_LICENSE_AGREEMENT"),
            (Note::Calendar, "settings"),
            (Note::Java { from: 17, to: 21 }, "Java 21 in place of 17"),
        ] {
            assert!(note.sentence().contains(word), "{}", note.sentence());
        }
    }
}
