//! Neo4j over Bolt, in memory.

use super::probes;
use super::world::{Store, World, read_store, write_store};
use async_trait::async_trait;
use domain::bolt::{self, EngineHost};
use domain::container::{Container, MountSource};
use domain::cypher::Statement;
use domain::memory::parse_size;
use domain::probe_query::ProbeText;
use domain::probe_result::Ran;
use domain::setting::{Variable, classify};
use domain::statements;
use ports::{BoltServer, GraphError, GraphServer, Row};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Answers the statements of `domain::statements` from the same volumes the fake engine dumps.
pub struct FakeGraph(pub World);

#[async_trait]
impl GraphServer for FakeGraph {
    async fn query(
        &self,
        server: &BoltServer,
        database: &str,
        statements: &[Statement],
        _limit: Duration,
    ) -> Result<Vec<Vec<Row>>, GraphError> {
        // A real one answers later: whoever else asks comes in between.
        tokio::task::yield_now().await;
        let mut s = self.0.lock();
        let silent = || GraphError::Unreachable("nothing listens".into());
        if s.silent {
            return Err(silent());
        }
        let running = s.containers.values().find(|f| {
            f.act.is_none()
                && f.container.run.is_running()
                && bolt::addresses(&f.container, &EngineHost::Local).iter().any(|a| server.addresses.contains(a))
        });
        let told = running.map(|f| settings(&f.container, &s.settings)).unwrap_or_default();
        let source = running
            .and_then(|f| domain::storage::data(&f.container).ok())
            .map(|m| m.source.clone())
            .ok_or_else(silent)?;
        let MountSource::Volume(volume) = source else { return Err(silent()) };
        let files = s.volumes.get(volume.as_str()).cloned().unwrap_or_default();
        let system = read_store(&files, "system").ok_or_else(silent)?;
        if s.locked > 0 {
            s.locked -= 1;
            return Err(GraphError::RateLimited);
        }
        if system.users.get(&server.user) != Some(&server.password) {
            s.refused += 1;
            return Err(GraphError::Unauthorized);
        }
        let store = read_store(&files, database).ok_or_else(silent)?;
        // As long as nobody empties it, a volume keeps its store.
        let store_id = format!("store of {volume}");
        if s.clients_write
            && let Some(neo4j) = read_store(&files, "neo4j")
        {
            let more = Store { nodes: neo4j.nodes + 1, ..neo4j };
            write_store(s.volumes.entry(volume.0).or_default(), "neo4j", &more);
        }
        let mut answers: Vec<Vec<Row>> =
            statements.iter().map(|q| answer(q.text(), &store, &system, &store_id)).collect();
        if let Some(at) = statements.iter().position(|q| q.text() == statements::SETTINGS.text()) {
            answers[at] = told;
        }
        if let (Some(name), Some(at)) =
            (&s.offline_database, statements.iter().position(|q| q.text() == statements::DATABASES.text()))
        {
            let offline =
                json!({ "name": name, "currentStatus": "offline", "default": false, "store": "", "id": null });
            answers[at].extend(offline.as_object().cloned());
        }
        if s.failing_opens > 0 {
            statements.iter().zip(&mut answers).for_each(|(statement, rows)| cannot_open(statement.text(), rows));
        }
        Ok(answers)
    }

    async fn check_probe(
        &self,
        server: &BoltServer,
        database: &str,
        query: &ProbeText,
        limit: Duration,
    ) -> Result<(), GraphError> {
        self.run_probe(server, database, query, limit).await.map(drop)
    }

    async fn run_probe(
        &self,
        server: &BoltServer,
        database: &str,
        query: &ProbeText,
        limit: Duration,
    ) -> Result<Ran, GraphError> {
        self.query(server, database, &[], limit).await?;
        probes::run(&self.0.lock(), query.as_str(), probes::TODAY)
    }
}

/// As the variables say, with sizes as Neo4j tells them, but for what is said otherwise.
fn settings(container: &Container, otherwise: &BTreeMap<String, String>) -> Vec<Row> {
    let named = |(name, value): &(String, String)| match classify(name) {
        Variable::Setting(setting) => Some((setting, value.clone())),
        Variable::Deprecated { now, .. } => Some((now, value.clone())),
        Variable::NotASetting | Variable::Unknown(_) | Variable::Ignored => None,
    };
    let mut all: BTreeMap<String, String> = container.env.iter().filter_map(named).collect();
    all.extend(otherwise.clone());
    let told = |(name, value): (String, String)| {
        let mebibytes = parse_size(&value).filter(|_| name.contains(".memory."));
        let value = mebibytes.map_or(value, |bytes| format!("{:.2}MiB", bytes as f64 / f64::from(1 << 20)));
        json!({ "name": name, "value": value }).as_object().cloned()
    };
    all.into_iter().filter_map(told).collect()
}

/// As Neo4j tells of a default database that it could not open.
pub(super) fn cannot_open(statement: &str, rows: &mut [Row]) {
    let neo4j = rows.iter_mut().find(|row| statement == statements::DATABASES.text() && row["name"] == "neo4j");
    if let Some(row) = neo4j {
        row.insert("currentStatus".into(), json!("offline"));
        row.insert("statusMessage".into(), json!("An error occurred! Unable to start `DatabaseId{340c3e51[neo4j]}`."));
    }
}

/// The rows a statement of ours gives; also used for a scratch server.
pub(super) fn answer(statement: &str, store: &Store, system: &Store, store_id: &str) -> Vec<Row> {
    let is = |known: Statement| statement == known.text();
    let rows = if is(statements::IDENTITY) {
        json!([{ "version": "5.26.5", "edition": "community" }])
    } else if is(statements::DATABASES) {
        json!([
            { "name": "neo4j", "requestedStatus": "online", "currentStatus": "online", "statusMessage": "", "default": true, "store": "record-aligned-1.1", "id": store_id },
            { "name": "system", "requestedStatus": "online", "currentStatus": "online", "statusMessage": "", "default": false, "store": "record-aligned-1.1", "id": "store of system" }
        ])
    } else if is(statements::CONNECTIONS) {
        json!([
            { "username": "neo4j", "userAgent": "neo4j-python/5.28.1", "clientAddress": "172.17.0.9:40001" },
            { "username": "neo4j", "userAgent": "neo4rs/0.9", "clientAddress": "172.17.0.1:40002" }
        ])
    } else if is(statements::PROCEDURES) {
        json!([{ "name": "apoc.export.csv.all" }, { "name": "db.labels" }])
    } else if is(statements::FUNCTIONS) {
        json!([{ "name": "abs" }])
    } else if is(statements::USERS) {
        Value::Array(system.users.keys().map(|u| json!({ "user": u })).collect())
    } else if is(statements::TOTALS) {
        json!([{ "nodes": store.nodes, "relationships": store.relationships }])
    } else if is(statements::COUNTS) {
        json!([
            { "kind": "node", "name": null, "count": store.nodes },
            { "kind": "node", "name": "Person", "count": store.nodes },
            { "kind": "relationship", "name": null, "count": store.relationships },
            { "kind": "relationship", "name": "KNOWS", "count": store.relationships }
        ])
    } else {
        json!([])
    };
    rows.as_array().into_iter().flatten().filter_map(|r| r.as_object().cloned()).collect()
}
