//! Where Bolt is found: a server in the host's own network, on a port of its own, that takes TLS only.

use super::{ByHand, IMAGE, engine, shared_neo4j};
use adapters::bolt::BoltClient;
use adapters::docker::DockerEngine;
use domain::bolt::{EngineHost, own_container};
use domain::statements;
use ops::engine::graph;
use ports::{ContainerEngine, GraphServer};
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tests::console_process::free_port;
use tests::docker::docker;
use tests::neo4j::PASSWORD;

/// A key and a certificate of its own, as people make them who have none, readable to the server's user.
fn certificate(directory: &Path) {
    let file = |name: &str| directory.join(name).display().to_string();
    let args = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=graph.example.com"];
    let made = Command::new("openssl")
        .args(args)
        .args(["-keyout", &file("private.key"), "-out", &file("public.crt")])
        .output()
        .expect("openssl runs");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let open = Command::new("chmod").args(["a+rX", &directory.display().to_string(), &file("private.key")]).status();
    assert!(open.is_ok_and(|s| s.success()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_in_the_hosts_network_on_another_port_that_takes_tls_only_is_asked() {
    let (_shared, _turn) = shared_neo4j().await;
    let keys = tempfile::tempdir().expect("a directory");
    certificate(keys.path());
    let (bolt_port, http_port) = (free_port(), free_port());
    let mount = format!("{}:/ssl", keys.path().display());
    let env = [
        format!("NEO4J_AUTH=neo4j/{PASSWORD}"),
        format!("NEO4J_server_bolt_listen__address=127.0.0.1:{bolt_port}"),
        format!("NEO4J_server_http_listen__address=127.0.0.1:{http_port}"),
        "NEO4J_server_bolt_tls__level=REQUIRED".into(),
        "NEO4J_dbms_ssl_policy_bolt_enabled=true".into(),
        "NEO4J_dbms_ssl_policy_bolt_base__directory=/ssl".into(),
        "NEO4J_dbms_ssl_policy_bolt_client__auth=NONE".into(),
        "NEO4J_server_memory_heap_max__size=512m".into(),
        "NEO4J_server_memory_pagecache_size=64m".into(),
    ];
    let env = env.iter().flat_map(|pair| ["-e", pair]).collect::<Vec<_>>();
    let neo4j = ByHand::new(&["run", "-d"], &[&["--network", "host", "-v", &mount], env.as_slice(), &[IMAGE]].concat());
    let container = engine().inspect(&neo4j.id()).await.expect("a container");
    let server = graph::server(&engine(), &container, "neo4j", PASSWORD).await;
    assert_eq!((server.addresses.as_slice(), server.tls), (&[format!("127.0.0.1:{bolt_port}")][..], true));
    let started = Instant::now();
    let rows = loop {
        match BoltClient::default().query(&server, "system", &[statements::IDENTITY], Duration::from_secs(5)).await {
            Ok(rows) => break rows,
            Err(error) => assert!(started.elapsed() < Duration::from_secs(120), "{error}"),
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    };
    assert_eq!(rows[0][0]["edition"], "community");
    let plain = ports::BoltServer { tls: false, ..server };
    assert!(
        BoltClient::default().query(&plain, "system", &[statements::IDENTITY], Duration::from_secs(5)).await.is_err(),
        "it takes TLS only"
    );
}

#[tokio::test]
async fn a_process_in_a_container_finds_which_one_it_is() {
    let seen = ByHand::new(&["run"], &["--entrypoint", "cat", IMAGE, "/proc/self/mountinfo"]);
    let id = docker().run(&["inspect", "-f", "{{.Id}}", &seen.id().0]);
    assert_eq!(own_container(&docker().run(&["logs", &seen.id().0])).as_deref(), Some(id.trim()));
}

/// The tests run on the engine's own machine; an address that is not loopback counts as another one's.
#[tokio::test]
async fn an_engine_over_tcp_is_another_machines_unless_it_is_on_loopback() {
    assert_eq!(engine().host().await, EngineHost::Local);
    let at = |address: &str| DockerEngine::connect(Some(address)).expect("an address");
    assert_eq!(at("tcp://127.0.0.1:1").host().await, EngineHost::Local);
    assert_eq!(at("tcp://far.invalid:1").host().await, EngineHost::Remote("far.invalid".into()));
}
