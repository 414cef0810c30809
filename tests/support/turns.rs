//! Turns with a server. A start costs two cores half a minute, so tests share servers, one test at a time; and no more
//! tests work with any server at once than two cores bear: with five, a server that has to answer within minutes does
//! not.

use crate::docker::docker;
use crate::neo4j::Neo4j;
use std::time::Duration;
use tokio::sync::{Mutex, MutexGuard, OnceCell, Semaphore, SemaphorePermit};

/// Of all tests that work with a server.
static AT_ONCE: Semaphore = Semaphore::const_new(3);
/// Of those on a server of their own, so that the shared ones get their turns.
static OWN: Semaphore = Semaphore::const_new(2);

/// Held as long as a test works with a server.
pub struct Turn {
    _server: Option<MutexGuard<'static, ()>>,
    _own: Option<SemaphorePermit<'static>>,
    _at_once: SemaphorePermit<'static>,
}

async fn permit(of: &'static Semaphore) -> SemaphorePermit<'static> {
    of.acquire().await.expect("never closed")
}

/// All tests begin at the same moment; those that queue up after this come behind [`own_server_first`].
async fn let_the_first_go() {
    tokio::time::sleep(Duration::from_secs(1)).await;
}

/// A turn with a server of the test's own.
pub async fn own_server() -> Turn {
    let_the_first_go().await;
    own_server_first().await
}

/// For the longest test: it begins with the run, before all others, or the run ends with it alone.
pub async fn own_server_first() -> Turn {
    let own = permit(&OWN).await;
    Turn { _server: None, _own: Some(own), _at_once: permit(&AT_ONCE).await }
}

/// A server that several tests share.
pub struct Shared {
    about: &'static str,
    server: OnceCell<Neo4j>,
    turn: Mutex<()>,
}

impl Shared {
    pub const fn new(about: &'static str) -> Self {
        Self { about, server: OnceCell::const_new(), turn: Mutex::const_new(()) }
    }

    /// The server, running. Whoever has the turn may stop it.
    pub async fn take(&'static self) -> (&'static Neo4j, Turn) {
        let_the_first_go().await;
        let server = self.turn.lock().await;
        let turn = Turn { _server: Some(server), _own: None, _at_once: permit(&AT_ONCE).await };
        let neo4j = self.server.get_or_init(|| Neo4j::start("5.26.5", self.about)).await;
        docker().run(&["start", &neo4j.name]);
        neo4j.wait_ready().await;
        // Set aside by consoles that are gone: nobody undoes that any more, and it takes half a gigabyte each time.
        docker().run(&["exec", &neo4j.name, "rm", "-rf", "/data/.neo4j-console"]);
        (neo4j, turn)
    }
}
