//! What jobs, use cases and background loops share. Knows the store and the ports, not who asks.

pub mod archive;
pub(crate) mod audit_log;
pub mod bundle;
pub(crate) mod containers;
pub(crate) mod credentials;
pub(crate) mod drift;
pub mod encryption;
pub(crate) mod freshness;
pub mod graph;
pub mod messages;
pub mod observer;
pub(crate) mod passwords;
pub mod probes;
pub(crate) mod registry_sign_ins;
pub(crate) mod registry_tags;
pub(crate) mod replaced;
pub(crate) mod retention;
pub(crate) mod storage;
pub(crate) mod tar_guard;
pub mod timetable;
