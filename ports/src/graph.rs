//! Neo4j over Bolt.

use async_trait::async_trait;
use domain::Problem;
use domain::cypher::Statement;
use domain::probe_query::ProbeText;
use domain::probe_result::Ran;
use domain::problem::ProblemKind;
use serde_json::{Map, Value};
use std::time::Duration;

/// Why Neo4j did not answer a query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GraphError {
    /// Nothing listens, or it does not speak Bolt. No password was sent.
    #[error("Bolt does not answer: {0}")]
    Unreachable(String),
    #[error("wrong user or password")]
    Unauthorized,
    /// Too many wrong tries; Neo4j locks the user for some seconds.
    #[error("too many wrong tries")]
    RateLimited,
    #[error("the password must be changed first")]
    PasswordChangeRequired,
    #[error("{code}: {message}")]
    Refused { code: String, message: String },
    #[error("Neo4j did not answer in time")]
    TimedOut,
    #[error("Neo4j answered with more than the console reads")]
    TooMuch,
}

impl GraphError {
    /// As people read it, with what to do.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Unreachable(why) => Problem::new(ProblemKind::Unavailable, "Neo4j does not answer over Bolt.")
                .means(format!(
                    "The container may still be starting, or Bolt is off or out of reach for the console. ({why})"
                ))
                .next_step("Check that the container is running and its log says Started.")
                .next_step("The console and Neo4j must share a Docker network, or Bolt must be published on this host.")
                .next_step(
                    "Of an engine on another machine, Bolt must be published there on an address that the \
                    console reaches.",
                ),
            Self::Unauthorized => Problem::new(ProblemKind::Conflict, "Neo4j refused this user and password.")
                .means("It was tried once. Three wrong tries in a row lock the user for everybody for some seconds.")
                .next_step(
                    "Check the password. NEO4J_AUTH only counts at the very first start; later the password is \
                    what was set in Neo4j.",
                ),
            Self::RateLimited => Problem::new(ProblemKind::Conflict, "Neo4j has locked this user for a few seconds.")
                .means("There were too many wrong passwords in a row, from here or from another program.")
                .next_step("Wait ten seconds, check the password, then try once more."),
            Self::PasswordChangeRequired => Problem::new(
                ProblemKind::Conflict,
                "The password is right, but Neo4j \
                wants a new one first.",
            )
            .next_step("Sign in to Neo4j with this user, run ALTER CURRENT USER SET PASSWORD FROM 'old' TO 'new'.")
            .next_step("Then come back with the new password."),
            Self::Refused { code, message } => {
                Problem::new(ProblemKind::Unavailable, format!("Neo4j refused: {message}")).means(format!("({code})"))
            }
            Self::TimedOut => Problem::new(ProblemKind::Unavailable, "Neo4j did not answer in time.")
                .next_step("Try again when it is less busy."),
            Self::TooMuch => Problem::new(ProblemKind::Unavailable, "Neo4j answered with more than the console reads.")
                .means("What it was asked for is never that long: something else answers, or the server was changed.")
                .next_step("Check what listens there, and the server's plugins."),
        }
    }
}

/// Where Bolt may listen and who signs in. The addresses are tried in order by TCP alone; the password is sent once.
#[derive(Clone, PartialEq, Eq)]
pub struct BoltServer {
    /// `host:port`.
    pub addresses: Vec<String>,
    /// Its certificate is not checked: it is made for the name that clients use, not for these addresses.
    pub tls: bool,
    pub user: String,
    pub password: String,
}

impl std::fmt::Debug for BoltServer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BoltServer")
            .field("addresses", &self.addresses)
            .field("tls", &self.tls)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// One row of an answer, by column.
pub type Row = Map<String, Value>;

/// Neo4j over Bolt.
#[async_trait]
pub trait GraphServer: Send + Sync + 'static {
    /// Runs the statements one after the other in one connection to `database`, one sign-in, all bounded by `limit`.
    /// One list of rows a statement.
    async fn query(
        &self,
        server: &BoltServer,
        database: &str,
        statements: &[Statement],
        limit: Duration,
    ) -> Result<Vec<Vec<Row>>, GraphError>;

    /// Whether Neo4j would run what somebody wrote where it may only read: it is begun there and given up at once.
    /// `EXPLAIN` would not do: Neo4j explains also there what it would refuse to run.
    async fn check_probe(
        &self,
        server: &BoltServer,
        database: &str,
        query: &ProbeText,
        limit: Duration,
    ) -> Result<(), GraphError>;

    /// Runs what somebody wrote where Neo4j refuses to write. Its rows are counted and dropped.
    async fn run_probe(
        &self,
        server: &BoltServer,
        database: &str,
        query: &ProbeText,
        limit: Duration,
    ) -> Result<Ran, GraphError>;
}
