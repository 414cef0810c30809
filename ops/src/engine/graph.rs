//! How the answers of Neo4j are read (`domain::statements`). The same statements run over Bolt against a live server
//! and over HTTP inside a scratch server without a network, so both can be compared.

use crate::error::{Error, Result};
use domain::backup::{Content, Count};
use domain::bolt;
use domain::container::{Container, ContainerId};
use domain::cypher::Statement;
use domain::database::DatabaseName;
use domain::deployment::{DatabaseFacts, ServerFacts};
use domain::image::{Edition, Version};
use domain::job::Client;
use domain::memory::{Memory, parse_size};
use domain::statements;
use ports::{BoltServer, ContainerEngine, GraphError, GraphServer, Row};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const ONLINE: &str = "online";

/// What the console's own driver calls itself.
const AGENT: &str = "neo4rs";

fn text(row: &Row, key: &str) -> Option<String> {
    row.get(key).and_then(Value::as_str).map(str::to_owned)
}

fn number(row: &Row, key: &str) -> u64 {
    row.get(key).and_then(Value::as_u64).unwrap_or(0)
}

/// Reads the rows of [`statements::COUNTS`], [`statements::INDEXES`] and [`statements::CONSTRAINTS`].
pub fn content(database: &DatabaseName, store_format: Option<String>, answers: &[Vec<Row>]) -> Result<Content> {
    let [counts, indexes, constraints] = answers else {
        return Err(Error::internal("Neo4j answered another number of statements"));
    };
    let mut content = Content { database: database.clone(), store_format, ..Content::default() };
    for row in counts {
        let count = number(row, "count");
        match (text(row, "kind").as_deref(), text(row, "name")) {
            (Some("node"), None) => content.nodes = count,
            (Some("relationship"), None) => content.relationships = count,
            (Some("node"), Some(name)) if count > 0 => content.labels.push(Count { name, count }),
            (Some("relationship"), Some(name)) if count > 0 => content.types.push(Count { name, count }),
            _ => {}
        }
    }
    content.labels.sort();
    content.types.sort();
    content.indexes = indexes.iter().filter_map(|r| text(r, "statement")).collect();
    content.constraints = constraints.iter().filter_map(|r| text(r, "statement")).collect();
    Ok(content)
}

/// Reads [`statements::DATABASES`].
pub fn databases(rows: &[Row]) -> Vec<DatabaseFacts> {
    let mut all: Vec<DatabaseFacts> = rows
        .iter()
        .filter_map(|r| {
            let default = r.get("default").and_then(Value::as_bool).unwrap_or(false);
            let status = text(r, "currentStatus").unwrap_or_default();
            let wanted = text(r, "requestedStatus").is_some_and(|requested| requested == ONLINE);
            let failure = text(r, "statusMessage").filter(|why| !why.is_empty() && wanted && status != ONLINE);
            Some(DatabaseFacts {
                name: text(r, "name")?,
                status,
                store: text(r, "store").filter(|s| !s.is_empty()),
                id: text(r, "id").filter(|id| !id.is_empty()),
                default,
                failure,
            })
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all.dedup_by(|a, b| a.name == b.name);
    all
}

/// How far a starting server is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DefaultDatabase {
    Online,
    /// It stays so until the next start.
    Failed(String),
    /// As a sentence.
    NotYet(String),
}

/// Reads the answer to [`statements::DATABASES`] alone.
pub fn default_database(answers: &[Vec<Row>]) -> DefaultDatabase {
    let all = answers.first().map(|rows| databases(rows)).unwrap_or_default();
    match all.into_iter().find(|d| d.default) {
        Some(d) if d.status == ONLINE => DefaultDatabase::Online,
        Some(DatabaseFacts { name, failure: Some(why), .. }) => {
            DefaultDatabase::Failed(format!("The database {name} cannot be opened: {why}"))
        }
        Some(d) => DefaultDatabase::NotYet(format!("The database {} is {}.", d.name, d.status)),
        None => DefaultDatabase::NotYet("No database is there yet.".into()),
    }
}

/// Reads [`statements::SETTINGS`].
pub fn settings(rows: &[Row]) -> BTreeMap<String, String> {
    rows.iter().filter_map(|row| Some((text(row, "name")?, text(row, "value")?))).collect()
}

/// Reads [`CONNECTIONS`]: each program once. The console's own is not among them.
pub fn clients(rows: &[Row]) -> Vec<Client> {
    let address = |r: &Row| {
        text(r, "clientAddress")
            .map(|a| a.rsplit_once(':').map_or(a.clone(), |(host, _)| host.trim_start_matches('/').to_string()))
    };
    let client = |r: &Row| {
        Some(Client {
            address: address(r)?,
            agent: text(r, "userAgent")?,
            user: text(r, "username").unwrap_or_default(),
        })
    };
    let all: BTreeSet<Client> = rows.iter().filter_map(client).filter(|c| !c.agent.starts_with(AGENT)).collect();
    all.into_iter().collect()
}

/// Reads [`statements::IDENTITY`], [`statements::DATABASES`] and [`statements::MEMORY`]; totals are added by the
/// caller.
pub fn facts(answers: &[Vec<Row>], limit: Option<u64>) -> Result<ServerFacts> {
    let [identity, rows, memory] = answers else {
        return Err(Error::internal("Neo4j answered another number of statements"));
    };
    let identity = identity.first();
    let setting = |name: &str| {
        memory
            .iter()
            .find(|r| text(r, "name").as_deref() == Some(name))
            .and_then(|r| text(r, "value"))
            .and_then(|v| parse_size(&v))
    };
    Ok(ServerFacts {
        version: identity.and_then(|r| text(r, "version")).and_then(|v| Version::parse(&v)),
        edition: identity.and_then(|r| text(r, "edition")).and_then(|e| Edition::parse(&e)),
        databases: databases(rows),
        nodes: None,
        relationships: None,
        memory: Memory {
            heap: setting("server.memory.heap.max_size").filter(|n| *n > 0),
            page_cache: setting("server.memory.pagecache.size").filter(|n| *n > 0),
            limit,
        },
    })
}

/// Where and as whom to ask a container.
pub async fn server(engine: &dyn ContainerEngine, container: &Container, user: &str, password: &str) -> BoltServer {
    let addresses = bolt::addresses(container, &engine.host().await);
    BoltServer { addresses, tls: bolt::tls(container), user: user.into(), password: password.into() }
}

/// Everything the observer wants to know, in one sign-in.
pub async fn observe(
    graph: &dyn GraphServer,
    server: &BoltServer,
    limit: Option<u64>,
    within: Duration,
) -> Result<ServerFacts, GraphError> {
    let internal = |e: Error| GraphError::Refused { code: "answer".into(), message: e.to_string() };
    let answers = graph
        .query(server, "system", &[statements::IDENTITY, statements::DATABASES, statements::MEMORY], within)
        .await?;
    let mut facts = facts(&answers, limit).map_err(internal)?;
    if let Some(default) = facts.databases.iter().find(|d| d.default && d.status == "online").map(|d| d.name.clone()) {
        let totals = graph.query(server, &default, &[statements::TOTALS], within).await?;
        let row = totals.first().and_then(|rows| rows.first());
        facts.nodes = row.map(|r| number(r, "nodes"));
        facts.relationships = row.map(|r| number(r, "relationships"));
    }
    Ok(facts)
}

/// Runs statements inside a scratch server that has no network, over HTTP on its own loopback. Same rows as over Bolt.
/// The transactional endpoint exists from 4.x to 2026 (docs/neo4j-facts.md: HTTP).
pub async fn query_inside(
    engine: &dyn ContainerEngine,
    id: &ContainerId,
    database: &str,
    statements: &[Statement],
    within: Duration,
) -> Result<Vec<Vec<Row>>> {
    let statement = |s: &Statement| json!({ "statement": s.text(), "parameters": s.params() });
    let body = json!({ "statements": statements.iter().map(statement).collect::<Vec<_>>() }).to_string();
    let url = format!("http://localhost:7474/db/{database}/tx/commit");
    let header = "--header=Content-Type: application/json";
    let post = format!("--post-data={body}");
    let done = engine.exec(id, &["wget", "-q", "-O", "-", header, &post, &url], within).await?;
    read_http(&done.output)
}

/// Reads an answer of the transactional endpoint.
fn read_http(output: &str) -> Result<Vec<Vec<Row>>> {
    let start = output
        .find('{')
        .ok_or_else(|| Error::Unavailable { what: "The scratch server", why: "did not answer.".into() })?;
    let answer: Value = serde_json::from_str(output[start..].trim_end())?;
    if let Some(error) = answer["errors"].as_array().and_then(|e| e.first()) {
        return Err(Error::conflict(format!(
            "The scratch server refused: {}",
            error["message"].as_str().unwrap_or("no message")
        )));
    }
    let rows = |result: &Value| -> Vec<Row> {
        let columns: Vec<String> =
            result["columns"].as_array().into_iter().flatten().filter_map(|c| c.as_str().map(str::to_owned)).collect();
        let data = result["data"].as_array().into_iter().flatten();
        data.map(|d| columns.iter().cloned().zip(d["row"].as_array().cloned().unwrap_or_default()).collect()).collect()
    };
    Ok(answer["results"].as_array().into_iter().flatten().map(rows).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(value: &Value) -> Row {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn counts_are_read_with_totals_apart_and_zeros_left_out() {
        let counts = vec![
            row(&json!({"kind": "node", "name": null, "count": 5})),
            row(&json!({"kind": "node", "name": "Person", "count": 3})),
            row(&json!({"kind": "node", "name": "Gone", "count": 0})),
            row(&json!({"kind": "relationship", "name": null, "count": 2})),
            row(&json!({"kind": "relationship", "name": "KNOWS", "count": 2})),
        ];
        let c = content(
            &DatabaseName::default(),
            None,
            &[counts, vec![row(&json!({"statement": "CREATE INDEX a"}))], vec![]],
        )
        .expect("reads");
        assert_eq!((c.nodes, c.relationships, c.labels.len(), c.types.len(), c.indexes.len()), (5, 2, 1, 1, 1));
    }

    #[test]
    fn a_program_with_many_connections_is_one_client_and_the_console_is_none() {
        let of = |agent: &str, address: &str| {
            row(&json!({"username": "neo4j", "userAgent": agent, "clientAddress": address}))
        };
        let rows = [
            of("neo4j-python/5.28", "172.17.0.1:4711"),
            of("neo4j-python/5.28", "172.17.0.1:4712"),
            of("neo4rs/0.9", "172.17.0.1:4713"),
        ];
        let client = Client { address: "172.17.0.1".into(), agent: "neo4j-python/5.28".into(), user: "neo4j".into() };
        assert_eq!(clients(&rows), [client]);
    }

    #[test]
    fn an_answer_over_http_gives_the_same_rows_as_bolt() {
        let out = r#"{"results":[{"columns":["a","b"],"data":[{"row":[1,"x"],"meta":[null,null]}]}],"errors":[],"lastBookmarks":[]}"#;
        assert_eq!(read_http(out).expect("reads"), vec![vec![row(&json!({"a": 1, "b": "x"}))]]);
        assert!(read_http(r#"{"results":[],"errors":[{"code":"c","message":"no"}]}"#).is_err());
        assert!(read_http("wget: can't connect").is_err());
    }
}
