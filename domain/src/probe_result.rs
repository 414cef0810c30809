//! What came of probe queries in a rehearsal, as people read it.

use crate::probe_query::ProbeName;
use crate::text::{Tone, plural, took};

/// Slower than this many times, and by at least as many milliseconds: below that it may be chance.
const TIMES_SLOWER: u64 = 2;
const MILLIS_SLOWER: u64 = 100;
/// So many are named in a sentence; the log has all.
const NAMED: usize = 5;

/// A query that ran to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ran {
    pub rows: u64,
    /// Between two looks at the server's own clock, in one session: with planning, sending of all rows and nothing of
    /// the connection.
    pub millis: u64,
}

/// One query on both servers; why it did not run there, in Neo4j's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tried {
    pub name: ProbeName,
    /// On the copy, with the new version.
    pub new: Result<Ran, String>,
    /// On the server of today.
    pub now: Result<Ran, String>,
}

impl Tried {
    fn is_slower(&self) -> bool {
        match (&self.new, &self.now) {
            (Ok(new), Ok(now)) => new.millis >= now.millis * TIMES_SLOWER && new.millis >= now.millis + MILLIS_SLOWER,
            _ => false,
        }
    }

    fn fails_only_with_new(&self) -> bool {
        self.new.is_err() && self.now.is_ok()
    }

    fn fails_on_both(&self) -> bool {
        self.new.is_err() && self.now.is_err()
    }

    /// For the log.
    pub fn line(&self) -> (Tone, String) {
        let tone = if self.new.is_err() || self.is_slower() { Tone::Warn } else { Tone::Info };
        let told = |ran: &Result<Ran, String>| match ran {
            Ok(ran) => format!("{}, {}", took(ran.millis), plural(ran.rows, "row", "rows")),
            Err(why) => format!("fails: {why}"),
        };
        (tone, format!("Probe query {}: new version: {}; today: {}", self.name, told(&self.new), told(&self.now)))
    }
}

/// All of them in a few sentences; `Warn` where somebody should look.
pub fn summary(all: &[Tried]) -> (Tone, String) {
    let total = plural(all.len() as u64, "probe query", "probe queries");
    let some = |which: fn(&Tried) -> bool, says: &str| {
        let names: Vec<&str> = all.iter().filter(|tried| which(tried)).map(|tried| tried.name.as_str()).collect();
        let more = if names.len() > NAMED { ", …" } else { "" };
        let shown = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        (!names.is_empty()).then(|| format!("{} of {total} {says}: {shown}{more}.", names.len()))
    };
    let told: Vec<String> = [
        some(Tried::fails_only_with_new, "fail with the new version"),
        some(Tried::fails_on_both, "fail with the new version as they do today"),
        some(Tried::is_slower, "take at least twice as long with the new version"),
        some(|tried| tried.new.is_ok() && tried.now.is_err(), "run with the new version and not today"),
    ]
    .into_iter()
    .flatten()
    .collect();
    match told.as_slice() {
        [] => (Tone::Good, format!("Of {total} all run with the new version and are not much slower than today.")),
        some => (Tone::Warn, some.join(" ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tried(name: &str, new: Result<u64, &str>, now: Result<u64, &str>) -> Tried {
        let ran = |side: Result<u64, &str>| side.map(|millis| Ran { rows: 3, millis }).map_err(str::to_owned);
        Tried { name: ProbeName::parse(name).expect("a name"), new: ran(new), now: ran(now) }
    }

    #[test]
    fn those_that_fail_or_are_much_slower_are_named() {
        let all = [
            tried("a", Ok(10), Ok(9)),
            tried("b", Err("There is no procedure"), Ok(9)),
            tried("c", Err("no"), Err("no")),
            tried("d", Ok(400), Ok(200)),
            tried("e", Ok(80), Ok(1)),
            tried("f", Ok(500), Ok(400)),
        ];
        let (tone, says) = summary(&all);
        assert_eq!(tone, Tone::Warn);
        assert_eq!(
            says,
            "1 of 6 probe queries fail with the new version: b. 1 of 6 probe queries fail with the new version as they \
             do today: c. 1 of 6 probe queries take at least twice as long with the new version: d."
        );
        let (tone, line) = all[1].line();
        assert_eq!(
            (tone, line.contains("fails: There is no procedure; today: 0.0\u{202f}s, 3 rows")),
            (Tone::Warn, true),
            "{line}"
        );
    }

    #[test]
    fn all_well_is_said_too() {
        let (tone, says) = summary(&[tried("a", Ok(10), Ok(9))]);
        assert_eq!(
            (tone, says.as_str()),
            (Tone::Good, "Of 1 probe query all run with the new version and are not much slower than today.")
        );
    }
}
