//! An engine that is not there, hangs, or may not be asked.

use adapters::docker::DockerEngine;
use ports::{ContainerEngine, EngineError};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

async fn listener() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let host = format!("tcp://{}", listener.local_addr().expect("an address"));
    (listener, host)
}

/// Answers every request with this status, as a socket proxy does.
async fn proxy(status: &'static str) -> String {
    let (listener, host) = listener().await;
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _read = socket.read(&mut request).await;
            let page = "<html><body>Forbidden</body></html>";
            let answer =
                format!("HTTP/1.0 {status}\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{page}", page.len());
            let _written = socket.write_all(answer.as_bytes()).await;
        }
    });
    host
}

#[tokio::test]
async fn an_engine_that_is_not_there_is_told_at_once() {
    let (listener, closed) = listener().await;
    drop(listener);
    for nowhere in ["unix:///no/such/docker.sock", closed.as_str()] {
        let engine = DockerEngine::connect(Some(nowhere)).expect("connecting is lazy");
        let started = Instant::now();
        for answer in [engine.ping().await.map(|_| ()), engine.neo4j_containers().await.map(|_| ())] {
            assert!(matches!(answer, Err(EngineError::Unreachable(_))), "{nowhere}: {answer:?}");
        }
        assert!(started.elapsed() < Duration::from_secs(1));
    }
}

#[tokio::test]
async fn an_engine_that_takes_the_connection_and_says_nothing_is_given_up_after_three_seconds() {
    let (_listener, silent) = listener().await;
    let engine = DockerEngine::connect(Some(&silent)).expect("an address");
    let started = Instant::now();
    assert!(matches!(engine.ping().await, Err(EngineError::Unreachable(why)) if why.contains("3 s")));
    assert!((Duration::from_secs(2)..Duration::from_secs(5)).contains(&started.elapsed()));
}

#[tokio::test]
async fn an_engine_that_comes_up_later_is_found_without_a_new_connect() {
    let directory = tempfile::tempdir().expect("a directory");
    let socket = directory.path().join("docker.sock");
    let engine = DockerEngine::connect(Some(&format!("unix://{}", socket.display()))).expect("lazy");
    assert!(matches!(engine.ping().await, Err(EngineError::Unreachable(_))));
    std::os::unix::fs::symlink("/var/run/docker.sock", &socket).expect("a link");
    engine.ping().await.expect("it is there now");
}

#[tokio::test]
async fn a_socket_proxys_refusal_names_the_call_to_allow_and_its_engines_absence_is_no_refusal() {
    let engine = DockerEngine::connect(Some(&proxy("403 Forbidden").await)).expect("an address");
    assert!(
        matches!(engine.neo4j_containers().await, Err(EngineError::Denied(what)) if what.contains("GET /containers/json"))
    );
    let id = domain::container::ContainerId("sales".into());
    assert!(
        matches!(engine.stop(&id, Duration::ZERO).await, Err(EngineError::Denied(what)) if what.contains("POST /containers/sales/stop"))
    );
    assert!(
        matches!(engine.read_file(&id, "/data/x").await, Err(EngineError::Denied(what)) if what.contains("GET /containers/sales/archive"))
    );
    let down = DockerEngine::connect(Some(&proxy("503 Service Unavailable").await)).expect("an address");
    assert!(matches!(down.ping().await, Err(EngineError::Unreachable(_))));
}
