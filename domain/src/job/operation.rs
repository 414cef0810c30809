//! What people do to a server without touching its data.

use super::Kind;
use serde::{Deserialize, Serialize};

/// Each is a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    Start,
    Stop,
    Restart,
}

impl Operation {
    /// The kind of job that does it.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Start => Kind::Start,
            Self::Stop => Kind::Stop,
            Self::Restart => Kind::Restart,
        }
    }
}
