//! What a deployment is for.

use crate::Invalid;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// Decides how strict the console is. One that nobody told is taken for production.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Environment {
    Development,
    Staging,
    #[default]
    Production,
}

impl Environment {
    /// All of them.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// As [`Self::parse`]; the default where nobody told.
    ///
    /// # Errors
    /// Of the field `environment`.
    pub fn parse_or_default(text: &str) -> Result<Self, Invalid> {
        if text.trim().is_empty() { Ok(Self::default()) } else { Self::parse(text) }
    }

    /// # Errors
    /// Of the field `environment`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let why = || Invalid::new("environment", "Choose development, staging or production.");
        text.trim().parse().map_err(|_| why())
    }

    /// The stored and serialised form.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// As people read it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Development => "Development",
            Self::Staging => "Staging",
            Self::Production => "Production",
        }
    }

    /// Whether an image must be named by a full version: a floating tag means another image with each release.
    pub const fn pins_images(self) -> bool {
        matches!(self, Self::Production)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_read_as_it_is_written_and_nobody_gets_a_looser_one_by_mistake() {
        for environment in Environment::ALL {
            assert_eq!(Environment::parse(environment.as_str()), Ok(*environment));
        }
        assert_eq!(Environment::parse("prod").expect_err("unknown").field, "environment");
        assert!(Environment::parse_or_default(" ").expect("none told").pins_images());
        assert!(Environment::parse_or_default("prod").is_err() && Environment::parse("").is_err());
    }
}
