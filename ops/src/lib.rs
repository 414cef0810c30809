//! What the console does: use cases, jobs and the SQLite store. No web in sight, no Docker or Bolt client either: it
//! knows those as `ports`. The modules are layers, each using those below it only: background, use_cases, jobs,
//! console, engine, store, crypto, error (docs/decisions/0020; checked by scripts/invariants.sh).

// A new variant must be thought of wherever its enum is matched.
#![deny(clippy::wildcard_enum_match_arm)]

pub mod actor;
pub mod background;
pub mod console;
pub mod crypto;
pub mod engine;
pub mod error;
pub mod jobs;
pub mod store;
#[cfg(feature = "testing")]
pub mod testing;
pub mod timeouts;
pub mod use_cases;

pub use actor::{Actor, Via};
pub use console::Console;
pub use console::context::{Change, Context, Query};
pub use error::{Error, Result};
