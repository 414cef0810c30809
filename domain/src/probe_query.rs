//! Queries that matter to the team of a deployment. A rehearsal of another image runs them on a copy of the new version
//! and on the server of today, and tells whether they still run and how long they take. What they answer is never kept.

use crate::Invalid;
use crate::database::DatabaseName;
use crate::text::parsed_when_read;
use serde::{Deserialize, Serialize};

/// So many a deployment may have: each runs four times in a rehearsal.
pub const MOST: usize = 20;
const LONGEST_NAME: usize = 60;
const LONGEST_TEXT: usize = 4_000;

/// 1–60 characters in one line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct ProbeName(String);

parsed_when_read!(ProbeName);

impl ProbeName {
    /// Without the space around it. No slash: it is a part of addresses.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let wrong = |why: &str| Err(Invalid::new("name", why));
        if text.is_empty() {
            return wrong("Give the query a name, for example: Orders of today.");
        }
        if text.chars().count() > LONGEST_NAME {
            return wrong("Write at most 60 characters.");
        }
        if text.chars().any(|c| c.is_control() || c == '/') {
            return wrong("Write one line without a slash.");
        }
        Ok(Self(text.into()))
    }

    /// The stored and serialised form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for ProbeName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// One statement of Cypher that somebody wrote. Not a [`crate::cypher::Statement`], on purpose: that one holds nothing
/// that people enter, and runs where it may write; this one runs only where the server itself refuses to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct ProbeText(String);

parsed_when_read!(ProbeText);

impl ProbeText {
    /// Without the space around it and without a semicolon at its end.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let wrong = |why: &str| Err(Invalid::new("query", why));
        let text = text.replace("\r\n", "\n");
        if text.trim().is_empty() {
            return wrong("Write a query, for example: MATCH (n:Person) RETURN count(n)");
        }
        if text.chars().count() > LONGEST_TEXT {
            return wrong("Write at most 4,000 characters.");
        }
        if text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') {
            return wrong("Write plain text: there is a control character in the query.");
        }
        let code = code(&text);
        let statements = code.split(';').filter(|part| !part.trim().is_empty()).count();
        if statements > 1 {
            return wrong("Write one statement. Save each of several under a name of its own.");
        }
        let words: Vec<String> = code.split_whitespace().map(str::to_uppercase).collect();
        if words.first().is_some_and(|word| ["EXPLAIN", "PROFILE"].contains(&word.as_str())) {
            return wrong("Leave out EXPLAIN and PROFILE: the query itself is run.");
        }
        if words.windows(2).any(|two| two == ["LOAD", "CSV"]) {
            return wrong("Leave out LOAD CSV: the copy that it would run on has neither network nor files.");
        }
        Ok(Self(text.trim().trim_end_matches([';', ' ', '\n', '\t']).into()))
    }

    /// As it is sent.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The text with a space in place of each comment, quoted text and quoted identifier.
fn code(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (skipped, after) = match c {
            '\'' | '"' | '`' => (true, quoted(rest, c)),
            '/' if rest.starts_with("//") => (true, rest.find('\n').map_or(rest.len(), |end| end)),
            '/' if rest.starts_with("/*") => (true, rest[2..].find("*/").map_or(rest.len(), |end| end + 4)),
            other => (false, other.len_utf8()),
        };
        code.push(if skipped { ' ' } else { c });
        rest = &rest[after..];
    }
    code
}

/// How long the quoted part at the beginning is. A backslash in a text escapes what follows it; in an identifier it
/// does not.
fn quoted(text: &str, mark: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' if mark != '`' => escaped = true,
            c if c == mark => return at + c.len_utf8(),
            _ => {}
        }
    }
    text.len()
}

/// A query that a rehearsal tries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeQuery {
    pub name: ProbeName,
    pub database: DatabaseName,
    pub query: ProbeText,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(text: &str) -> String {
        ProbeText::parse(text).expect_err(text).why
    }

    #[test]
    fn a_name_is_one_short_line() {
        assert_eq!(ProbeName::parse(" Orders of today ").expect("a name").as_str(), "Orders of today");
        assert!(ProbeName::parse(&"ä".repeat(60)).is_ok());
        for wrong in ["", "  ", "a\nb", "a/b", &"a".repeat(61)] {
            assert!(ProbeName::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_query_is_one_statement() {
        for good in [
            "RETURN 1;\n",
            "MATCH (n) // first; second\nRETURN n",
            "RETURN 'a;b\\';c' /* ; */ AS x",
            "MATCH (n:`a;b`) RETURN \"LOAD CSV\"",
            "RETURN 'never closed; but Neo4j says so better",
        ] {
            assert!(ProbeText::parse(good).is_ok(), "{good}");
        }
        assert_eq!(ProbeText::parse("  RETURN 1 ;\r\n").expect("one").as_str(), "RETURN 1");
        assert!(why("RETURN 1; RETURN 2").contains("one statement"));
        assert!(why("RETURN `a\\`; RETURN 2").contains("one statement"), "a backslash ends no identifier");
        assert!(why("").contains("Write a query"));
        assert!(why("RETURN \0").contains("control character"));
        assert!(why(&format!("RETURN '{}'", "x".repeat(4_000))).contains("4,000"));
    }

    #[test]
    fn what_does_not_measure_or_reads_files_is_refused() {
        assert!(why("/* x */ profile MATCH (n) RETURN n").contains("PROFILE"));
        assert!(why("Load\n csv FROM 'file:///x' AS l RETURN l").contains("LOAD CSV"));
    }
}
