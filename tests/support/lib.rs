//! What the tests share: a whole console on real HTTP with fake ports.

pub mod site;

pub use site::{Person, TestSite};
