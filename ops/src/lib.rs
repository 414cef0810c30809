//! What the console does: use cases, jobs, the SQLite store and the ports. No web in sight, no Docker or Bolt client either.

pub mod account;
pub mod archive;
pub mod audit;
pub mod backups;
pub mod bundle;
pub mod calendar;
pub mod console;
pub mod deployments;
pub mod download;
pub mod drills;
pub mod encryption;
pub mod error;
pub mod graph;
mod hashing;
pub mod jobs;
pub mod members;
pub mod notifications;
pub mod observe;
#[cfg(test)]
mod origin_tests;
pub mod ports;
pub mod replaced;
pub mod restores;
pub mod scan;
pub mod schedules;
pub mod seal;
pub mod store;
mod tar_guard;
pub mod targets;
#[cfg(feature = "testing")]
pub mod testing;
pub mod tokens;
pub(crate) mod upkeep;
pub mod uploads;

pub use console::{Actor, Change, Console, Query, Scene, Via};
pub use error::{Error, Result};
