//! What makes a changed audit log visible to whoever has the console's key: each entry's `link` signs what it says and
//! the link before it, its `seal` signs how it ended. Who can write the database, but does not have the key, can
//! neither change an entry nor take one out of the middle. Entries cut off at the end are missed only beside the
//! console's own log, where each link stands as well.

use crate::crypto::seal::Seal;
use domain::audit::Entry;

/// An entry with its signatures; both are empty for one that an older console wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    pub entry: Entry,
    pub link: String,
    pub seal: String,
}

fn said<'a>(before: &'a str, at: &'a str, entry: &'a Entry) -> [&'a str; 8] {
    ["neo4j-console audit entry", before, at, &entry.who, &entry.via, &entry.address, &entry.act, &entry.target]
}

fn ended<'a>(link: &'a str, entry: &'a Entry) -> [&'a str; 4] {
    ["neo4j-console audit end", link, entry.outcome.as_str(), &entry.detail]
}

impl Signed {
    /// `before`: the link of the entry before it, or nothing.
    pub fn new(key: &Seal, before: &str, entry: Entry) -> Self {
        let link = key.sign(&said(before, &entry.at.timestamp_millis().to_string(), &entry));
        Self::with_link(key, link, entry)
    }

    /// After its end was written.
    pub fn with_link(key: &Seal, link: String, entry: Entry) -> Self {
        let seal = key.sign(&ended(&link, &entry));
        Self { entry, link, seal }
    }

    fn is_whole(&self, key: &Seal, before: &str) -> bool {
        let at = self.entry.at.timestamp_millis().to_string();
        key.has_signed(&said(before, &at, &self.entry), &self.link)
            && key.has_signed(&ended(&self.link, &self.entry), &self.seal)
    }
}

/// What a reading of the whole log found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChainReport {
    /// Of an older console, before the first signed one: nothing is known of them.
    pub unsigned: u64,
    pub signed: u64,
    /// Numbers of entries that were changed, or before which one is missing.
    pub broken: Vec<i64>,
    /// Of the last entry.
    pub last: String,
}

impl ChainReport {
    /// The next entry, in the order they were written.
    pub fn read(&mut self, key: &Seal, next: &Signed) {
        if next.link.is_empty() && next.seal.is_empty() && self.signed == 0 && self.broken.is_empty() {
            self.unsigned += 1;
            return;
        }
        match next.is_whole(key, &self.last) {
            true => self.signed += 1,
            false => self.broken.push(next.entry.id),
        }
        self.last.clone_from(&next.link);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::DateTime;
    use domain::audit::Outcome;

    fn key() -> Seal {
        Seal::from_key([7; 32])
    }

    fn log() -> Vec<Signed> {
        let mut all: Vec<Signed> = vec![];
        for id in 1..=5 {
            let text = |what: &str| format!("{what} {id}");
            let entry = Entry {
                id,
                at: DateTime::from_timestamp(1_795_000_000 + id, 0).expect("a time"),
                who: text("who"),
                via: "browser".into(),
                address: "10.0.0.1".into(),
                act: "start backup".into(),
                target: text("target"),
                outcome: Outcome::Done,
                detail: text("detail"),
            };
            all.push(Signed::new(&key(), all.last().map_or("", |before| &before.link), entry));
        }
        all
    }

    fn read(log: &[Signed]) -> ChainReport {
        let mut found = ChainReport::default();
        log.iter().for_each(|next| found.read(&key(), next));
        found
    }

    #[test]
    fn a_log_that_nobody_changed_is_whole() {
        let found = read(&log());
        assert_eq!((found.unsigned, found.signed, found.broken), (0, 5, vec![]));
    }

    #[test]
    fn whatever_is_changed_is_found_at_its_place() {
        let changes: [fn(&mut Signed); 9] = [
            |s| s.entry.at += chrono::TimeDelta::milliseconds(1),
            |s| s.entry.who = "somebody else".into(),
            |s| s.entry.via = "api".into(),
            |s| s.entry.address = String::new(),
            |s| s.entry.act = "read".into(),
            |s| s.entry.target = String::new(),
            |s| s.entry.outcome = Outcome::Denied,
            |s| s.entry.detail = String::new(),
            |s| s.seal = String::new(),
        ];
        for change in changes {
            let mut log = log();
            change(&mut log[2]);
            assert_eq!(read(&log).broken, [3]);
        }
    }

    #[test]
    fn an_entry_that_is_taken_out_put_in_or_moved_is_found() {
        let mut gone = log();
        gone.remove(2);
        assert_eq!(read(&gone).broken, [4]);
        let mut twice = log();
        twice.insert(3, twice[2].clone());
        assert_eq!(read(&twice).broken, [3]);
        let mut first_gone = log();
        first_gone.remove(0);
        assert_eq!(read(&first_gone).broken, [2]);
        let mut forged = log();
        let other = Seal::from_key([8; 32]);
        forged[2] = Signed::new(&other, &forged[1].link.clone(), forged[2].entry.clone());
        assert_eq!(read(&forged).broken, [3, 4]);
    }

    #[test]
    fn entries_of_an_older_console_are_counted_only_before_the_first_signed_one() {
        let unsigned = |mut s: Signed| {
            (s.link, s.seal) = (String::new(), String::new());
            s
        };
        let mut old: Vec<Signed> = log().into_iter().take(2).map(unsigned).collect();
        old.extend(log());
        let found = read(&old);
        assert_eq!((found.unsigned, found.signed, found.broken), (2, 5, vec![]));
        let mut blanked = log();
        blanked[2] = unsigned(blanked[2].clone());
        assert_eq!(read(&blanked).broken, [3, 4]);
    }
}
