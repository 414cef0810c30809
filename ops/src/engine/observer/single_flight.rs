//! One refresh of a deployment at a time. Each costs the engine some calls and Neo4j a sign-in, anybody may ask for
//! one, and two side by side with a stale password are two wrong tries: whoever comes meanwhile shares the next one.

use super::lock;
use crate::store::DeploymentRow;
use domain::deployment::{DeploymentName, Observation};
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

#[derive(Default)]
pub(super) struct SingleFlight {
    /// Numbers what is asked and what begins, so that it can be told which came first.
    order: AtomicU64,
    last: Mutex<HashMap<DeploymentName, Arc<tokio::sync::Mutex<Option<Finished>>>>>,
}

/// A refresh that is over.
struct Finished {
    began: u64,
    /// With which user and password, in which container.
    row: DeploymentRow,
    measured: bool,
    seen: Arc<Observation>,
}

impl SingleFlight {
    /// What was seen by a refresh that began after this call: one that began before may have missed what its caller
    /// just changed.
    pub async fn run(
        &self,
        row: &DeploymentRow,
        measured: bool,
        refresh: impl Future<Output = Arc<Observation>>,
    ) -> Arc<Observation> {
        let asked = self.next();
        let last = lock(&self.last).entry(row.name.clone()).or_default().clone();
        let mut last = last.lock().await;
        if let Some(shared) = last.as_ref().filter(|l| l.began > asked && l.row == *row && (l.measured || !measured)) {
            return shared.seen.clone();
        }
        let began = self.next();
        let seen = refresh.await;
        *last = Some(Finished { began, row: row.clone(), measured, seen: seen.clone() });
        seen
    }

    /// The next refresh of this deployment is not shared with an earlier one.
    pub fn forget(&self, name: &DeploymentName) {
        lock(&self.last).remove(name);
    }

    fn next(&self) -> u64 {
        self.order.fetch_add(1, Ordering::SeqCst)
    }
}
