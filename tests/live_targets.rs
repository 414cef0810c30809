//! Targets for real: an S3 store that is stopped, refuses and loses; an external drive that is unplugged; a drill from
//! the store.

use crate::live_jobs::{adopted, assert_clean, neo4j_of_copies as neo4j, restore_body};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::console_process::ConsoleProcess;
use tests::docker::docker;
use tests::s3_store::{BUCKET, S3Store};
use tests::tiny_disk::TinyDisk;

pub(crate) async fn add(console: &ConsoleProcess, target: Value) {
    let (status, answer) = console.post("/targets", target).await;
    assert_eq!(status, 201, "{answer}");
}

/// Backs up to these targets and returns the backup in full.
pub(crate) async fn backup_to(console: &ConsoleProcess, targets: &[&str]) -> Value {
    let job = console.job("/deployments/graph/backups", json!({ "reason": "a test", "targets": targets })).await;
    let end = console.finish(job).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    let id = end["result"]["backup"].as_str().expect("a backup").to_string();
    console.get(&format!("/backups/{id}")).await.1
}

pub(crate) fn states(backup: &Value) -> Vec<(String, String)> {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_string();
    backup["targets"].as_array().into_iter().flatten().map(|t| (text(&t["name"]), text(&t["state"]))).collect()
}

pub(crate) fn pairs(of: &[(&str, &str)]) -> Vec<(String, String)> {
    of.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_is_tried_when_it_is_added_and_says_what_is_wrong() {
    let place = tempfile::tempdir().expect("a directory");
    let console = ConsoleProcess::start(place.path()).await;
    let store = S3Store::start().await;
    let with = |change: Value| {
        let mut target = store.target("s3");
        target.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
        target
    };
    for (change, word) in [
        (json!({ "endpoint": "http://no-such-store.invalid" }), "DNS"),
        (json!({ "endpoint": format!("https://127.0.0.1:{}", store.port) }), "TLS"),
        (json!({ "endpoint": "http://127.0.0.1:9" }), "does not answer"),
        (json!({ "secret_key": "wrong" }), "secret key is wrong"),
        (json!({ "access_key": "nobody" }), "access key is not known"),
        (json!({ "access_key": "reader" }), "may not do this"),
    ] {
        let (status, problem) = console.post("/targets", with(change.clone())).await;
        assert!(status == 503 && problem.to_string().contains(word), "{change}: {status} {problem}");
        assert!(!problem.to_string().contains("owls and keys"), "the secret is not told");
    }
    for (change, field) in [
        (json!({ "bucket": "" }), "bucket"),
        (json!({ "name": "../x" }), "name"),
        (json!({ "name": "local" }), "name"),
        (json!({ "kind": "ftp" }), "kind"),
    ] {
        let (status, problem) = console.post("/targets", with(change)).await;
        assert_eq!((status, problem["fields"][0]["field"].as_str()), (400, Some(field)), "{problem}");
    }
    add(&console, store.target("s3")).await;
    assert_eq!(console.post("/targets", store.target("s3")).await.0, 400, "the name is taken");
    let (_, list) = console.get("/targets").await;
    assert_eq!(
        (list[0]["name"].as_str(), list[1]["name"].as_str(), list[1]["bucket"].as_str()),
        (Some("local"), Some("s3"), Some(BUCKET))
    );
    assert!(!list.to_string().contains("owls"), "{list}");
    assert_eq!(console.post("/targets/s3/test", json!({})).await.0, 204);
    // The store keeps empty folders; S3 itself knows none.
    for folder in store.files("neo4j").await {
        assert_eq!(store.files(&format!("neo4j/{folder}")).await, Vec::<String>::new(), "a probe is left");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_goes_to_s3_and_home_each_for_itself_and_comes_back_from_where_it_is_whole() {
    let (neo4j, _turn) = neo4j().await;
    neo4j.fill(2_000).await;
    let (console, data) = adopted(neo4j).await;
    let mut store = S3Store::start().await;
    add(&console, store.target("s3")).await;

    let backup = backup_to(&console, &["local", "s3"]).await;
    assert_eq!(states(&backup), pairs(&[("local", "verified"), ("s3", "verified")]));
    let id = backup["id"].as_str().expect("an id").to_string();
    assert!(store.files(&format!("neo4j/{id}")).await.contains(&"manifest.json".to_string()));

    // The drill proves the copy far away; the live server runs on.
    let started = docker().run(&["inspect", "-f", "{{.State.StartedAt}}", &neo4j.name]);
    let drill = console.job("/deployments/graph/drills", json!({})).await;
    let end = console.finish(drill).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    assert!(end["steps"].to_string().contains("Every part on s3"), "{end}");
    let (_, verdicts) = console.get("/deployments/graph/drills").await;
    assert_eq!(
        (verdicts[0]["passed"].as_bool(), verdicts[0]["nodes"].as_u64()),
        (Some(true), Some(2_000)),
        "{verdicts}"
    );
    assert_eq!(docker().run(&["inspect", "-f", "{{.State.StartedAt}}", &neo4j.name]), started, "it was not touched");
    assert_clean(docker(), &console);

    // The store loses a part: the next check shows it, and a restore takes the copy at home.
    store.lose(&format!("neo4j/{id}/dumps/neo4j.dump")).await;
    let end = console.finish(console.job(&format!("/backups/{id}/verify"), json!({})).await).await;
    assert_eq!(end["state"], "failed", "{end}");
    let (_, seen) = console.get(&format!("/backups/{id}")).await;
    assert_eq!(states(&seen), pairs(&[("local", "verified"), ("s3", "missing")]), "{seen}");
    neo4j.cypher("MATCH (n) DETACH DELETE n").await;
    let end = console.finish(console.job("/deployments/graph/restore", restore_body(&id, false)).await).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    assert_eq!(neo4j.count().await, 2_000);

    // The store is gone: the backup at home counts, and says what failed.
    store.stop();
    let backup = backup_to(&console, &["local", "s3"]).await;
    assert_eq!(states(&backup), pairs(&[("local", "verified"), ("s3", "failed")]));
    assert!(backup["targets"][1]["problem"].as_str().is_some_and(|p| p.contains("does not answer")), "{backup}");
    // To it alone there is no backup at all.
    let end = console.finish(console.job("/deployments/graph/backups", json!({ "targets": ["s3"] })).await).await;
    assert_eq!(end["state"], "rolled_back", "{end}");
    assert_eq!(neo4j.count().await, 2_000);
    store.start_again().await;

    // From the store alone, after the disk at home is lost.
    let backup = backup_to(&console, &["s3"]).await;
    let id = backup["id"].as_str().expect("an id").to_string();
    assert_eq!(states(&backup), pairs(&[("s3", "verified")]));
    std::fs::remove_dir_all(data.path().join("backups")).expect("lost");
    neo4j.cypher("MATCH (n) DETACH DELETE n").await;
    let end = console.finish(console.job("/deployments/graph/restore", restore_body(&id, true)).await).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    assert_eq!(neo4j.count().await, 2_000);
    assert_eq!(store.unfinished().await, Vec::<String>::new());
    assert_clean(docker(), &console);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_cut_short_by_a_kill_is_aborted_and_done_again() {
    let (neo4j, _turn) = neo4j().await;
    neo4j.fill(10).await;
    // Some 40 MB that do not compress: several pieces.
    neo4j
        .cypher(
            "UNWIND range(1, 20000) AS i CALL { WITH i CREATE (:Bulk {t: reduce(s = '', j IN range(1, 100) | s + \
        randomUUID())}) } IN TRANSACTIONS OF 2000 ROWS",
        )
        .await;
    let (mut console, _data) = adopted(neo4j).await;
    let store = S3Store::start().await;
    add(&console, store.target("s3")).await;
    let job = console.job("/deployments/graph/backups", json!({ "targets": ["s3"] })).await;
    let started = Instant::now();
    while store.unfinished().await.is_empty() {
        assert!(started.elapsed().as_secs() < 180, "no upload in pieces was ever seen");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    console.kill();
    assert_eq!(store.unfinished().await.len(), 1, "this is what a kill leaves");
    console.start_again().await;
    let end = console.finish(job).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    assert_eq!(store.unfinished().await, Vec::<String>::new());
    neo4j.cypher("MATCH (n:Bulk) CALL { WITH n DELETE n } IN TRANSACTIONS OF 2000 ROWS").await;
    assert_clean(docker(), &console);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unplugged_drive_does_not_fill_the_disk_below_it() {
    let (neo4j, _turn) = neo4j().await;
    neo4j.fill(50).await;
    let (console, _data) = adopted(neo4j).await;
    let place = tempfile::tempdir().expect("a directory");
    let at = place.path().join("drive");
    std::fs::create_dir(&at).expect("made");
    let target = json!({ "name": "drive", "kind": "directory", "path": at, "mounted": true });
    let (status, problem) = console.post("/targets", target.clone()).await;
    assert!(status == 503 && problem.to_string().contains("is not mounted"), "{status} {problem}");
    let disk = TinyDisk::in_memory(&at, "3g");
    add(&console, target).await;
    assert_eq!(
        states(&backup_to(&console, &["drive", "local"]).await),
        pairs(&[("local", "verified"), ("drive", "verified")])
    );
    drop(disk);
    let backup = backup_to(&console, &["drive", "local"]).await;
    assert_eq!(states(&backup), pairs(&[("local", "verified"), ("drive", "failed")]));
    assert_eq!(std::fs::read_dir(&at).expect("the mount point").count(), 0, "nothing was written below it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_console_finds_the_backups_of_a_lost_one_on_their_target_and_restores() {
    let (neo4j, _turn) = neo4j().await;
    neo4j.fill(700).await;
    let (console, lost) = adopted(neo4j).await;
    let place = tempfile::tempdir().expect("a directory");
    let target = json!({ "name": "away", "kind": "directory", "path": place.path() });
    add(&console, target.clone()).await;
    let backup = backup_to(&console, &["away"]).await;
    let id = backup["id"].as_str().expect("an id").to_string();
    // Its database and its key are gone.
    drop((console, lost));

    let (console, _data) = adopted(neo4j).await;
    add(&console, target).await;
    let (status, scan) = console.post("/targets/away/scan", json!({})).await;
    assert_eq!((status, &scan["found"]), (200, &json!([id])), "{scan}");
    let end = console.finish(scan["jobs"][0].as_i64().expect("a job")).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    let (_, seen) = console.get(&format!("/backups/{id}")).await;
    assert_eq!(states(&seen), pairs(&[("away", "verified")]), "{seen}");
    assert_eq!(seen["manifest"]["databases"], backup["manifest"]["databases"]);
    neo4j.cypher("MATCH (n) DETACH DELETE n").await;
    // Its key is gone, and with it the seal that proves who made it.
    assert_eq!(
        (&seen["origin"], console.post("/deployments/graph/restore", restore_body(&id, true)).await.0),
        (&json!("outside"), 409)
    );
    assert_eq!(console.post(&format!("/backups/{id}/accept"), json!({})).await.0, 204);
    let end = console.finish(console.job("/deployments/graph/restore", restore_body(&id, true)).await).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    assert_eq!(neo4j.count().await, 700);
    assert_clean(docker(), &console);
}

/// Runs the schedule now; a clean-up that runs by itself is waited for. Returns the backup and the job's number.
async fn run_schedule(console: &ConsoleProcess, name: &str) -> (String, i64) {
    loop {
        let (status, answer) = console.post(&format!("/deployments/graph/schedules/{name}/run"), json!({})).await;
        if status == 202 {
            let job = answer["job"].as_i64().expect("a job");
            let end = console.finish(job).await;
            assert_eq!(end["state"], "succeeded", "{end}");
            return (end["result"]["backup"].as_str().expect("a backup").into(), job);
        }
        assert_eq!(status, 409, "{answer}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Follows the next clean-up after this job, which comes by itself.
async fn clean_up_after(console: &ConsoleProcess, job: i64) -> Value {
    let started = Instant::now();
    while console.get(&format!("/jobs/{}", job + 1)).await.0 == 404 {
        assert!(started.elapsed() < Duration::from_secs(120), "no clean-up came");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let end = console.finish(job + 1).await;
    assert_eq!((&end["kind"], &end["state"]), (&json!("prune"), &json!("succeeded")), "{end}");
    end
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clean_up_removes_the_old_backup_from_both_targets_also_when_the_console_is_killed_in_it() {
    let (neo4j, _turn) = neo4j().await;
    neo4j.fill(400).await;
    let (mut console, data) = adopted(neo4j).await;
    let store = S3Store::start().await;
    add(&console, store.target("s3")).await;
    let id = backup_to(&console, &["local", "s3"]).await["id"].as_str().expect("an id").to_string();

    let schedule = json!({ "name": "often", "cron": "0 3 1 1 *", "time_zone": "UTC", "targets": ["local", "s3"], "keep": { "count": 1 } });
    assert_eq!(console.post("/deployments/graph/schedules", schedule).await.0, 201);
    let (old, job) = run_schedule(&console, "often").await;
    clean_up_after(&console, job).await;
    console.start_holding_at("prune.remove.acted").await;
    let (new, job) = run_schedule(&console, "often").await;
    console.kill_where_it_is_held().await;
    console.start_again().await;
    let end = clean_up_after(&console, job).await;
    assert_eq!(end["result"]["removed"], json!(1), "{end}");
    assert_eq!(console.get(&format!("/backups/{old}")).await.0, 404);
    assert!(
        !data.path().join("backups").join(&old).exists() && store.files(&format!("neo4j/{old}/dumps")).await.is_empty(),
        "on both targets"
    );
    for kept in [id, new] {
        let (_, seen) = console.get(&format!("/backups/{kept}")).await;
        assert_eq!(states(&seen), pairs(&[("local", "verified"), ("s3", "verified")]), "{seen}");
        assert!(data.path().join("backups").join(&kept).join("manifest.json").exists());
    }
}
