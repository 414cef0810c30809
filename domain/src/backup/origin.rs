//! Where a backup came from. A bundle says of itself who made it, when and of what; only the console's seal beside its
//! manifest proves that.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// Whether what a backup says of itself is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Origin {
    /// This console made it: it has its row since then, or its manifest carries the console's seal.
    Own,
    /// It was uploaded, or found on a target, without that seal. It is listed and read back; nothing else is done with
    /// it.
    Outside,
    /// From outside, and a member has said that it may be restored. No rule counts on it all the same.
    Accepted,
}

impl Origin {
    /// All of them.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// In the database and the API.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The one with this name; none when there is no such.
    pub fn parse(word: &str) -> Option<Self> {
        word.parse().ok()
    }

    /// Whether its data may be loaded, in a restore or a drill.
    pub const fn may_be_loaded(self) -> bool {
        match self {
            Self::Own | Self::Accepted => true,
            Self::Outside => false,
        }
    }

    /// What lists say of it; nothing of the console's own.
    pub const fn words(self) -> Option<&'static str> {
        match self {
            Self::Own => None,
            Self::Outside => Some("From outside"),
            Self::Accepted => Some("From outside, accepted"),
        }
    }
}
