//! Servers that several tests share, one test at a time: each start costs two cores half a minute. Tests that take
//! turns with one server run beside those of another.

use crate::docker::docker;
use crate::neo4j::Neo4j;
use tokio::sync::{Mutex, MutexGuard, OnceCell};

pub struct Shared {
    about: &'static str,
    server: OnceCell<Neo4j>,
    turn: Mutex<()>,
}

impl Shared {
    pub const fn new(about: &'static str) -> Self {
        Self { about, server: OnceCell::const_new(), turn: Mutex::const_new(()) }
    }

    /// The server, running. Whoever holds the guard may stop it.
    pub async fn take(&'static self) -> (&'static Neo4j, MutexGuard<'static, ()>) {
        let turn = self.turn.lock().await;
        let neo4j = self.server.get_or_init(|| Neo4j::start("5.26.5", self.about)).await;
        docker().run(&["start", &neo4j.name]);
        neo4j.wait_ready().await;
        // Set aside by consoles that are gone: nobody undoes that any more, and it takes half a gigabyte each time.
        docker().run(&["exec", &neo4j.name, "rm", "-rf", "/data/.neo4j-console"]);
        (neo4j, turn)
    }
}
