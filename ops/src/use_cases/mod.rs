//! What people can do and ask. One subject a file; each use case is a [`crate::Change`] or a [`crate::Query`] with its
//! permission on it.

pub mod account;
pub mod alarms;
pub mod audit;
pub mod backups;
pub mod calendar;
pub mod changes;
pub mod channels;
mod confirm;
pub mod deliveries;
pub mod deployments;
pub mod download;
pub mod drills;
pub mod images;
pub mod jobs;
pub mod members;
#[cfg(test)]
mod origin_tests;
pub mod probe_queries;
pub mod registries;
pub mod replaced;
pub mod restores;
pub mod retention;
pub mod samples;
pub mod scan;
pub mod schedules;
#[cfg(test)]
mod stored_tests;
pub mod targets;
pub mod tokens;
pub mod uploads;
