//! The short-outage dump on real file systems that can clone, and what is said where they cannot.

use crate::live_jobs::{adopt, assert_clean, neo4j as shared, restore_body};
use serde_json::{Value, json};
use tests::cloning_disk::CloningDisk;
use tests::console_process::ConsoleProcess;
use tests::docker::{PausedDump, docker};
use tests::neo4j::{Image, Neo4j};
use tests::turns::own_server;

/// The job's end and the backup in full.
async fn backup(console: &ConsoleProcess, kind: &str) -> (Value, Value) {
    let job = console.job("/deployments/graph/backups", json!({ "kind": kind })).await;
    let end = console.finish(job).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    let id = end["result"]["backup"].as_str().expect("a backup").to_string();
    let (_, made) = console.get(&format!("/backups/{id}")).await;
    (end, made)
}

/// Nothing of ours is in the data volume.
fn assert_no_clone(neo4j: &Neo4j) {
    let found = docker().run(&["exec", &neo4j.name, "find", "/data", "-maxdepth", "2", "-path", "*.neo4j-console*"]);
    assert_eq!(found.trim(), "", "the clone is left");
}

async fn checksum(neo4j: &Neo4j) -> Value {
    neo4j
        .cypher("MATCH (p:Person) OPTIONAL MATCH (p)-[:KNOWS]->(q) RETURN count(p), sum(p.i), sum(q.i * p.i)")
        .await
        .remove(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn on_xfs_neo4j_is_back_before_the_dump_also_when_the_console_is_killed_and_all_of_it_is_restored() {
    let _turn = own_server().await;
    let disk = CloningDisk::new("xfs");
    let neo4j = Neo4j::start_at(
        docker(),
        Image::Fast,
        "5.26.5",
        &format!("test-xfs-{}", std::process::id()),
        disk.volume.clone(),
    )
    .await;
    neo4j.fill(20_000).await;
    let before = checksum(&neo4j).await;
    let data = tempfile::tempdir().expect("a directory");
    let mut console = ConsoleProcess::start(data.path()).await;
    adopt(&console, &neo4j, "graph").await;

    let (_, made) = backup(&console, "offline_dump").await;
    assert_eq!(made["kind"], "offline_dump", "{made}");
    let (short, made) = backup(&console, "dump").await;
    assert_eq!(made["kind"], "short_outage_dump", "chosen by itself: {made}");
    assert!(made["manifest"]["how"].as_str().is_some_and(|how| how.contains("can clone")), "{made}");
    let names: Vec<&str> = short["steps"].as_array().into_iter().flatten().filter_map(|s| s["name"].as_str()).collect();
    assert_eq!(names, ["check", "prepare", "stop", "clone", "start", "dump", "copy", "verify", "clean"]);
    assert_no_clone(&neo4j);

    // Each end is a backup: one console dies before it could say that it cloned, the next when it has dumped.
    let mut end = short;
    for point in ["backup.clone.acted", "backup.dump.acted"] {
        console.start_holding_at(point).await;
        let job = console.job("/deployments/graph/backups", json!({ "kind": "short_outage_dump" })).await;
        console.kill_where_it_is_held().await;
        console.start_again().await;
        end = console.finish(job).await;
        assert_eq!(end["state"], "succeeded", "{point}: {end}");
        assert_no_clone(&neo4j);
        assert_clean(docker(), &console);
    }

    neo4j.cypher("MATCH (n) DETACH DELETE n").await;
    let id = end["result"]["backup"].as_str().expect("a backup");
    let end = console.finish(console.job("/deployments/graph/restore", restore_body(id, true)).await).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    assert_eq!(checksum(&neo4j).await, before);
    assert_clean(docker(), &console);
    neo4j.remove();
}

#[tokio::test(flavor = "multi_thread")]
async fn on_btrfs_a_short_outage_is_had_and_a_cancelled_one_leaves_nothing() {
    let _turn = own_server().await;
    let disk = CloningDisk::new("btrfs");
    let neo4j = Neo4j::start_at(
        docker(),
        Image::Plain,
        "5.26.5",
        &format!("test-btrfs-{}", std::process::id()),
        disk.volume.clone(),
    )
    .await;
    neo4j.fill(500).await;
    let data = tempfile::tempdir().expect("a directory");
    let console = ConsoleProcess::start(data.path()).await;
    adopt(&console, &neo4j, "graph").await;
    let (_, made) = backup(&console, "short_outage_dump").await;
    assert_eq!(
        (made["kind"].as_str(), made["manifest"]["databases"][0]["nodes"].as_u64()),
        (Some("short_outage_dump"), Some(500)),
        "{made}"
    );
    assert_no_clone(&neo4j);

    // Killed at the dump: Neo4j runs by then, and runs on.
    let PausedDump { job, helper, .. } = docker().paused_dump(&console).await;
    assert!(neo4j.count().await == 500, "it serves while it is dumped");
    docker().run(&["kill", &helper]);
    let end = console.finish(job).await;
    assert_eq!(end["state"], "rolled_back", "{end}");
    assert_eq!(neo4j.count().await, 500);
    assert_no_clone(&neo4j);
    assert_clean(docker(), &console);
    neo4j.remove();
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_volume_cannot_clone_it_is_said_before_anything_stops() {
    let (neo4j, _turn) = shared().await;
    let data = tempfile::tempdir().expect("a directory");
    let console = ConsoleProcess::start(data.path()).await;
    adopt(&console, neo4j, "graph").await;
    if clones(&neo4j.volume) {
        return assert_eq!(
            backup(&console, "short_outage_dump").await.1["kind"],
            "short_outage_dump",
            "the engine's own disk can clone"
        );
    }
    let started = docker().run(&["inspect", "-f", "{{.State.StartedAt}}", &neo4j.name]);
    let end =
        console.finish(console.job("/deployments/graph/backups", json!({ "kind": "short_outage_dump" })).await).await;
    assert_eq!(end["state"], "failed", "{end}");
    assert!(
        end["problem"]["means"].as_str().is_some_and(|m| m.contains("cannot clone files") && m.contains("not stopped")),
        "{end}"
    );
    assert_eq!(docker().run(&["inspect", "-f", "{{.State.StartedAt}}", &neo4j.name]), started);
    let (status, problem) = console.post("/deployments/graph/backups", json!({ "kind": "hot" })).await;
    assert_eq!((status, problem["fields"][0]["field"].as_str()), (400, Some("kind")), "{problem}");
}

/// The same question, asked by hand.
fn clones(volume: &str) -> bool {
    let (mount, script) = (
        format!("{volume}:/v"),
        "cp --reflink=always /v/dbms/auth.ini /v/clone-by-hand 2>/dev/null && echo yes; rm -f /v/clone-by-hand",
    );
    docker()
        .run(&[
            "run",
            "--rm",
            "--user",
            "root",
            "--entrypoint",
            "bash",
            "-v",
            &mount,
            "neo4j:5.26.5-community",
            "-c",
            script,
        ])
        .trim()
        == "yes"
}
