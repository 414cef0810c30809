//! What the tests share: a whole console on real HTTP with fake ports; the real one as a process, with a real Docker
//! and Neo4j.

pub mod cloning_disk;
pub mod console_process;
pub mod docker;
pub mod neo4j;
pub mod registry;
pub mod s3_store;
pub mod site;
pub mod smtp_sink;
pub mod tiny_disk;
pub mod turns;
pub mod writer;

pub use site::{Person, TestSite};

/// A client over HTTP. Rustls must be told its provider before the first one, also by a test that never speaks TLS.
pub fn client() -> reqwest::ClientBuilder {
    adapters::tls::install_provider();
    reqwest::Client::builder()
}
