//! Connections that worked and wait for their next use. Taken out while in use, so two calls never share one; what
//! failed never comes back.

use crate::system_clock::monotonic;
use neo4rs::Graph;
use ports::BoltServer;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const IDLE: Duration = Duration::from_secs(60);
/// Then the console signs in anew: a password changed meanwhile must be noticed.
const OLDEST: Duration = Duration::from_secs(300);
const MOST: usize = 64;

/// A connection that is signed in, and when it was made.
pub struct Live {
    pub graph: Graph,
    born: Instant,
}

impl Live {
    /// Made now.
    pub fn new(graph: Graph) -> Self {
        Self { graph, born: monotonic() }
    }
}

struct Idle {
    server: BoltServer,
    live: Live,
    since: Instant,
}

impl Idle {
    fn is_fresh(&self, now: Instant) -> bool {
        now.duration_since(self.since) < IDLE && now.duration_since(self.live.born) < OLDEST
    }
}

/// The connections that wait: one a server and user, at most 64, unused for less than a minute.
#[derive(Default)]
pub struct IdleConnections(Mutex<Vec<Idle>>);

impl IdleConnections {
    /// Takes out the one to this server, if one is young enough.
    pub fn take(&self, server: &BoltServer) -> Option<Live> {
        let mut idle = self.fresh();
        let found = idle.iter().position(|one| one.server == *server)?;
        Some(idle.swap_remove(found).live)
    }

    /// Puts it back; dropped where there is one already, or too many.
    pub fn put(&self, server: &BoltServer, live: Live) {
        let mut idle = self.fresh();
        if idle.len() < MOST && !idle.iter().any(|one| one.server == *server) {
            idle.push(Idle { server: server.clone(), live, since: monotonic() });
        }
    }

    fn fresh(&self) -> MutexGuard<'_, Vec<Idle>> {
        let mut idle = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = monotonic();
        idle.retain(|one| one.is_fresh(now));
        idle
    }
}
