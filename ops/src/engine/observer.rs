//! What was last seen of each deployment. Pages read it from memory, so neither a hanging Docker nor a hanging Neo4j
//! can hang a page; what is stale carries its age.

mod single_flight;
#[cfg(test)]
mod tests;

use crate::crypto::seal::Seal;
use crate::engine::credentials::bolt;
use crate::engine::{containers, graph};
use crate::store::DeploymentRow;
use chrono::{DateTime, Utc};
use domain::container::{Container, RunState};
use domain::deployment::{DeploymentName, Health, Observation, Room, ServerFacts};
use domain::helper::{MEASURE, parse_measure};
use domain::host::HostId;
use ports::{EngineError, GraphError, Ports};
use single_flight::SingleFlight;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Longest a query may take; pages never wait for it. The first one to a server that has just started loads its whole
/// query compiler: five seconds of a core, more of one that is shared.
const QUERY: Duration = Duration::from_secs(15);
/// A list of containers this young is not asked for again by every page that hints at them.
const LIST_EVERY: Duration = Duration::from_secs(5);
/// The disk is measured this often: it walks the data directory.
const MEASURE_EVERY: i64 = 60;
/// How long somebody who needs the server's version waits for one that is starting, or busy.
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two looks of theirs.
const AGAIN: Duration = Duration::from_secs(1);
/// Of a server that does not come up.
const LOG_LINES: usize = 20;
/// A container younger than this whose Bolt is silent is starting, not broken. In seconds.
const STARTING: i64 = 120;

/// Looks at deployments and remembers what it saw; one for the whole console.
pub struct Observer {
    ports: Ports,
    seen: Mutex<HashMap<DeploymentName, Arc<Observation>>>,
    single_flight: SingleFlight,
    /// Sealed passwords Neo4j refused: never tried again by itself (lock-out, docs/neo4j-facts.md: Lock-out).
    refused: Mutex<HashMap<DeploymentName, String>>,
    /// Held while the engine is asked: concurrent callers share the answer.
    listed: tokio::sync::Mutex<BTreeMap<HostId, (Duration, Listed)>>,
}

type Listed = std::result::Result<Vec<Container>, EngineError>;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Observer {
    /// Nothing is seen yet.
    pub fn new(ports: Ports) -> Self {
        Self {
            ports,
            seen: Mutex::default(),
            single_flight: SingleFlight::default(),
            refused: Mutex::default(),
            listed: tokio::sync::Mutex::default(),
        }
    }

    /// The last observation, however old.
    pub fn last(&self, name: &DeploymentName) -> Option<Arc<Observation>> {
        lock(&self.seen).get(name).cloned()
    }

    /// Forgets what was seen of a deployment, and that its password was refused.
    pub fn forget(&self, name: &DeploymentName) {
        lock(&self.seen).remove(name);
        self.single_flight.forget(name);
        lock(&self.refused).remove(name);
    }

    /// All Neo4j containers of a host as its engine listed them in the last seconds.
    pub async fn containers(&self, host: &HostId) -> Listed {
        let mut listed = self.listed.lock().await;
        let now = self.ports.clock.monotonic();
        if let Some((_, answer)) = listed.get(host).filter(|(at, _)| now < *at + LIST_EVERY) {
            return answer.clone();
        }
        let answer = match self.ports.engines.of(host) {
            Ok(engine) => engine.neo4j_containers().await,
            Err(error) => Err(error),
        };
        listed.insert(host.clone(), (now, answer.clone()));
        answer
    }

    /// As its engine lists them now.
    pub async fn containers_now(&self, host: &HostId) -> Listed {
        self.listed.lock().await.remove(host);
        self.containers(host).await
    }

    /// As [`Observer::refresh`], with the room measured now too: what somebody has just made free must count. Where
    /// that takes too long or the server is stopped, what it was before decides nothing.
    pub async fn refresh_and_measure(&self, row: &DeploymentRow, seal: &Seal) -> Arc<Observation> {
        let seen = self.single_flight.run(row, true, self.refresh_now(row, seal, true)).await;
        if seen.room_at.is_some() { seen } else { Arc::new(Observation { room: None, ..(*seen).clone() }) }
    }

    /// Looks now, bounded, and remembers what was seen. Concurrent callers share one refresh.
    pub async fn refresh(&self, row: &DeploymentRow, seal: &Seal) -> Arc<Observation> {
        self.single_flight.run(row, false, self.refresh_now(row, seal, false)).await
    }

    /// As [`Observer::refresh`], for what cannot be done without knowing which Neo4j it is: looks again while that is
    /// not known and may be known soon.
    pub async fn refresh_until_known(&self, row: &DeploymentRow, seal: &Seal) -> Arc<Observation> {
        let clock = &self.ports.clock;
        let began = clock.monotonic();
        loop {
            let seen = self.refresh(row, seal).await;
            let over = clock.monotonic() - began >= PATIENCE;
            if seen.server.version.is_some() || over || !seen.health.may_answer_soon() {
                return seen;
            }
            clock.sleep(AGAIN).await;
        }
    }

    async fn refresh_now(&self, row: &DeploymentRow, seal: &Seal, measure: bool) -> Arc<Observation> {
        let now = self.ports.clock.now();
        let mut before = self.last(&row.name);
        if let Some(before) = before.as_mut().filter(|_| measure) {
            Arc::make_mut(before).room_at = None;
        }
        let seen = match containers::inspect(&self.ports, row).await {
            Ok(container) => self.look_inside(row, container, before.as_deref(), seal, now).await,
            Err(EngineError::NotFound(_)) => Observation {
                container: None,
                health: Health::NotRunning,
                problem: None,
                at: now,
                ..known(before.as_deref())
            },
            Err(error) => Observation {
                at: now,
                problem: Some(error.problem()),
                health: Health::Unknown(error.to_string()),
                ..known(before.as_deref())
            },
        };
        let seen = Arc::new(seen);
        lock(&self.seen).insert(row.name.clone(), seen.clone());
        seen
    }

    async fn look_inside(
        &self,
        row: &DeploymentRow,
        container: Container,
        before: Option<&Observation>,
        seal: &Seal,
        now: DateTime<Utc>,
    ) -> Observation {
        let old = known(before);
        match container.run {
            RunState::Running => {}
            RunState::Restarting => {
                let health = Health::KeepsRestarting(self.last_words(row, &container).await);
                return Observation { at: now, container: Some(container), health, problem: None, ..old };
            }
            RunState::Paused | RunState::Created | RunState::Stopped { .. } => {
                return Observation {
                    at: now,
                    container: Some(container),
                    health: Health::NotRunning,
                    problem: None,
                    ..old
                };
            }
        }
        let (health, facts) = match self.ask(row, &container, seal, now).await {
            // Between two restarts it runs for some seconds.
            (Health::Starting, _) if container.restarts > 0 => {
                (Health::KeepsRestarting(self.last_words(row, &container).await), None)
            }
            asked => asked,
        };
        let (server, server_at) = facts.map_or((old.server, old.server_at), |f| (f, Some(now)));
        // Measured in the future: the clock was set back since.
        let stale = old.room_at.is_none_or(|at| !(0..MEASURE_EVERY).contains(&(now - at).num_seconds()));
        let measured = if stale { self.measure(row, &container).await } else { None };
        let (room, room_at) = measured.map_or((old.room, old.room_at), |r| (Some(r), Some(now)));
        Observation { at: now, container: Some(container), health, server, server_at, room, room_at, problem: None }
    }

    async fn ask(
        &self,
        row: &DeploymentRow,
        container: &Container,
        seal: &Seal,
        now: DateTime<Utc>,
    ) -> (Health, Option<ServerFacts>) {
        if lock(&self.refused).get(&row.name) == Some(&row.sealed_password) {
            return (Health::CredentialsRefused, None);
        }
        let server = match bolt(&self.ports, row, container, seal).await {
            Ok(server) => server,
            Err(error) => return (Health::Unknown(error.to_string()), None),
        };
        let young = container.started_at.is_some_and(|t| (now - t).num_seconds() < STARTING);
        match graph::observe(self.ports.graph.as_ref(), &server, container.memory_limit, QUERY).await {
            Ok(facts) => (Health::Answers, Some(facts)),
            Err(GraphError::Unauthorized) => {
                lock(&self.refused).insert(row.name.clone(), row.sealed_password.clone());
                (Health::CredentialsRefused, None)
            }
            Err(GraphError::PasswordChangeRequired) => (Health::PasswordChangeRequired, None),
            Err(_) if young => (Health::Starting, None),
            Err(error) => (Health::Silent(format!("{error}.")), None),
        }
    }

    async fn last_words(&self, row: &DeploymentRow, container: &Container) -> String {
        let Ok(engine) = self.ports.engines.of(&row.host) else { return String::new() };
        let log = engine.logs(&container.id, LOG_LINES).await.unwrap_or_default();
        let last: String = domain::text::last_line(&log).chars().take(300).collect();
        if last.ends_with('.') { last } else { format!("{last}.") }
    }

    async fn measure(&self, row: &DeploymentRow, container: &Container) -> Option<Room> {
        let engine = self.ports.engines.of(&row.host).ok()?;
        let done = engine.exec(&container.id, &["/bin/bash", "-c", MEASURE], QUERY).await.ok()?;
        parse_measure(&done.output)
    }
}

/// What stays known when nothing answers.
fn known(before: Option<&Observation>) -> Observation {
    before.cloned().unwrap_or(Observation {
        at: DateTime::UNIX_EPOCH,
        container: None,
        health: Health::Unknown("not looked at yet".into()),
        server: ServerFacts::default(),
        server_at: None,
        room: None,
        room_at: None,
        problem: None,
    })
}
