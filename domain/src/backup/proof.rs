//! What a backup holds for certain. Counts over Bolt before the stop are only what they were then: clients write on.
//! What was dumped is known by the sha256 of each part, and by what was found on a copy that was loaded from them and
//! that nobody else could reach.

use super::{Content, Count, Manifest};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Found on a copy: by a drill, the first restore, or the proof of an uploaded dump. From then on it belongs to the
/// backup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    pub at: DateTime<Utc>,
    /// User databases, as in the manifest.
    pub databases: Vec<Content>,
    /// The last committed transaction of each database that was loaded, `system` too, as `neo4j-admin database info`
    /// prints it.
    #[serde(default)]
    pub transactions: BTreeMap<String, u64>,
}

impl Proof {
    /// Of all databases, counted on the copy.
    pub fn nodes(&self) -> u64 {
        self.databases.iter().map(|d| d.nodes).sum()
    }

    /// Of all databases, counted on the copy.
    pub fn relationships(&self) -> u64 {
        self.databases.iter().map(|d| d.relationships).sum()
    }

    /// Why a later copy of the same dumps is not the same. Exact: nobody writes to either.
    pub fn differences(&self, later: &Self) -> Vec<String> {
        let mut all = Vec::new();
        for expected in &self.databases {
            match later.databases.iter().find(|found| found.database == expected.database) {
                Some(found) => all.extend(differences(expected, found)),
                None => all.push(format!("the database {} is missing", expected.database)),
            }
        }
        all.extend(other_transactions(&self.transactions, &later.transactions));
        all
    }

    /// What of the counts before the stop this cannot have come from, however busy the server was: a database that had
    /// nodes and has none at all is another store.
    pub fn contradicts(&self, manifest: &Manifest) -> Option<String> {
        let counted =
            |found: &Content| manifest.databases.iter().find(|d| d.database == found.database).map_or(0, |d| d.nodes);
        let empty = self.databases.iter().find(|found| found.nodes == 0 && counted(found) > 0)?;
        Some(format!(
            "{} is empty, and had {} nodes when it was counted before the stop",
            empty.database,
            crate::text::count(counted(empty))
        ))
    }
}

/// Of databases that were loaded at both times.
pub fn other_transactions(expected: &BTreeMap<String, u64>, found: &BTreeMap<String, u64>) -> Vec<String> {
    let differs = |(database, id): (&String, &u64)| {
        let other = found.get(database).filter(|other| *other != id)?;
        Some(format!("the last transaction of {database}: expected {id}, found {other}"))
    };
    expected.iter().filter_map(differs).collect()
}

/// Between two exact counts, as sentences. Empty: equal.
pub fn differences(expected: &Content, found: &Content) -> Vec<String> {
    let mut out = Vec::new();
    let mut number = |what: &str, e: u64, f: u64| {
        if e != f {
            out.push(format!("{what}: expected {}, found {}", crate::text::count(e), crate::text::count(f)));
        }
    };
    number("nodes", expected.nodes, found.nodes);
    number("relationships", expected.relationships, found.relationships);
    for (kind, e, f) in [("label", &expected.labels, &found.labels), ("type", &expected.types, &found.types)] {
        let of = |list: &[Count], name: &str| list.iter().find(|c| c.name == name).map_or(0, |c| c.count);
        let mut names: Vec<&str> = e.iter().chain(f.iter()).map(|c| c.name.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        for name in names {
            number(&format!("{kind} {name}"), of(e, name), of(f, name));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proof(nodes: u64, transaction: u64) -> Proof {
        let neo4j = Content { nodes, ..Content::default() };
        let transactions = [("neo4j".to_string(), transaction)].into();
        Proof { at: DateTime::UNIX_EPOCH, databases: vec![neo4j], transactions }
    }

    #[test]
    fn differences_name_what_is_missing_and_what_is_too_much() {
        let count = |name: &str, count| Count { name: name.into(), count };
        let a = Content { nodes: 2, labels: vec![count("A", 2)], ..Content::default() };
        let b = Content { nodes: 1, labels: vec![count("B", 1)], ..Content::default() };
        assert_eq!(differences(&a, &a), Vec::<String>::new());
        assert_eq!(
            differences(&a, &b),
            ["nodes: expected 2, found 1", "label A: expected 2, found 0", "label B: expected 0, found 1"]
        );
    }

    #[test]
    fn two_copies_of_the_same_dumps_are_the_same_to_the_last_transaction() {
        assert_eq!(proof(3, 7).differences(&proof(3, 7)), [""; 0]);
        assert_eq!(
            proof(3, 7).differences(&proof(4, 8)),
            ["nodes: expected 3, found 4", "the last transaction of neo4j: expected 7, found 8"]
        );
        let other = Proof { databases: vec![], transactions: BTreeMap::new(), ..proof(3, 7) };
        assert_eq!(proof(3, 7).differences(&other), ["the database neo4j is missing"]);
    }

    #[test]
    fn a_busy_server_contradicts_nothing_but_an_empty_store_does() {
        let manifest = super::super::tests::manifest();
        assert_eq!(manifest.nodes(), 3);
        for nodes in [1, 3, 1_000_000] {
            assert_eq!(proof(nodes, 1).contradicts(&manifest), None);
        }
        assert_eq!(
            proof(0, 1).contradicts(&manifest).as_deref(),
            Some("neo4j is empty, and had 3 nodes when it was counted before the stop")
        );
    }
}
