//! Moments of a job at which a test wants to kill the console. Compiled with the feature `fault-points` only.

use domain::job::Kind;
use std::path::PathBuf;
use strum::{EnumString, IntoStaticStr, VariantArray};

/// When, in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "snake_case")]
pub enum Moment {
    /// It is marked as begun and has not acted.
    Begun,
    /// It acts: told, but not waited at.
    Acting,
    /// It has acted, and that is not marked yet.
    Acted,
    /// The same two of its undo.
    UndoBegun,
    UndoActed,
}

impl Moment {
    /// All of them.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// The stored and serialised form.
    pub fn as_str(self) -> &'static str {
        self.into()
    }
}

/// `restore.load.acted`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultPoint {
    pub kind: Kind,
    pub step: String,
    pub moment: Moment,
}

impl std::fmt::Display for FaultPoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.kind.as_str(), self.step, self.moment.as_str())
    }
}

/// Where to wait, and the file that tells of it.
#[derive(Debug, Clone)]
pub struct HoldAt {
    pub point: FaultPoint,
    pub tell: PathBuf,
}
