//! What the console does: use cases, jobs, the SQLite store and the ports. No web in sight, no Docker or Bolt client either.

pub mod error;
pub mod ports;

pub use error::{Error, Result};
