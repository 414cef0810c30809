//! What others do to the server while a job has it stopped, and a server that a restore finds in a bad state; on a real
//! engine. Every moment of the window, on fakes: `ops/src/jobs/offline_tests` and `bad_state_tests`.

use crate::live_jobs::{adopted, assert_clean, backup, restore_body};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::console_process::ConsoleProcess;
use tests::docker::docker;
use tests::neo4j::{Neo4j, PASSWORD};
use tests::turns::own_server;

async fn count(neo4j: &Neo4j, label: &str) -> Value {
    neo4j.cypher(&format!("MATCH (n:{label}) RETURN count(n)")).await[0][0].clone()
}

fn restart_policy(neo4j: &Neo4j) -> String {
    docker().run(&["inspect", "-f", "{{.HostConfig.RestartPolicy.Name}}", &neo4j.name]).trim().into()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_started_in_mid_restore_or_that_never_comes_up_loses_nothing() {
    let _turn = own_server().await;
    let neo4j = Neo4j::start("5.26.5", "window").await;
    docker().run(&["update", "--restart", "always", &neo4j.name]);
    neo4j.fill(300).await;
    let (mut console, _data) = adopted(&neo4j).await;
    let id = backup(&console).await;
    started_by_somebody(&neo4j, &mut console, &id).await;
    started_while_the_store_is_held(&neo4j, &mut console).await;
    never_comes_up(&neo4j, &console, &id).await;
    neo4j.remove();
}

/// Between the set-aside and the load, by a deploy for example: Neo4j makes an empty database, and clients write to it.
async fn started_by_somebody(neo4j: &Neo4j, console: &mut ConsoleProcess, id: &str) {
    neo4j.cypher("CREATE (:Later)").await;
    console.start_holding_at("restore.load.begun").await;
    let job = console.job("/deployments/graph/restore", restore_body(id, false)).await;
    console.kill_where_it_is_held().await;
    assert_eq!(restart_policy(neo4j), "no", "the engine would start nothing by itself");
    docker().run(&["start", &neo4j.name]);
    neo4j.wait_ready().await;
    assert_eq!(neo4j.count().await, 0);
    neo4j.cypher("CREATE (:Meanwhile)").await;
    console.start_again().await;
    let end = console.finish(job).await;
    assert_eq!(end["state"], "rolled_back", "{end}");
    assert!(end["problem"]["title"].as_str().is_some_and(|t| t.contains("started during the job")), "{end}");
    assert_eq!(
        (count(neo4j, "Person").await, count(neo4j, "Later").await),
        (json!(300), json!(1)),
        "the data from before"
    );
    assert_eq!(restart_policy(neo4j), "always");
    assert_clean(docker(), console);

    let undo = json!({ "confirm": "graph", "reason": "what was written meanwhile" });
    let end = console.finish(console.job(&format!("/deployments/graph/restores/{job}/undo"), undo).await).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    assert_eq!((count(neo4j, "Meanwhile").await, neo4j.count().await), (json!(1), 1), "it was kept");
}

/// As by a helper that runs: Neo4j cannot open its database, and does not try again when the store is free.
async fn started_while_the_store_is_held(neo4j: &Neo4j, console: &mut ConsoleProcess) {
    let before = neo4j.count().await;
    console.start_holding_at("backup.dump.begun").await;
    let job = console.job("/deployments/graph/backups", json!({})).await;
    console.kill_where_it_is_held().await;
    let mountpoint = docker().run(&["volume", "inspect", "-f", "{{.Mountpoint}}", &neo4j.volume]);
    let lock = std::path::Path::new(mountpoint.trim()).join("databases/neo4j/database_lock");
    let held = std::fs::File::options()
        .write(true)
        .open(lock)
        .expect("a store (this test reads Docker's volumes: run it as root)");
    rustix::fs::fcntl_lock(&held, rustix::fs::FlockOperation::NonBlockingLockExclusive).expect("nobody holds it");
    docker().run(&["start", &neo4j.name]);
    cannot_open_its_database(neo4j).await;
    drop(held);
    console.start_again().await;
    let end = console.finish(job).await;
    assert_eq!(end["state"], "rolled_back", "{end}");
    assert_eq!(neo4j.count().await, before, "its database is online, after a restart");
    assert_clean(docker(), console);
}

/// Waits until Neo4j says that it could not open its database. Each question is bounded: one that hangs in a start is
/// asked again.
async fn cannot_open_its_database(neo4j: &Neo4j) {
    let failed = "SHOW DATABASES YIELD name, currentStatus, statusMessage";
    let began = Instant::now();
    loop {
        let answer = tokio::time::timeout(Duration::from_secs(10), neo4j.try_on("system", failed, PASSWORD)).await;
        let offline = |row: &Value| row[1] == "offline" && row[2] != "";
        if matches!(&answer, Ok(Ok(rows)) if rows.iter().any(offline)) {
            return;
        }
        assert!(
            began.elapsed() < Duration::from_secs(180),
            "its store is held, and it says {answer:?}: {}",
            neo4j.last_words()
        );
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// Its system database is damaged: the engine starts it again and again.
async fn never_comes_up(neo4j: &Neo4j, console: &ConsoleProcess, id: &str) {
    docker().run(&["stop", "-t", "60", &neo4j.name]);
    let mount = format!("{}:/data", neo4j.volume);
    let damage = "for f in /data/databases/system/neostore*; do : >\"$f\"; done";
    docker().run(&[
        "run",
        "--rm",
        "--user",
        "7474",
        "--entrypoint",
        "bash",
        "-v",
        &mount,
        "fast/neo4j:5.26.5-community",
        "-c",
        damage,
    ]);
    docker().run(&["start", &neo4j.name]);
    let began = Instant::now();
    loop {
        let seen = console.get("/deployments/graph").await.1;
        if seen["health"] == "keeps_restarting" {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(120), "{seen}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let end = console.finish(console.job("/deployments/graph/backups", json!({})).await).await;
    assert_eq!(end["state"], "failed", "{end}");
    let end = console.finish(console.job("/deployments/graph/restore", restore_body(id, true)).await).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    assert_eq!((count(neo4j, "Person").await, restart_policy(neo4j).as_str()), (json!(300), "always"));
    assert_clean(docker(), console);
}
