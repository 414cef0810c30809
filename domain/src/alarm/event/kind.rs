//! What a message is about, and how grave it is.

use crate::text::Tone;
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr};

/// The words of the API, exactly.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, EnumString, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    BackupFailed,
    TargetFailed,
    Overdue,
    /// A schedule's last run was not made; others may have made fresh backups.
    RunMissed,
    DrillFailed,
    RestoreDone,
    StuckJob,
    /// The deployment has other data than its backups.
    DataReplaced,
    Recovered,
    /// For the dead-man ping alone; no channel can want it.
    BackupVerified,
    /// Somebody asked for it; no channel needs to want it.
    Test,
}

impl Kind {
    /// What a channel can want.
    pub const WANTED: [Self; 9] = [
        Self::BackupFailed,
        Self::TargetFailed,
        Self::Overdue,
        Self::RunMissed,
        Self::DrillFailed,
        Self::RestoreDone,
        Self::StuckJob,
        Self::DataReplaced,
        Self::Recovered,
    ];

    /// The stored and serialised form.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The one with this name; none when there is no such.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    /// As people read it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::BackupFailed => "A backup failed",
            Self::TargetFailed => "A target failed",
            Self::Overdue => "No verified backup",
            Self::RunMissed => "A scheduled backup was missed",
            Self::DrillFailed => "A drill failed",
            Self::RestoreDone => "A restore is done",
            Self::StuckJob => "A job is stuck",
            Self::DataReplaced => "Data differs from the backups",
            Self::Recovered => "Resolved",
            Self::BackupVerified => "Backup verified",
            Self::Test => "A test",
        }
    }

    /// It lasts until it is over, so it is repeated and its end is told. The others are told each time.
    pub const fn lasts(self) -> bool {
        match self {
            Self::BackupFailed
            | Self::TargetFailed
            | Self::Overdue
            | Self::RunMissed
            | Self::DrillFailed
            | Self::StuckJob
            | Self::DataReplaced => true,
            Self::RestoreDone | Self::Recovered | Self::BackupVerified | Self::Test => false,
        }
    }
}

/// From least to worst. Quiet hours hold back all but the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, EnumString, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Level {
    Info,
    Warning,
    Critical,
}

impl Level {
    /// The stored and serialised form.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The one with this name; none when there is no such.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    /// Its tone on pages.
    pub const fn tone(self) -> Tone {
        match self {
            Self::Info => Tone::Info,
            Self::Warning => Tone::Warn,
            Self::Critical => Tone::Bad,
        }
    }
}
