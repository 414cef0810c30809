//! The ports' other side: Docker, Bolt, the disk, mail, web hooks, registries and the clock. Only here do `bollard` and
//! `neo4rs` appear; each adapter translates their errors at its own edge and bounds every call. No rules of the console
//! live here.

pub mod bolt;
pub mod docker;
pub mod local_directory;
pub mod named_directory;
pub mod outbound;
pub mod registry;
pub mod s3;
pub mod smtp;
pub mod system_clock;
pub mod target_factory;
pub mod threaded_target;
pub mod tls;
pub mod webhook;
