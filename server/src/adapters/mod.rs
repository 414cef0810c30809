//! The ports' other side: Docker, Bolt, the disk and the clock. Only here do `bollard` and `neo4rs` appear; each adapter
//! translates their errors at its own edge and bounds every call. No rules of the console live here.

mod bolt;
mod docker;
mod local_directory;
mod system_clock;

pub use bolt::Bolt;
pub use docker::DockerEngine;
pub use local_directory::LocalDirectory;
pub use system_clock::SystemClock;
