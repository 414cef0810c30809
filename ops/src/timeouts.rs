//! Time limits, and how many heavy jobs run at once.

use std::time::Duration;

/// How long the console waits for Neo4j, and how many heavy jobs run at once. Tests shorten the times.
#[derive(Debug, Clone)]
pub struct Timeouts {
    /// From SIGTERM to SIGKILL, at least; a container's own longer stop timeout wins.
    pub stop: Duration,
    /// From start until Bolt answers; recovery or a store upgrade can take minutes.
    pub ready: Duration,
    /// Between two looks.
    pub poll: Duration,
    /// One run of `neo4j-admin`.
    pub helper: Duration,
    /// Heavy jobs that may run on the Docker host at the same time ([`Kind::is_heavy`]).
    pub max_heavy_jobs: usize,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            stop: Duration::from_secs(domain::container::STOP_SECONDS),
            ready: Duration::from_secs(600),
            poll: Duration::from_millis(250),
            helper: Duration::from_secs(6 * 3600),
            max_heavy_jobs: 1,
        }
    }
}
