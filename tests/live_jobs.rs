//! Whole jobs on a real Docker Engine and a real Neo4j, driven over the API of the real console. What becomes of them
//! when the console is killed: `live_kill_points`.

use serde_json::{Value, json};
use tests::console_process::ConsoleProcess;
use tests::docker::{Docker, docker};
use tests::neo4j::{Neo4j, PASSWORD};
use tests::turns::{Shared, Turn, own_server};
use tests::writer::Writer;

static JOBS: Shared = Shared::new("jobs");
/// Also for one guide after the other: each uses the same volume.
static COPIES: Shared = Shared::new("copies");

pub(crate) async fn neo4j() -> (&'static Neo4j, Turn) {
    JOBS.take().await
}

/// For tests of targets, encryption and what a person does by hand, beside those of jobs.
pub(crate) async fn neo4j_of_copies() -> (&'static Neo4j, Turn) {
    COPIES.take().await
}

/// A console on its own data directory that has adopted the server as `graph`.
pub(crate) async fn adopted(neo4j: &Neo4j) -> (ConsoleProcess, tempfile::TempDir) {
    let data = tempfile::tempdir().expect("a directory");
    let console = ConsoleProcess::start(data.path()).await;
    adopt(&console, neo4j, "graph").await;
    (console, data)
}

pub(crate) async fn adopt(console: &ConsoleProcess, neo4j: &Neo4j, name: &str) {
    // Images of tests have tags that production would not take.
    let adopt = json!({
        "container": neo4j.name, "username": "neo4j", "password": PASSWORD, "name": name, "environment": "staging",
    });
    let (status, answer) = console.post("/deployments", adopt).await;
    assert_eq!(status, 201, "{answer}");
}

pub(crate) async fn backup(console: &ConsoleProcess) -> String {
    backup_of(console, "graph").await
}

pub(crate) async fn backup_of(console: &ConsoleProcess, deployment: &str) -> String {
    let job = console.job(&format!("/deployments/{deployment}/backups"), json!({ "reason": "a test" })).await;
    let end = console.finish(job).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    end["result"]["backup"].as_str().expect("a backup").into()
}

pub(crate) fn restore_body(backup: &str, include_users: bool) -> Value {
    json!({ "backup": backup, "confirm": "graph", "reason": "a test", "include_users": include_users })
}

/// Nothing of this console's jobs is left on the engine.
pub(crate) fn assert_clean(docker: &Docker, console: &ConsoleProcess) {
    assert_eq!(docker.left_by(console), Vec::<String>::new(), "helper containers or volumes are left");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_taken_data_is_lost_and_a_restore_brings_it_back_and_can_be_undone() {
    let (neo4j, _turn) = neo4j().await;
    neo4j.fill(2_000).await;
    let (console, _data) = adopted(neo4j).await;
    let id = backup(&console).await;

    let (_, overview) = console.get("/deployments/graph").await;
    assert_eq!(overview["last_verified_backup"]["id"], json!(id), "{overview}");
    neo4j.cypher("MATCH (n) DETACH DELETE n").await;
    assert_eq!(neo4j.count().await, 0);

    let job = console.job("/deployments/graph/restore", restore_body(&id, false)).await;
    let end = console.finish(job).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    assert_eq!(end["result"]["nodes"], json!(2_000));
    assert_eq!(neo4j.count().await, 2_000);
    assert_clean(docker(), &console);

    // Another console, whose jobs have the same numbers: it must not take what the first one set aside for its own. And
    // an application that writes all the time, which neither spoils a backup nor loses what it wrote.
    drop(console);
    let (console, _data) = adopted(neo4j).await;
    let writer = Writer::start(neo4j).await;
    writer.goes_on().await;
    let id = backup(&console).await;
    let (status, problem) = console
        .post(
            "/deployments/graph/restore",
            json!({ "backup": id, "confirm": "grph", "reason": "x", "include_users": false }),
        )
        .await;
    assert_eq!((status, problem["fields"][0]["field"].as_str()), (400, Some("confirm")), "{problem}");
    let drill = console.finish(console.job("/deployments/graph/drills", json!({ "backup": id })).await).await;
    assert_eq!(drill["state"], "succeeded", "{drill}");
    neo4j.cypher("MATCH (n:Person) DETACH DELETE n").await;
    neo4j.cypher("CREATE (:After)").await;
    let job = console.job("/deployments/graph/restore", restore_body(&id, true)).await;
    let end = console.finish(job).await;
    assert_eq!(
        (end["state"].as_str(), end["result"]["credentials_work"].as_bool()),
        (Some("succeeded"), Some(true)),
        "{end}"
    );
    assert_eq!(end["result"]["nodes"], drill["result"]["nodes"], "counted on a copy, not on the server in use");
    assert_eq!(neo4j.cypher("MATCH (p:Person) RETURN count(p)").await, [json!([2_000])]);
    let written = writer.before_last_outage();
    writer.goes_on().await;
    let undo = json!({ "confirm": "graph", "reason": "a test" });
    let end = console.finish(console.job(&format!("/deployments/graph/restores/{job}/undo"), undo).await).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    assert_eq!(
        neo4j.cypher("MATCH (n:Person|After) RETURN labels(n)[0]").await,
        [json!(["After"])],
        "the data from just before the restore"
    );
    assert_eq!(
        neo4j.cypher(&format!("MATCH (w:Written) WHERE w.i <= {written} RETURN count(w)")).await,
        [json!([written])],
        "all that was acknowledged"
    );
    writer.goes_on().await;
    drop(writer);
    assert_clean(docker(), &console);

    // The undo could be taken back, as long as nobody removes by hand what it set aside.
    docker().run(&["exec", &neo4j.name, "rm", "-rf", "/data/.neo4j-console"]);
    let started = docker().run(&["inspect", "-f", "{{.State.StartedAt}}", &neo4j.name]);
    let undo = end["id"].as_i64().expect("a job's id");
    let end = console
        .finish(
            console
                .job(
                    &format!("/deployments/graph/restores/{undo}/undo"),
                    json!({ "confirm": "graph", "reason": "a test" }),
                )
                .await,
        )
        .await;
    assert_eq!(
        (end["state"].as_str(), end["problem"]["title"].as_str()),
        (Some("failed"), Some("The data that was set aside is not in the volume any more."))
    );
    assert_eq!(
        docker().run(&["inspect", "-f", "{{.State.StartedAt}}", &neo4j.name]),
        started,
        "it ran on all the time"
    );
    assert_eq!(neo4j.cypher("MATCH (n:After) RETURN count(n)").await, [json!([1])]);
    assert_clean(docker(), &console);
}

#[tokio::test(flavor = "multi_thread")]
async fn neo4j_or_the_helper_killed_in_mid_job_leaves_a_running_server_with_its_data() {
    let (neo4j, _turn) = neo4j().await;
    neo4j.fill(1_000).await;
    let (console, _data) = adopted(neo4j).await;
    let dump = docker().paused_dump(&console).await;
    docker().run(&["kill", &dump.helper]);
    let end = console.finish(dump.job).await;
    assert_eq!(end["state"], "rolled_back", "{end}");
    assert!(end["problem"]["title"].as_str().is_some_and(|t| t.contains("helper failed")), "{end}");
    assert_eq!(neo4j.count().await, 1_000);
    let (_, backups) = console.get("/deployments/graph/backups").await;
    assert_eq!(backups.as_array().map(Vec::len), Some(dump.whole_before), "half a dump is called a backup");
    assert_clean(docker(), &console);

    // The server itself is killed at the stop: an unclean end is never dumped.
    let job = console.job("/deployments/graph/backups", json!({})).await;
    docker().run(&["kill", &neo4j.name]);
    let end = console.finish(job).await;
    assert!(matches!(end["state"].as_str(), Some("rolled_back" | "failed")), "{end}");
    docker().run(&["start", &neo4j.name]);
    neo4j.wait_ready().await;
    assert_eq!(neo4j.count().await, 1_000);
    assert_clean(docker(), &console);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_bundle_is_found_before_the_server_is_touched() {
    let (neo4j, _turn) = neo4j().await;
    neo4j.fill(500).await;
    let (console, data) = adopted(neo4j).await;
    let id = backup(&console).await;
    let dump = data.path().join("backups").join(&id).join("dumps/neo4j.dump");
    let mut bytes = std::fs::read(&dump).expect("the dump");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&dump, bytes).expect("written");
    let started = docker().run(&["inspect", "-f", "{{.State.StartedAt}}", &neo4j.name]);
    let job = console.job("/deployments/graph/restore", restore_body(&id, false)).await;
    let end = console.finish(job).await;
    assert_eq!(end["state"], "failed", "{end}");
    assert!(end["problem"]["means"].as_str().is_some_and(|m| m.contains("Neo4j was not touched")), "{end}");
    assert_eq!(
        docker().run(&["inspect", "-f", "{{.State.StartedAt}}", &neo4j.name]),
        started,
        "it ran on all the time"
    );
    // And now no restore from it is even queued.
    let (status, _) = console.post("/deployments/graph/restore", restore_body(&id, false)).await;
    assert_eq!(status, 409);
}

#[tokio::test(flavor = "multi_thread")]
async fn start_stop_and_restart_keep_the_clean_stop_guard() {
    let _turn = own_server().await;
    let neo4j = Neo4j::start_plain("5.26.5", "stop").await;
    let (console, _data) = adopted(&neo4j).await;
    for (act, running) in [("stop", "false"), ("start", "true"), ("restart", "true")] {
        let job = console.job(&format!("/deployments/graph/{act}"), json!({})).await;
        let end = console.finish(job).await;
        assert_eq!(end["state"], "succeeded", "{act}: {end}");
        assert_eq!(
            docker().run(&["inspect", "-f", "{{.State.Running}} {{.State.ExitCode}}", &neo4j.name]).trim(),
            format!("{running} 0")
        );
    }
    assert_clean(docker(), &console);
    neo4j.remove();
}
