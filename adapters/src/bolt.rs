//! Neo4j over Bolt. The password is sent once a call and never again by itself: three wrong tries lock the user for
//! everybody (docs/neo4j-facts.md: Lock-out). A connection that worked is kept for a minute, so that whoever looks
//! often does not sign in each time.

mod errors;
mod pool;
mod probe;
mod read;
mod values;

use async_trait::async_trait;
use domain::cypher::Statement;
use domain::probe_query::ProbeText;
use domain::probe_result::Ran;
use errors::translate;
use neo4rs::{BoltType, ConfigBuilder, Graph, Query};
use pool::{IdleConnections, Live};
use ports::{BoltServer, GraphError, GraphServer, Row};
use read::Read;
use std::time::Duration;
use tokio::net::TcpStream;

const TCP_LIMIT: Duration = Duration::from_secs(1);
/// The driver's own limit of each read. The whole call is bounded by its caller, which may allow more than the driver's
/// 30 s.
const READ_LIMIT: Duration = Duration::from_secs(24 * 3600);

/// Neo4j over Bolt, by neo4rs.
#[derive(Default)]
pub struct BoltClient {
    idle: IdleConnections,
}

impl BoltClient {
    async fn run(
        &self,
        server: &BoltServer,
        database: &str,
        statements: &[Statement],
    ) -> Result<Vec<Vec<Row>>, GraphError> {
        let live = match self.idle.take(server) {
            Some(live) => live,
            None => Live::new(connect(first_that_listens(&server.addresses).await?, server)?),
        };
        let mut all = Vec::with_capacity(statements.len());
        let mut read = Read::default();
        for statement in statements {
            // An error leaves here and drops the connection with it.
            all.push(rows(&live.graph, database, statement, &mut read).await?);
        }
        self.idle.put(server, live);
        Ok(all)
    }
}

#[async_trait]
impl GraphServer for BoltClient {
    async fn query(
        &self,
        server: &BoltServer,
        database: &str,
        statements: &[Statement],
        limit: Duration,
    ) -> Result<Vec<Vec<Row>>, GraphError> {
        tokio::time::timeout(limit, self.run(server, database, statements)).await.unwrap_or(Err(GraphError::TimedOut))
    }

    async fn check_probe(
        &self,
        server: &BoltServer,
        database: &str,
        query: &ProbeText,
        limit: Duration,
    ) -> Result<(), GraphError> {
        let check = async { probe::Reader::new(server, database, limit).await?.check(query).await };
        tokio::time::timeout(limit, check).await.unwrap_or(Err(GraphError::TimedOut))
    }

    async fn run_probe(
        &self,
        server: &BoltServer,
        database: &str,
        query: &ProbeText,
        limit: Duration,
    ) -> Result<Ran, GraphError> {
        let run = async { probe::Reader::new(server, database, limit).await?.run(query).await };
        tokio::time::timeout(limit, run).await.unwrap_or(Err(GraphError::TimedOut))
    }
}

/// By TCP alone: an address that nothing listens on must cost no sign-in.
async fn first_that_listens(addresses: &[String]) -> Result<&str, GraphError> {
    let mut why = vec![];
    for address in addresses {
        match tokio::time::timeout(TCP_LIMIT, TcpStream::connect(address)).await {
            Ok(Ok(_)) => return Ok(address),
            Ok(Err(error)) => why.push(format!("{address}: {error}")),
            Err(_) => why.push(format!("{address}: no answer within {} s", TCP_LIMIT.as_secs())),
        }
    }
    Err(GraphError::Unreachable(if why.is_empty() {
        "it has no address the console can reach".into()
    } else {
        why.join("; ")
    }))
}

/// Connects at the first statement only.
fn connect(address: &str, server: &BoltServer) -> Result<Graph, GraphError> {
    config(address, server).build().and_then(Graph::connect).map_err(|error| translate(&error))
}

/// One connection: a pool would sign in several times with a wrong password.
fn config(address: &str, server: &BoltServer) -> ConfigBuilder {
    ConfigBuilder::default()
        .uri(format!("{}://{address}", if server.tls { "bolt+ssc" } else { "bolt" }))
        .user(&server.user)
        .password(&server.password)
        .max_connections(1)
        .connection_timeout(READ_LIMIT)
}

fn query(statement: &Statement) -> Result<Query, GraphError> {
    let mut query = Query::new(statement.text().into());
    for (name, value) in statement.params() {
        let value = BoltType::try_from(value.clone()).map_err(|error| translate(&error))?;
        query = query.param(name, value);
    }
    Ok(query)
}

/// In a transaction of its own and not retried: the driver's other way repeats a statement for up to a minute.
async fn rows(graph: &Graph, database: &str, statement: &Statement, read: &mut Read) -> Result<Vec<Row>, GraphError> {
    let failed = |error: neo4rs::Error| translate(&error);
    let mut transaction = graph.start_txn_on(database).await.map_err(failed)?;
    let mut found = transaction.execute(query(statement)?).await.map_err(failed)?;
    let mut all = vec![];
    while let Some(row) = found.next(&mut transaction).await.map_err(failed)? {
        let row = values::row(&row)
            .map_err(|error| GraphError::Refused { code: "console".into(), message: error.to_string() })?;
        read.another(&row)?;
        all.push(row);
    }
    transaction.commit().await.map_err(failed)?;
    Ok(all)
}
