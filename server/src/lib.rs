//! The process: configuration, command line, HTTP, the REST API.

// A new variant must be thought of wherever its enum is matched.
#![deny(clippy::wildcard_enum_match_arm)]

pub mod check;
pub mod command_line;
pub mod config;
pub mod http;
pub mod key_file;
pub mod listen;
pub mod log;
pub mod parts;
pub mod public_url;
pub mod rest_api;
pub mod router;
pub mod serve;
pub mod site;

pub use router::build;
