//! Bearer tokens of the REST API, as people see them. The token itself is shown once, when it is made.

use crate::Invalid;
use crate::text::{Tone, parsed_when_read};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Number of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TokenId(pub i64);

impl std::fmt::Display for TokenId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// What a token is for: up to 60 characters, no control characters; may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Label(String);

parsed_when_read!(Label);

impl Label {
    /// At most 60 characters and no control characters; an empty one is fine.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let good = text.chars().count() <= 60 && !text.chars().any(char::is_control);
        if good {
            Ok(Self(text.into()))
        } else {
            Err(Invalid::new("label", "Write in at most 60 characters what the token is for."))
        }
    }

    /// The stored and serialised form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Days until a token ends by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Life(u16);

impl Default for Life {
    fn default() -> Self {
        Self(90)
    }
}

impl Life {
    /// Refused unless it is 1 to 366.
    pub fn days(days: u16) -> Result<Self, Invalid> {
        if (1..=366).contains(&days) {
            Ok(Self(days))
        } else {
            Err(Invalid::new("days", "A token is valid for 1 to 366 days."))
        }
    }

    /// When a token made now expires.
    pub fn end(self, now: DateTime<Utc>) -> DateTime<Utc> {
        now + TimeDelta::days(i64::from(self.0))
    }
}

/// A token in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    pub id: TokenId,
    /// Whose permissions it has.
    pub member: String,
    pub label: Label,
    pub made_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
    /// Noted at most once a minute; with the address it came from.
    pub last_used: Option<(DateTime<Utc>, String)>,
}

impl View {
    /// Its state as a tone and a word.
    pub fn state(&self, now: DateTime<Utc>) -> (Tone, &'static str) {
        match self.expires_at - now {
            left if left <= TimeDelta::zero() => (Tone::Idle, "Expired"),
            left if left <= TimeDelta::days(7) => (Tone::Warn, "Expires soon"),
            _ => (Tone::Good, "Valid"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_ends_and_says_so_before() {
        let made_at = DateTime::UNIX_EPOCH;
        let expires_at = Life::default().end(made_at);
        let token = View {
            id: TokenId(1),
            member: "ana".into(),
            label: Label::default(),
            made_at,
            expires_at,
            last_used: None,
        };
        let state = |days| token.state(made_at + TimeDelta::days(days)).1;
        assert_eq!([state(0), state(82), state(83), state(90)], ["Valid", "Valid", "Expires soon", "Expired"]);
        assert!(Life::days(0).is_err() && Life::days(367).is_err() && Life::days(366).is_ok());
        assert!(Label::parse("nightly\nreport").is_err() && Label::parse(&"x".repeat(61)).is_err());
    }
}
