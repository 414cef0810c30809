//! A real Neo4j Community in a container, published on loopback, asked over its own HTTP endpoint.

use crate::docker::{Docker, docker};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

pub const PASSWORD: &str = "owls fly at night";
/// Containers of tests carry the tests' process id, so that those of dead runs can be removed.
const LABEL: &str = "neo4j-console.test";

/// Which of the two images of a version (`scripts/neo4j-image.sh`).
#[derive(Clone, Copy)]
pub enum Image {
    /// As people run it: for what is about a stop, its time or its outage, and one whole journey a version.
    Plain,
    /// The same server, quicker to stop and start (`tests/neo4j-image/fast`): for all else.
    Fast,
}

impl Image {
    pub fn of(self, version: &str) -> String {
        match self {
            Self::Plain => format!("neo4j:{version}-community"),
            Self::Fast => format!("fast/neo4j:{version}-community"),
        }
    }
}

pub struct Neo4j {
    pub name: String,
    pub volume: String,
    pub bolt_port: u16,
    pub http_port: u16,
    image: Image,
    docker: Docker,
    client: reqwest::Client,
}

impl Neo4j {
    /// Starts the fast image of a version under a name of its own on a named volume, and waits until it answers.
    pub async fn start(version: &str, name: &str) -> Self {
        Self::start_on(docker(), Image::Fast, version, name).await
    }

    /// The same with the image as people run it.
    pub async fn start_plain(version: &str, name: &str) -> Self {
        Self::start_on(docker(), Image::Plain, version, name).await
    }

    /// On another engine.
    pub async fn start_on(docker: &Docker, image: Image, version: &str, name: &str) -> Self {
        remove_left_over();
        let name = format!("test-{name}-{}", std::process::id());
        let volume = format!("{name}-data");
        docker.run(&["volume", "create", "--label", &label(), &volume]);
        Self::start_at(docker, image, version, &name, volume).await
    }

    /// On data that is there: a named volume, or a directory of the host.
    pub async fn start_at(docker: &Docker, image: Image, version: &str, name: &str, volume: String) -> Self {
        let (bolt_port, http_port) = (crate::console_process::free_port(), crate::console_process::free_port());
        let client = client();
        let neo4j = Self { name: name.into(), volume, bolt_port, http_port, image, docker: docker.clone(), client };
        neo4j.run(version, &[]);
        neo4j.wait_ready().await;
        neo4j
    }

    /// One that runs already, at the ports it is published at now, which may be others after each start.
    pub fn running(name: &str) -> Self {
        let port = |inside: &str| -> u16 {
            let published = docker().run(&["port", name, inside]);
            published
                .trim()
                .rsplit_once(':')
                .and_then(|(_, port)| port.parse().ok())
                .unwrap_or_else(|| panic!("{name} publishes no {inside}: {published}"))
        };
        let (bolt_port, http_port) = (port("7687/tcp"), port("7474/tcp"));
        let client = client();
        Self {
            name: name.into(),
            volume: format!("{name}-data"),
            bolt_port,
            http_port,
            image: Image::Fast,
            docker: docker().clone(),
            client,
        }
    }

    fn run(&self, version: &str, env: &[&str]) {
        let auth = format!("NEO4J_AUTH=neo4j/{PASSWORD}");
        let (bolt, http) = (format!("127.0.0.1:{}:7687", self.bolt_port), format!("127.0.0.1:{}:7474", self.http_port));
        let (mount, image, label) = (format!("{}:/data", self.volume), self.image.of(version), label());
        let mut words = vec![
            "run",
            "-d",
            "--name",
            &self.name,
            "--label",
            &label,
            "--stop-timeout",
            "120",
            "-v",
            &mount,
            "-p",
            &bolt,
            "-p",
            &http,
        ];
        let memory = ["NEO4J_server_memory_heap_max__size=512m", "NEO4J_server_memory_pagecache_size=128m"];
        for variable in [auth.as_str()].iter().chain(&memory).chain(env) {
            words.extend(["-e", variable]);
        }
        words.push(&image);
        self.docker.run(&words);
    }

    /// The same name, data and ports with another image or more variables, as after an upgrade by compose.
    pub async fn run_again(&self, version: &str, env: &[&str]) {
        self.docker.run(&["stop", "-t", "120", &self.name]);
        self.docker.run(&["rm", "-v", &self.name]);
        self.run(version, env);
        self.wait_ready().await;
    }

    pub async fn wait_ready(&self) {
        let started = Instant::now();
        while self.try_cypher("RETURN 1", PASSWORD).await.is_err() {
            assert!(
                started.elapsed() < Duration::from_secs(300),
                "{} does not answer: {}",
                self.name,
                self.last_words()
            );
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    /// The end of its log, for the message of a failed test.
    pub fn last_words(&self) -> String {
        self.docker.run(&["logs", "--tail", "20", &self.name])
    }

    /// Rows of one statement, each a list of values.
    pub async fn try_cypher(&self, statement: &str, password: &str) -> Result<Vec<Value>, String> {
        self.try_on("neo4j", statement, password).await
    }

    pub async fn try_on(&self, database: &str, statement: &str, password: &str) -> Result<Vec<Value>, String> {
        let body = json!({ "statements": [{ "statement": statement }] });
        let url = format!("http://127.0.0.1:{}/db/{database}/tx/commit", self.http_port);
        let response = self
            .client
            .post(url)
            .basic_auth("neo4j", Some(password))
            .json(&body)
            .send()
            .await
            .map_err(|e| e.to_string())?;
        let answer: Value = response.json().await.map_err(|e| e.to_string())?;
        match answer["errors"].as_array().and_then(|e| e.first()) {
            Some(error) => Err(error.to_string()),
            None => {
                Ok(answer["results"][0]["data"].as_array().into_iter().flatten().map(|d| d["row"].clone()).collect())
            }
        }
    }

    pub async fn cypher(&self, statement: &str) -> Vec<Value> {
        self.try_cypher(statement, PASSWORD).await.unwrap_or_else(|e| panic!("{statement}: {e}; {}", self.last_words()))
    }

    pub async fn count(&self) -> u64 {
        self.cypher("MATCH (n) RETURN count(n)").await[0][0].as_u64().expect("a number")
    }

    /// Makes the graph hold exactly this many nodes, in a ring of relationships, with an index.
    pub async fn fill(&self, nodes: u64) {
        self.cypher("MATCH (n) CALL { WITH n DETACH DELETE n } IN TRANSACTIONS OF 20000 ROWS").await;
        self.cypher("CREATE INDEX person_name IF NOT EXISTS FOR (p:Person) ON (p.name)").await;
        self.cypher(&format!(
            "UNWIND range(1, {nodes}) AS i CALL {{ WITH i CREATE (:Person {{name: 'p' + i, i: i}}) }} \
            IN TRANSACTIONS OF 20000 ROWS"
        ))
        .await;
        self.cypher(
            "MATCH (a:Person) WHERE a.i % 2 = 0 CALL { WITH a MATCH (b:Person {name: 'p' + (a.i - 1)}) CREATE \
            (a)-[:KNOWS]->(b) } IN TRANSACTIONS OF 20000 ROWS",
        )
        .await;
        assert_eq!(self.count().await, nodes);
    }

    pub fn remove(&self) {
        self.docker.run(&["rm", "-f", "-v", &self.name]);
        self.docker.run(&["volume", "rm", "-f", &self.volume]);
    }
}

/// Bounded, and with a new connection each time: the server behind the address is stopped and made anew again and
/// again.
fn client() -> reqwest::Client {
    crate::client().timeout(Duration::from_secs(120)).pool_max_idle_per_host(0).build().expect("a client")
}

fn label() -> String {
    format!("{LABEL}={}", std::process::id())
}

/// Containers and volumes of test runs whose process is gone. With `-v`: each server has an anonymous volume at
/// `/logs`. What another test removes at this moment, or what a helper of a killed console holds, is left to the next.
fn remove_left_over() {
    let filter = format!("label={LABEL}");
    let format = |name: &str| format!("{{{{.{name}}}}} {{{{.Label \"{LABEL}\"}}}}");
    for name in of_dead_runs(&docker().run(&["ps", "-a", "--filter", &filter, "--format", &format("Names")])) {
        let _gone = docker().command().args(["rm", "-f", "-v", name]).output();
    }
    for name in of_dead_runs(&docker().run(&["volume", "ls", "--filter", &filter, "--format", &format("Name")])) {
        let _gone = docker().command().args(["volume", "rm", "-f", name]).output();
    }
}

/// The names in lines of name and process id.
fn of_dead_runs(lines: &str) -> Vec<&str> {
    let pairs = lines.lines().filter_map(|line| line.split_once(' '));
    pairs.filter(|(_, pid)| !std::path::Path::new(&format!("/proc/{pid}")).exists()).map(|(name, _)| name).collect()
}
