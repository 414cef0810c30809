//! Members: the people who sign in to the console. They are not Neo4j users.

use crate::Invalid;
use crate::text::parsed_when_read;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// A console role. Ordered: each has all the rights of the one before.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    EnumString,
    IntoStaticStr,
    VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Role {
    Viewer,
    Operator,
    Lead,
    Admin,
}

impl Role {
    /// All of them.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The stored and serialised form.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// What the role is for, in one line.
    pub const fn about(self) -> &'static str {
        match self {
            Self::Viewer => "Sees deployments, backups and jobs, changes nothing.",
            Self::Operator => "Also starts and stops deployments, runs backups and restores.",
            Self::Lead => "Also undoes restores, deletes backups, reads the audit log.",
            Self::Admin => "Also adopts deployments and manages members.",
        }
    }

    /// From `viewer`, `operator`, `lead` or `admin`; any other word is refused.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        text.parse().map_err(|_| Invalid::new("role", "The role is one of viewer, operator, lead, admin."))
    }
}

/// Id of a member; 0 for actors that are no member (schedules, failed sign-ins).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MemberId(pub i64);

/// The name a member signs in with: 1–64 characters, no control characters, no white space at the ends.
/// Compared without regard to ASCII case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct MemberName(String);

parsed_when_read!(MemberName);

impl MemberName {
    /// Characters of a name, at most.
    pub const MAX: usize = 64;

    /// White space at the ends is cut off; an empty name and control characters are refused.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        match text.chars().count() {
            0 => Err(Invalid::new("name", "Write a name, for example ana or ana@example.com.")),
            n if n > Self::MAX => {
                Err(Invalid::new("name", format!("The name has {n} characters. Use at most {}.", Self::MAX)))
            }
            _ if text.chars().any(char::is_control) => {
                Err(Invalid::new("name", "The name holds control characters. Use letters, digits and signs."))
            }
            _ => Ok(Self(text.into())),
        }
    }

    /// The stored and serialised form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A new password, never shown, logged or serialised.
#[derive(Clone, PartialEq, Eq)]
pub struct NewPassword(String);

impl NewPassword {
    /// Characters of a password, at least.
    pub const MIN: usize = 12;
    /// Longer ones cost the hash function time for nothing.
    pub const MAX: usize = 256;

    /// `common` is the bundled list, lower case, one a line.
    pub fn parse(text: &str, common: &str) -> Result<Self, Invalid> {
        let length = text.chars().count();
        if length < Self::MIN {
            return Err(Invalid::new(
                "password",
                format!("Use at least {} characters. Length counts, symbols do not.", Self::MIN),
            ));
        }
        if length > Self::MAX {
            return Err(Invalid::new("password", format!("Use at most {} characters.", Self::MAX)));
        }
        let lower = text.to_lowercase();
        let mut kinds: Vec<char> = lower.chars().collect();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.len() < 4 || common.lines().any(|c| c == lower) {
            return Err(Invalid::new(
                "password",
                "This password is on a list of common passwords. Choose another one.",
            ));
        }
        Ok(Self(text.into()))
    }

    /// The password itself, for hashing only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword(hidden)")
    }
}

/// A member as pages show them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub id: MemberId,
    pub name: String,
    pub role: Role,
    pub disabled: bool,
    pub created_at: DateTime<Utc>,
    pub last_sign_in: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passwords_are_judged_by_length_and_by_the_common_list() {
        let common = "correcthorse\npassword1234";
        assert!(NewPassword::parse("short", common).is_err());
        assert!(NewPassword::parse("Password1234", common).is_err(), "case does not help");
        assert!(NewPassword::parse("aaaaaaaaaaaaaaaa", common).is_err(), "one letter repeated");
        assert!(NewPassword::parse("seven brown owls", common).is_ok());
        assert_eq!(format!("{:?}", NewPassword::parse("seven brown owls", common)), "Ok(NewPassword(hidden))");
    }

    #[test]
    fn odd_names_are_kept_as_they_are_and_bounded() {
        for name in ["O'Brien \"Bob\"", "<script>alert(1)</script>", "🚀", "ana@example.com"] {
            assert_eq!(MemberName::parse(name).expect(name).as_str(), name);
        }
        assert!(MemberName::parse(&"x".repeat(10_000)).is_err());
        assert!(MemberName::parse(" \t ").is_err());
    }
}
