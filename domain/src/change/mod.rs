//! A change of a deployment: what is asked for becomes a plan, the plan is shown, checked and applied as a job, and
//! what was applied can be taken back (docs/decisions/0027).

mod difference;
mod drift;
mod entry;
mod image;
mod memory;
mod owner;
mod plan;
mod revert;

pub use difference::{Difference, ImageUse};
pub use drift::{Configuration, Drift, Kept, Side, drift, plan_back};
pub use entry::{ChangeEntry, ChangeId, State};
pub use image::{ImageWanted, KnownImage, accepted_licence, can_open, migrates, pinned, plan_image};
pub(crate) use memory::size;
pub use memory::{LimitWanted, MemoryValues, MemoryWanted, plan_memory};
pub use plan::{Basis, Effect, Plan, Setting};
pub use revert::plan_revert;

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

/// The field with the reason why an upgrade is applied that was not rehearsed.
pub const WITHOUT_REHEARSAL: &str = "without_rehearsal";

/// The kinds of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    Memory,
    Image,
    /// Takes back an earlier change.
    Revert,
}

impl Kind {
    /// The stored and serialised form.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The one with this name; none when there is no such.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    /// As a heading says it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Memory => "Memory",
            Self::Image => "Image",
            Self::Revert => "Revert",
        }
    }
}
