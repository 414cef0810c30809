//! Alarms of a deployment: what is set and what is open. What raises one is in [`event`]; how often it repeats, and
//! quiet hours, in [`policy`].

pub mod event;
pub mod policy;

use crate::deployment::DeploymentName;
use crate::finding::Finding;
use crate::freshness::Freshness;
use policy::{Open, Repeat};
use serde::{Deserialize, Serialize};

/// What is set for the alarms of one deployment, and what is open. No secret in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlarmOverview {
    pub deployment: DeploymentName,
    pub freshness: Freshness,
    pub repeat: Repeat,
    /// Where the dead-man ping goes, without its secret part.
    pub ping: Option<String>,
    /// Problems of the dead-man ping.
    pub findings: Vec<Finding>,
    /// What is not over.
    pub open: Vec<Open>,
}
