//! State of the background loops.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use strum::IntoStaticStr;

/// What runs by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Loop {
    Jobs,
    Observer,
    Scheduler,
    Maintenance,
    Samples,
    Alarms,
    Deliveries,
    Cache,
    /// Of the server: removes sessions that are over.
    Sessions,
}

/// State of a background loop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum LoopState {
    Running,
    /// It panicked and waits to be started again.
    Restarting,
}

/// Every loop that was started.
#[derive(Default)]
pub(crate) struct Loops(Mutex<BTreeMap<Loop, LoopState>>);

impl Loops {
    /// Notes the state of this loop, also of a loop not seen before.
    pub fn set(&self, which: Loop, state: LoopState) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(which, state);
    }

    /// Those that were started, in the order of [`Loop`].
    pub fn all(&self) -> BTreeMap<Loop, LoopState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
