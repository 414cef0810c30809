//! Moments of a job at which a test wants to kill the console. Compiled with the feature `fault-points` only.

use domain::job::Kind;
use std::path::PathBuf;

/// When, in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    pub const ALL: [Self; 5] = [Self::Begun, Self::Acting, Self::Acted, Self::UndoBegun, Self::UndoActed];

    /// The stored and serialised form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Acting => "acting",
            Self::Acted => "acted",
            Self::UndoBegun => "undo_begun",
            Self::UndoActed => "undo_acted",
        }
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
