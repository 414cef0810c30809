//! Drills that are due but postponed, and why.

use domain::deployment::DeploymentName;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Why drills that are due wait, by deployment. Not stored: the next look, ten minutes after a start at the latest,
/// finds it again.
#[derive(Default)]
pub(crate) struct PostponedDrills(Mutex<BTreeMap<DeploymentName, String>>);

impl PostponedDrills {
    /// Notes why the deployment's drill waits; `None` when it does not any more.
    pub(crate) fn set(&self, deployment: &DeploymentName, why: Option<String>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match why {
            Some(why) => all.insert(deployment.clone(), why),
            None => all.remove(deployment),
        };
    }

    /// Why it waits; `None` when it does not, or no look has found out yet.
    pub(crate) fn of(&self, deployment: &DeploymentName) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(deployment).cloned()
    }
}
