//! The whole journey on each line of Neo4j there is, and over the step from one to the next. That newer data is refused
//! by an older server is in `live_bad_days`.

use crate::live_jobs::{adopt, assert_clean, backup, restore_body};
use serde_json::json;
use tests::console_process::ConsoleProcess;
use tests::docker::docker;
use tests::neo4j::Neo4j;
use tests::turns::own_server;

/// Loses everything, restores, and compares.
async fn lose_and_restore(console: &ConsoleProcess, neo4j: &Neo4j, id: &str, nodes: u64) {
    neo4j.cypher("MATCH (n) DETACH DELETE n").await;
    neo4j.cypher("CREATE (:After)").await;
    let job = console.job("/deployments/graph/restore", restore_body(id, true)).await;
    let end = console.finish(job).await;
    assert_eq!(
        (end["state"].as_str(), end["result"]["credentials_work"].as_bool()),
        (Some("succeeded"), Some(true)),
        "{end}"
    );
    assert_eq!(neo4j.count().await, nodes);
    let relationships = neo4j.cypher("MATCH (:Person)-[r:KNOWS]->() RETURN count(r)").await;
    assert_eq!(relationships[0][0], json!(nodes / 2));
    let (_, seen) = console.get(&format!("/backups/{id}")).await;
    assert_eq!(seen["manifest"]["databases"][0]["nodes"], json!(nodes), "{seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_loss_and_restore_on_5_15_and_its_backup_into_5_26() {
    let _turn = own_server().await;
    let neo4j = Neo4j::start_plain("5.15.0", "line5").await;
    neo4j.fill(300).await;
    let data = tempfile::tempdir().expect("a directory");
    let console = ConsoleProcess::start(data.path()).await;
    adopt(&console, &neo4j, "graph").await;
    let id = backup(&console).await;
    lose_and_restore(&console, &neo4j, &id, 300).await;

    neo4j.run_again("5.26.5", &[]).await;
    lose_and_restore(&console, &neo4j, &id, 300).await;
    let version = neo4j.cypher("CALL dbms.components() YIELD versions RETURN versions[0]").await;
    assert_eq!(version[0][0], json!("5.26.5"));
    assert_clean(docker(), &console);
    neo4j.remove();
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_loss_and_restore_on_2026() {
    let _turn = own_server().await;
    let neo4j = Neo4j::start_plain("2026.05.0", "calendar").await;
    neo4j.fill(300).await;
    let data = tempfile::tempdir().expect("a directory");
    let console = ConsoleProcess::start(data.path()).await;
    adopt(&console, &neo4j, "graph").await;
    let id = backup(&console).await;
    lose_and_restore(&console, &neo4j, &id, 300).await;
    assert_clean(docker(), &console);
    neo4j.remove();
}
