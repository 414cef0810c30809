//! Secrets: sealing, hashing, signing, tokens.

pub mod chain;
pub(crate) mod hashing;
pub mod seal;
pub(crate) mod token;
