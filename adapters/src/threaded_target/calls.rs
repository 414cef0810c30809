//! Which calls run on the threads of one target, and which of them are late.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

type Late = bool;

#[derive(Default)]
struct State {
    last: u64,
    running: BTreeMap<u64, Late>,
}

#[derive(Default)]
pub(super) struct Calls(Mutex<State>);

/// Until it is dropped, which is when the call has come back.
pub(super) struct Running {
    calls: Arc<Calls>,
    number: u64,
}

/// The caller's side.
pub(super) struct LateSignal {
    calls: Arc<Calls>,
    number: u64,
}

impl Calls {
    /// `None` while a call hangs.
    pub fn begin(self: &Arc<Self>) -> Option<Running> {
        self.with(|state| {
            if state.running.values().any(|late| *late) {
                return None;
            }
            state.last += 1;
            state.running.insert(state.last, false);
            Some(Running { calls: self.clone(), number: state.last })
        })
    }

    fn with<R>(&self, change: impl FnOnce(&mut State) -> R) -> R {
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Running {
    /// A handle for whoever waits for the call.
    pub fn late_signal(&self) -> LateSignal {
        LateSignal { calls: self.calls.clone(), number: self.number }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.calls.with(|state| state.running.remove(&self.number));
    }
}

impl LateSignal {
    /// It did not come back in time. Nothing happens where it has meanwhile.
    pub fn mark(&self) {
        self.calls.with(|state| {
            if let Some(late) = state.running.get_mut(&self.number) {
                *late = true;
            }
        });
    }
}
