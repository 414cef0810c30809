//! Jobs: crash-safe runs of steps with undo. One kind of job a file; what they share is in [`server`] and [`helpers`];
//! the decisions are in `domain::plan`; [`runner`] asks, acts and records.

pub mod aside;
pub mod backup;
pub(crate) mod cancel;
pub mod change;
pub mod context;
pub mod copies;
pub mod create_deployment;
pub mod delete_deployment;
pub mod describe;
pub mod drill;
pub(crate) mod ended;
#[cfg(feature = "fault-points")]
pub mod fault_point;
pub mod helpers;
pub mod job;
pub(crate) mod name_in_use;
pub mod new_server;
pub mod offline;
pub mod operate;
pub(crate) mod outage;
mod probes;
mod proof;
pub mod prove_dump;
pub mod prune;
pub(crate) mod queue;
pub(crate) mod registry;
pub mod rehearsal;
pub mod remove_set_aside;
pub mod restore;
pub mod restore_as_new;
pub mod restore_check;
pub(crate) mod retry;
pub mod runner;
pub mod server;
mod trial;
pub mod undo_restore;
pub mod verify_backup;

#[cfg(test)]
mod as_new_tests;
#[cfg(test)]
mod bad_days;
#[cfg(test)]
mod bad_state_tests;
#[cfg(test)]
mod busy_tests;
#[cfg(test)]
mod copies_tests;
#[cfg(test)]
mod encryption_tests;
#[cfg(test)]
mod offline_tests;
#[cfg(test)]
mod panic_tests;
#[cfg(test)]
mod prove_dump_tests;
#[cfg(test)]
mod set_up_tests;
#[cfg(test)]
pub(crate) mod stage;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod undo_tests;
