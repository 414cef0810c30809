//! Encrypted targets for real: an S3 store that holds only what `age` can open, restores from it, and a copy that a
//! person decrypts with Debian's `age` and loads without the console.

use crate::live_by_hand::{commands, follow};
use crate::live_jobs::{adopted, assert_clean, neo4j_of_copies as neo4j, restore_body};
use crate::live_targets::{add, backup_to, pairs, states};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;
use tests::docker::docker;
use tests::neo4j::{Neo4j, PASSWORD};
use tests::s3_store::S3Store;

/// What a person has: a file with the identity, made with `age-keygen`.
struct Key {
    file: PathBuf,
    recipient: String,
    identity: String,
    _directory: tempfile::TempDir,
}

impl Key {
    fn new() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let file = directory.path().join("key.txt");
        run(Command::new("age-keygen").arg("-o").arg(&file));
        let recipient = run(Command::new("age-keygen").arg("-y").arg(&file)).trim().to_string();
        let identity = std::fs::read_to_string(&file).expect("the key file");
        Self { file, recipient, identity, _directory: directory }
    }

    fn secret(&self) -> &str {
        self.identity.lines().find(|line| line.starts_with("AGE-SECRET-KEY-1")).expect("the secret")
    }
}

fn run(command: &mut Command) -> String {
    let done = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}; scripts/test.sh installs it"));
    assert!(done.status.success(), "{command:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).expect("text")
}

fn encrypted_for(mut target: Value, keys: &[&Key]) -> Value {
    target["age_recipients"] = keys.iter().map(|key| key.recipient.clone()).collect();
    target
}

fn with_identity(id: &str, key: &Key) -> Value {
    let mut body = restore_body(id, false);
    // As people do: the whole file.
    body["age_identity"] = json!(key.identity);
    body
}

/// Neither the console's database nor its log has it.
fn assert_forgotten(data: &Path, secret: &str) {
    for file in std::fs::read_dir(data).expect("the data directory").flatten().filter(|file| file.path().is_file()) {
        let bytes = std::fs::read(file.path()).expect("a file");
        assert!(
            !bytes.windows(secret.len()).any(|seen| seen == secret.as_bytes()),
            "{:?} holds the identity",
            file.path()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_s3_copy_comes_back_with_its_identity_also_when_the_console_is_killed_meanwhile() {
    let (neo4j, _turn) = neo4j().await;
    neo4j.fill(1_500).await;
    // More than one piece of an upload, also packed.
    neo4j
        .cypher("MATCH (n) WITH n LIMIT 1500 SET n.long = reduce(s = '', i IN range(1, 500) | s + randomUUID())")
        .await;
    let (mut console, data) = adopted(neo4j).await;
    let (store, key, stranger) = (S3Store::start().await, Key::new(), Key::new());
    add(&console, encrypted_for(store.target("s3"), &[&Key::new(), &key])).await;
    let backup = backup_to(&console, &["s3"]).await;
    assert_eq!(states(&backup), pairs(&[("s3", "verified")]));
    assert_eq!(backup["targets"][0]["age_recipients"].as_array().map(Vec::len), Some(2), "{backup}");
    let id = backup["id"].as_str().expect("an id").to_string();
    assert_eq!(store.files(&format!("neo4j/{id}/dumps")).await, ["neo4j.dump.age", "system.dump.age"]);
    let dump = format!("neo4j/{id}/dumps/neo4j.dump.age");
    assert!(store.read(&dump).await.starts_with(b"age-encryption.org/v1\n"));

    // No identity, and another one: refused before anything is queued.
    for body in [restore_body(&id, false), with_identity(&id, &stranger)] {
        let (status, problem) = console.post("/deployments/graph/restore", body).await;
        assert_eq!((status, problem["fields"][0]["field"].as_str()), (400, Some("age_identity")), "{problem}");
    }
    let (status, problem) = console.post("/deployments/graph/drills", json!({})).await;
    assert!(status == 409 && problem.to_string().contains("no identity"), "{problem}");

    neo4j.cypher("MATCH (n) DETACH DELETE n").await;
    neo4j.cypher("CREATE (:Later)").await;
    // The identity outlives the console, and goes with the job's end.
    console.start_holding_at("restore.fetch.acted").await;
    let job = console.job("/deployments/graph/restore", with_identity(&id, &key)).await;
    console.kill_where_it_is_held().await;
    console.start_again().await;
    let end = console.finish(job).await;
    assert_eq!((end["state"].as_str(), neo4j.count().await), (Some("succeeded"), 1_500), "{end}");
    assert!(!end.to_string().contains("AGE-SECRET-KEY"), "{end}");
    assert_forgotten(data.path(), key.secret());

    // One changed byte: the next reading finds it without any identity, and no restore begins from it.
    let mut bytes = store.read(&dump).await;
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    store.write(&dump, bytes).await;
    let end = console.finish(console.job(&format!("/backups/{id}/verify"), json!({})).await).await;
    assert_eq!(end["state"], "failed", "{end}");
    let (_, seen) = console.get(&format!("/backups/{id}")).await;
    assert_eq!(states(&seen), pairs(&[("s3", "failed")]), "{seen}");
    let (status, _) = console.post("/deployments/graph/restore", with_identity(&id, &key)).await;
    assert_eq!(status, 409);
    assert_clean(docker(), &console);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_encrypted_copy_is_decrypted_with_the_command_age_and_restored_by_its_own_guide() {
    let (neo4j, _turn) = neo4j().await;
    neo4j.fill(700).await;
    let (console, _data) = adopted(neo4j).await;
    let (place, key) = (tempfile::tempdir().expect("a directory"), Key::new());
    add(&console, encrypted_for(json!({ "name": "vault", "kind": "directory", "path": place.path() }), &[&key])).await;
    let backup = backup_to(&console, &["vault"]).await;
    drop(console);

    let bundle = place.path().join(backup["id"].as_str().expect("an id"));
    let guide = std::fs::read_to_string(bundle.join("RESTORE.md")).expect("the guide");
    let fresh = Neo4j::start("5.26.5", "decrypted").await;
    let key_file = key.file.display().to_string();
    let settings = [
        ("CONTAINER", fresh.name.as_str()),
        ("DATA", fresh.volume.as_str()),
        ("NEO4J_PASSWORD", PASSWORD),
        ("KEY", key_file.as_str()),
    ];
    let says = follow(&commands(&guide, &settings), &bundle);
    assert!(says.contains("neo4j.dump.age: OK") && says.contains(r#""row":[700]"#), "{says}");
    fresh.wait_ready().await;
    assert_eq!(fresh.count().await, 700);
    fresh.remove();

    // What age gave is what the manifest says, to the last part. (Of an empty file age 1.1 makes none.)
    let manifest: Value =
        serde_json::from_slice(&std::fs::read(bundle.join("manifest.json")).expect("the manifest")).expect("json");
    let parts = manifest["parts"]
        .as_array()
        .expect("parts")
        .iter()
        .filter(|part| part["name"] != "RESTORE.md" && part["bytes"] != 0);
    let sums: Vec<(String, String)> = parts
        .map(|part| (part["name"].as_str().expect("a name").into(), part["sha256"].as_str().expect("a sum").into()))
        .collect();
    assert!(sums.len() >= 2, "{manifest}");
    for (name, sha256) in sums {
        let seen = run(Command::new("sha256sum").arg(bundle.join(&name)));
        assert!(seen.starts_with(&sha256), "{name}: {seen} is not {sha256}");
    }
}
