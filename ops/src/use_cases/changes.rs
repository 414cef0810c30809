//! Changes of deployments: planned, shown, applied, taken back.

mod apply;
mod detail;
mod drift;
#[cfg(test)]
mod drift_tests;
#[cfg(test)]
mod image_tests;
mod list;
mod memory;
mod plan;
mod rehearse;
#[cfg(test)]
mod tests;

pub use apply::{ApplyChange, StartChange};
pub(super) use detail::last_offline_ms;
pub use detail::{ChangeDetail, GetChange};
pub use drift::{AcceptDrift, ListDrift};
pub use list::ListChanges;
pub use memory::{GetMemory, MemoryView};
pub use plan::{PlanChange, PreviewChange, Wanted};
pub use rehearse::{Rehearse, StartRehearsal};
