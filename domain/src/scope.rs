//! What a change or a question is about, and where that is: whether somebody may is asked there.

use crate::backup::BackupId;
use crate::deployment::DeploymentName;
use crate::host::HostId;
use crate::job::JobId;

/// What a change or query is about, as its caller names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// The console itself, its members, targets and channels, or all deployments.
    Console,
    Host(HostId),
    Deployment(DeploymentName),
    /// A backup; the store knows its deployment.
    Backup(BackupId),
    /// A job; the store knows its deployment.
    Job(JobId),
}

impl Subject {
    /// Of one deployment, or of all.
    pub fn of(deployment: Option<&DeploymentName>) -> Self {
        deployment.cloned().map_or(Self::Console, Self::Deployment)
    }
}

/// Where it takes place. Without a deployment: wherever the host is; without a host: everywhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    pub host: Option<HostId>,
    pub deployment: Option<DeploymentName>,
}

impl Scope {
    /// The whole console.
    pub fn everywhere() -> Self {
        Self::default()
    }
}
