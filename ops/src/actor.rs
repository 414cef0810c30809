//! Who acts, and by which way they came.

use crate::store::MemberRow;
use domain::member::{MemberId, Role};
use domain::permission::Permission;
use domain::scope::Scope;
use domain::token::Label;

/// The way by which a request arrived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Via {
    Browser,
    /// By a token for this purpose.
    Api(Label),
    CommandLine,
    /// The console itself, by a schedule or a rule somebody made.
    Schedule,
}

impl Via {
    /// As the audit log has it.
    pub fn words(&self) -> String {
        match self {
            Self::Browser => "browser".into(),
            Self::Api(label) if label.as_str().is_empty() => "api".into(),
            Self::Api(label) => format!("api ({})", label.as_str()),
            Self::CommandLine => "command line".into(),
            Self::Schedule => "schedule".into(),
        }
    }
}

/// Who does it: a member, proven by a session, a token or the command line of the console's own machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub id: MemberId,
    pub name: String,
    pub role: Role,
    pub via: Via,
    /// Where they come from, as an address; empty on the command line.
    pub address: String,
    /// Number of password changes; a session made before the last one is over.
    pub epoch: i64,
}

impl Actor {
    /// Whether they may do this there. Somebody who came by a token has the role of its member.
    pub fn may(&self, permission: Permission, there: &Scope) -> bool {
        self.role_in(there).has(permission)
    }

    /// Which of these they lack there; none when they may.
    pub fn lacks(&self, needs: &[Permission], there: &Scope) -> Option<Permission> {
        needs.iter().copied().find(|permission| !self.may(*permission, there))
    }

    /// The same everywhere: roles are of the whole console (docs/decisions/0019).
    const fn role_in(&self, _there: &Scope) -> Role {
        self.role
    }

    /// A member, by their row.
    pub(crate) fn of(row: &MemberRow, via: Via, address: &str) -> Self {
        Self {
            id: row.member.id,
            name: row.member.name.clone(),
            role: row.member.role,
            via,
            address: address.into(),
            epoch: row.epoch,
        }
    }

    /// The console itself, for a schedule or a rule that somebody made, with the least role that may do it.
    pub(crate) fn schedule(name: impl Into<String>, role: Role) -> Self {
        Self::nobody(name, role, Via::Schedule, "")
    }

    /// Whoever holds the console's machine and data directory.
    pub(crate) fn command_line() -> Self {
        Self::nobody("command line", Role::Admin, Via::CommandLine, "")
    }

    /// Somebody who could not prove who they are, for the audit log.
    pub(crate) fn unproven(name: impl Into<String>, via: Via, address: &str) -> Self {
        Self::nobody(name, Role::Viewer, via, address)
    }

    fn nobody(name: impl Into<String>, role: Role, via: Via, address: &str) -> Self {
        Self { id: MemberId(0), name: name.into(), role, via, address: address.into(), epoch: 0 }
    }
}
