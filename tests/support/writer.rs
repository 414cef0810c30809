//! An application that writes all the time: a hundred transactions a second over Bolt, each once and in order,
//! connecting again whenever the server was away. So it is known what must be in a store that was stopped at any
//! moment.

use crate::neo4j::{Neo4j, PASSWORD};
use adapters::bolt::BoltClient;
use domain::cypher::Statement;
use ports::{BoltServer, GraphServer};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::task::JoinHandle;

const INTERVAL: Duration = Duration::from_millis(10);
const LIMIT: Duration = Duration::from_secs(5);

#[derive(Debug, Default, Clone)]
struct Log {
    acknowledged: u64,
    /// The last number that was acknowledged before each time the server went away.
    outages: Vec<u64>,
    away: bool,
}

pub struct Writer {
    log: Arc<Mutex<Log>>,
    task: JoinHandle<()>,
}

impl Writer {
    /// Writes `(:Written {i})` with i from 1 on, and keeps the last fifty `(:Recent {i})`.
    pub async fn start(neo4j: &Neo4j) -> Self {
        neo4j.cypher("CREATE INDEX written IF NOT EXISTS FOR (w:Written) ON (w.i)").await;
        let log = Arc::new(Mutex::new(Log::default()));
        let server = BoltServer {
            addresses: vec![format!("127.0.0.1:{}", neo4j.bolt_port)],
            tls: false,
            user: "neo4j".into(),
            password: PASSWORD.into(),
        };
        let task = tokio::spawn(write(server, log.clone()));
        Self { log, task }
    }

    /// How much was acknowledged before the server went away for the last time.
    pub fn before_last_outage(&self) -> u64 {
        *self.log.lock().expect("the log").outages.last().expect("it was away")
    }

    pub fn acknowledged(&self) -> u64 {
        self.log.lock().expect("the log").acknowledged
    }

    /// Waits for some writes after now.
    pub async fn goes_on(&self) {
        let now = self.acknowledged();
        for _ in 0..6_000 {
            if self.acknowledged() > now + 20 {
                return;
            }
            tokio::time::sleep(INTERVAL).await;
        }
        panic!("nothing is written any more");
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

const WRITE: &str = "MERGE (:Written {i: $i}) MERGE (:Recent {i: $i}) WITH 1 AS one \
     MATCH (r:Recent) WHERE r.i <= $i - 50 DETACH DELETE r";

async fn write(server: BoltServer, log: Arc<Mutex<Log>>) {
    let bolt = BoltClient::default();
    let mut every = tokio::time::interval(INTERVAL);
    every.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        every.tick().await;
        let i = log.lock().expect("the log").acknowledged + 1;
        // The same number again until it is acknowledged: one that was committed unheard is not written twice.
        let done = bolt.query(&server, "neo4j", &[Statement::fixed(WRITE).with("i", i)], LIMIT).await;
        let mut log = log.lock().expect("the log");
        match done {
            Ok(_) => (log.acknowledged, log.away) = (i, false),
            Err(_) if log.away => {}
            Err(_) => {
                log.away = true;
                let before = log.acknowledged;
                log.outages.push(before);
            }
        }
    }
}
