//! The domain model as types. Pure and wasm-safe; no async, no I/O, no clock. It does not know how anything is stored,
//! shown or carried out.

// A new variant must be thought of wherever its enum is matched.
#![deny(clippy::wildcard_enum_match_arm)]

pub mod alarm;
pub mod audit;
pub mod backup;
pub mod bolt;
pub mod calendar;
pub mod change;
pub mod channel;
pub mod compose;
pub mod container;
pub mod cypher;
pub mod database;
pub mod deployment;
pub mod drill;
pub mod encryption;
pub mod environment;
pub mod finding;
pub mod freshness;
pub mod gate;
pub mod helper;
pub mod host;
pub mod image;
pub mod job;
pub mod member;
pub mod memory;
pub mod near_miss;
pub mod new_deployment;
pub mod offline;
pub mod overview;
pub mod page;
pub mod permission;
pub mod plaintext;
pub mod plan;
pub mod probe_query;
pub mod probe_result;
pub mod problem;
pub mod registry_sign_in;
pub mod replaced;
pub mod retention;
pub mod sample;
pub mod schedule;
pub mod scope;
pub mod set_aside;
pub mod setting;
pub mod statements;
pub mod storage;
pub mod target;
pub mod text;
pub mod throttle;
pub mod token;
pub mod trial;
#[cfg(test)]
mod words_tests;

pub use problem::{Invalid, Problem};
