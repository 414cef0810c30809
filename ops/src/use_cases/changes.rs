//! Changes of deployments: planned, shown, applied, taken back.

mod apply;
mod consent;
mod detail;
mod drift;
#[cfg(test)]
mod drift_tests;
#[cfg(test)]
mod go_back_tests;
#[cfg(test)]
mod image_tests;
mod list;
mod memory;
mod plan;
#[cfg(test)]
mod probe_tests;
mod rehearse;
#[cfg(test)]
mod tests;

pub use apply::{ApplyChange, StartChange};
pub use consent::Consent;
pub(super) use detail::last_offline_ms;
pub use detail::{ChangeDetail, GetChange};
pub use drift::{AcceptDrift, ListDrift};
pub use list::ListChanges;
pub use memory::{GetMemory, MemoryView};
pub use plan::{PlanChange, PreviewChange, Wanted};
pub use rehearse::{Rehearse, StartRehearsal};
