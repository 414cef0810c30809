//! Statements of Cypher. What people enter is a parameter, or an identifier that is quoted here: never part of the
//! text.

use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

/// One statement with its parameters. Its text is made of the console's own words and of quoted identifiers alone.
#[derive(Clone, PartialEq)]
pub struct Statement {
    text: Cow<'static, str>,
    params: BTreeMap<&'static str, Value>,
}

impl Statement {
    /// One without anything of anybody's.
    pub const fn fixed(text: &'static str) -> Self {
        Self { text: Cow::Borrowed(text), params: BTreeMap::new() }
    }

    /// Goes on with a name of a user, role, database, label … Cypher takes none of these as a parameter everywhere.
    #[must_use]
    pub fn identifier(mut self, name: &str) -> Self {
        self.text.to_mut().push_str(&quoted(name));
        self
    }

    /// Goes on with the console's own words.
    #[must_use]
    pub fn then(mut self, text: &'static str) -> Self {
        self.text.to_mut().push_str(text);
        self
    }

    /// The value of `$name`. Whole numbers must fit into 64 bits with sign.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.params.insert(name, value.into());
        self
    }

    /// As it is sent, and as people may see it: no parameter's value is in it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// By name, without the `$`. They may be secret.
    pub const fn params(&self) -> &BTreeMap<&'static str, Value> {
        &self.params
    }
}

/// Values are left out: they may be passwords.
impl std::fmt::Debug for Statement {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Statement")
            .field("text", &self.text)
            .field("params", &self.params.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// An identifier in backticks. A backtick is doubled, and a backslash is written as an escape: Neo4j reads `\u0060` as
/// a backtick before it looks at quotes (docs/neo4j-facts.md: Identifiers).
pub fn quoted(identifier: &str) -> String {
    let mut text = String::with_capacity(identifier.len() + 2);
    text.push('`');
    for c in identifier.chars() {
        match c {
            '`' => text.push_str("``"),
            '\\' => {
                // Writing into a String cannot fail.
                let _written = write!(text, "\\u{:04X}", u32::from(c));
            }
            other => text.push(other),
        }
    }
    text.push('`');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_quoted_identifier_but_its_end() {
        for (name, expected) in [
            ("Person", "`Person`"),
            ("we`ird", "`we``ird`"),
            ("\\u0060", "`\\u005Cu0060`"),
            ("a\\", "`a\\u005C`"),
            ("x`) DETACH DELETE n //", "`x``) DETACH DELETE n //`"),
        ] {
            assert_eq!(quoted(name), expected);
        }
    }

    #[test]
    fn what_people_enter_is_in_no_text() {
        let statement = Statement::fixed("ALTER USER ")
            .identifier("an`a")
            .then(" SET PASSWORD $password CHANGE NOT REQUIRED")
            .with("password", "s3cret-s3cret");
        assert_eq!(statement.text(), "ALTER USER `an``a` SET PASSWORD $password CHANGE NOT REQUIRED");
        assert_eq!(statement.params()["password"], "s3cret-s3cret");
        let shown = format!("{statement:?}");
        assert!(shown.contains("password") && !shown.contains("s3cret"), "{shown}");
    }
}
