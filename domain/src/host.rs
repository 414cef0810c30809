//! The machines whose Docker Engine the console speaks to.

use crate::Invalid;
use crate::text::parsed_when_read;
use serde::{Deserialize, Serialize};

/// Names a Docker host. A container's name says which container it is only together with its host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct HostId(String);

parsed_when_read!(HostId);

impl HostId {
    /// The host whose engine the console was started with.
    pub fn local() -> Self {
        Self("local".into())
    }

    /// 1–40 small letters, digits and dashes, beginning with a letter.
    ///
    /// # Errors
    /// For everything else.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let good = (1..=40).contains(&text.len())
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
        if good {
            Ok(Self(text.into()))
        } else {
            Err(Invalid::new("host", "A host is named by small letters, digits and dashes, beginning with a letter."))
        }
    }

    /// The stored and serialised form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for HostId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_local_host_is_one_by_the_rule_and_odd_names_are_none() {
        assert_eq!(HostId::parse(HostId::local().as_str()), Ok(HostId::local()));
        for bad in ["", "Local", "1st", "-x", "a b", "a/b", "ä", &"x".repeat(41)] {
            assert!(HostId::parse(bad).is_err(), "{bad}");
        }
    }
}
