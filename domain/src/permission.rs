//! Who may do what in the console: one table. Every use case names its permission; the printed
//! matrix is `tests/access.txt`.

use crate::member::Role;
use serde::{Deserialize, Serialize};

macro_rules! permissions {
    ($($variant:ident = $name:literal, $least:ident, $what:literal;)*) => {
        /// A right to do one kind of thing.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Permission { $(#[serde(rename = $name)] $variant,)* }

        impl Permission {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];
            /// The name in the audit log and in `tests/access.txt`.
            pub const fn name(self) -> &'static str { match self { $(Self::$variant => $name,)* } }
            /// What it lets one do, to complete "You may not …".
            pub const fn what(self) -> &'static str { match self { $(Self::$variant => $what,)* } }
            /// The least console role that has it. Roles are ordered: each has all of the one below.
            pub const fn least(self) -> Role { match self { $(Self::$variant => Role::$least,)* } }
        }
    };
}

permissions! {
    OwnAccount = "account.own", Viewer, "change your own account";
    DeploymentView = "deployment.view", Viewer, "see deployments";
    BackupView = "backup.view", Viewer, "see backups";
    JobView = "job.view", Viewer, "see jobs";
    DeploymentOperate = "deployment.operate", Operator, "start, stop or restart a deployment";
    BackupRun = "backup.run", Operator, "run a backup";
    RestoreRequest = "restore.request", Operator, "restore a backup";
    JobCancel = "job.cancel", Operator, "cancel a job";
    RestoreUndo = "restore.undo", Lead, "undo a restore or remove the data it set aside";
    BackupDelete = "backup.delete", Lead, "delete a backup";
    BackupDownload = "backup.download", Lead, "download a backup: all of its data";
    BackupUpload = "backup.upload", Lead, "upload a backup";
    BackupAccept = "backup.accept", Lead, "accept a backup that is from outside";
    BackupPin = "backup.pin", Lead, "pin or unpin a backup";
    ScheduleManage = "schedule.manage", Lead, "add, change, pause or remove a schedule";
    TargetManage = "target.manage", Admin, "add or remove targets of backups";
    RegistryManage = "registry.manage", Admin, "see, save or remove sign-ins of registries";
    AuditView = "audit.view", Lead, "read the audit log";
    NotificationManage = "notification.manage", Lead, "manage notifications";
    DeploymentAdopt = "deployment.adopt", Admin, "adopt or forget a deployment, or change its credentials";
    ConfigChange = "config.change", Admin, "change a deployment's memory, image or settings";
    MemberManage = "member.manage", Admin, "manage members";
}

impl Role {
    /// Whether the role has the permission; each role has those of the roles below it.
    pub fn has(self, permission: Permission) -> bool {
        self >= permission.least()
    }
}

/// The role × permission matrix as text, one permission a line.
pub fn matrix() -> String {
    let mut out = format!("{:<20} viewer operator lead admin\n", "permission");
    for p in Permission::ALL {
        let mark = |r: Role| if r.has(*p) { "yes" } else { "-" };
        out += &format!(
            "{:<20} {:<6} {:<8} {:<4} {}\n",
            p.name(),
            mark(Role::Viewer),
            mark(Role::Operator),
            mark(Role::Lead),
            mark(Role::Admin)
        );
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_viewer_changes_nothing_and_an_admin_may_everything() {
        let viewer: Vec<_> = Permission::ALL.iter().filter(|p| Role::Viewer.has(**p)).map(|p| p.name()).collect();
        assert_eq!(viewer, ["account.own", "deployment.view", "backup.view", "job.view"]);
        assert!(Permission::ALL.iter().all(|p| Role::Admin.has(*p)));
        assert!(!Role::Operator.has(Permission::RestoreUndo));
    }
}
