//! What a job does.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The kinds of jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Kind {
    Backup,
    Restore,
    RestoreAsNew,
    UndoRestore,
    RemoveSetAside,
    Verify,
    Drill,
    ProveDump,
    Start,
    Stop,
    Restart,
    Prune,
    Change,
    Rehearsal,
    CreateDeployment,
    DeleteDeployment,
}

impl Kind {
    /// Runs `neo4j-admin` or a second server beside the live ones, which takes memory, disk and processors of the whole
    /// Docker host.
    pub const fn is_heavy(self) -> bool {
        match self {
            Self::Backup | Self::Restore | Self::RestoreAsNew | Self::Drill | Self::ProveDump | Self::Rehearsal => true,
            Self::UndoRestore
            | Self::RemoveSetAside
            | Self::Verify
            | Self::Prune
            | Self::Start
            | Self::Stop
            | Self::Restart
            | Self::Change
            | Self::CreateDeployment
            | Self::DeleteDeployment => false,
        }
    }

    /// Its change is what it was asked for, and is complete with its last changing step: a cancel after that would
    /// throw away what clients have written since. It is taken back by an undo of its own.
    pub const fn change_is_final(self) -> bool {
        matches!(self, Self::Restore | Self::UndoRestore)
    }

    /// All of them.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The stored and serialised form.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The one with this name; none when there is no such.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }

    /// As the heading says it: "Backup of sales".
    pub const fn noun(self) -> &'static str {
        match self {
            Self::Backup => "Backup",
            Self::Restore => "Restore",
            Self::RestoreAsNew => "New deployment from a backup",
            Self::UndoRestore => "Undo of the restore",
            Self::RemoveSetAside => "Removal of set-aside data",
            Self::Verify => "Verification of a backup",
            Self::Drill => "Drill",
            Self::ProveDump => "Verification of an uploaded dump",
            Self::Start => "Start",
            Self::Stop => "Stop",
            Self::Restart => "Restart",
            Self::Prune => "Clean-up of old backups",
            Self::Change => "Change",
            Self::Rehearsal => "Rehearsal of a change",
            Self::CreateDeployment => "Creation",
            Self::DeleteDeployment => "Deletion",
        }
    }

    /// As the chip in the top bar says it: "Backing up sales".
    pub const fn doing(self) -> &'static str {
        match self {
            Self::Backup => "Backing up",
            Self::Restore => "Restoring",
            Self::RestoreAsNew => "Creating a new deployment from",
            Self::UndoRestore => "Undoing the restore of",
            Self::RemoveSetAside => "Removing set-aside data of",
            Self::Verify => "Verifying a backup of",
            Self::Drill => "Running a drill of",
            Self::ProveDump => "Verifying an uploaded dump for",
            Self::Start => "Starting",
            Self::Stop => "Stopping",
            Self::Restart => "Restarting",
            Self::Prune => "Removing old backups of",
            Self::Change => "Changing",
            Self::Rehearsal => "Rehearsing a change of",
            Self::CreateDeployment => "Creating",
            Self::DeleteDeployment => "Deleting",
        }
    }
}
