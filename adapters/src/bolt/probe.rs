//! Queries that somebody wrote, in a session of reading: the server refuses in it whatever would write. Its connection
//! is never used for anything else.

use super::errors::translate;
use super::{config, first_that_listens};
use domain::probe_query::ProbeText;
use domain::probe_result::Ran;
use domain::statements::CLOCK;
use neo4rs::{DetachedRowStream, Graph, Query};
use ports::{BoltServer, GraphError};
use std::time::Duration;

pub(super) struct Reader {
    graph: Graph,
    limit: i64,
}

impl Reader {
    /// `limit`: the server itself ends what takes longer, also when nobody waits for it any more.
    pub async fn new(server: &BoltServer, database: &str, limit: Duration) -> Result<Self, GraphError> {
        let config = config(first_that_listens(&server.addresses).await?, server).db(database).build();
        let graph = config.and_then(Graph::connect).map_err(|error| translate(&error))?;
        Ok(Self { graph, limit: i64::try_from(limit.as_millis()).unwrap_or(i64::MAX) })
    }

    /// The driver asks for the first rows in the same breath; nobody reads them, and the connection ends here.
    pub async fn check(&self, query: &ProbeText) -> Result<(), GraphError> {
        self.begin(query.as_str()).await.map(drop)
    }

    /// By the server's own clock before and after it, in one connection.
    pub async fn run(&self, query: &ProbeText) -> Result<Ran, GraphError> {
        let began = self.clock().await?;
        let mut found = self.begin(query.as_str()).await?;
        let mut rows = 0;
        while found.next().await.map_err(|error| translate(&error))?.is_some() {
            rows += 1;
        }
        drop(found);
        Ok(Ran { rows, millis: self.clock().await?.saturating_sub(began) })
    }

    async fn begin(&self, text: &str) -> Result<DetachedRowStream, GraphError> {
        let query = Query::new(text.into()).extra("tx_timeout", self.limit);
        self.graph.execute_read(query).await.map_err(|error| translate(&error))
    }

    async fn clock(&self) -> Result<u64, GraphError> {
        let mut found = self.begin(CLOCK.text()).await?;
        let row = found.next().await.map_err(|error| translate(&error))?;
        let told: Option<String> = row.and_then(|row| row.get("clock").ok());
        let millis = told.and_then(|text| text.strip_prefix("clock ")?.parse().ok());
        let strange = || GraphError::Refused { code: "console".into(), message: "its clock cannot be read".into() };
        millis.ok_or_else(strange)
    }
}
