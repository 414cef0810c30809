//! The bundle's own `RESTORE.md`, followed to the letter by bash with plain docker commands, without the console.

use crate::live_jobs::{adopted, assert_clean, backup, neo4j_of_copies as neo4j, restore_body};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use tests::docker::docker;
use tests::neo4j::{Neo4j, PASSWORD};

/// All code blocks, with the names that the first one asks the reader to fill in.
pub(crate) fn commands(guide: &str, settings: &[(&str, &str)]) -> String {
    let blocks: Vec<&str> = guide.split("```sh\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(blocks.len() >= 2, "settings and commands: {guide}");
    let mut script = blocks.join("\n");
    for (name, value) in settings {
        let line = script
            .lines()
            .find(|l| l.trim_start_matches("export ").starts_with(&format!("{name}='")))
            .expect(name)
            .to_string();
        let rest = line.split('\'').nth(2).expect("one quoted value");
        script = script.replace(&line, &format!("export {name}='{value}'{rest}"));
    }
    script
}

/// What a person would do: every command must work, and what it prints is returned.
pub(crate) fn follow(script: &str, directory: &Path) -> String {
    let program = docker().command().get_program().to_owned();
    let beside =
        Path::new(&program).parent().filter(|p| p.is_dir()).map(|p| format!("{}:", p.display())).unwrap_or_default();
    let path = format!("{beside}{}", std::env::var("PATH").unwrap_or_default());
    let done = Command::new("bash")
        .args(["-euo", "pipefail", "-c", script])
        .current_dir(directory)
        .env("PATH", path)
        .output()
        .expect("bash runs");
    let says = format!("{}{}", String::from_utf8_lossy(&done.stdout), String::from_utf8_lossy(&done.stderr));
    assert!(done.status.success(), "{script}\n{says}");
    says
}

async fn labels(neo4j: &Neo4j) -> Vec<Value> {
    neo4j.cypher("MATCH (n) OPTIONAL MATCH (n)-[r]->() RETURN labels(n)[0] AS label, count(DISTINCT n), count(r) ORDER BY label").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_is_restored_by_hand_into_a_fresh_server_by_its_own_guide() {
    let (neo4j, _turn) = neo4j().await;
    neo4j.fill(700).await;
    neo4j.cypher("CREATE (:Thing {of: 'the backup'})").await;
    let made =
        neo4j.try_on("system", "CREATE USER guide SET PASSWORD 'followed by hand' CHANGE NOT REQUIRED", PASSWORD).await;
    made.expect("a user");
    let before = labels(neo4j).await;
    let (console, data) = adopted(neo4j).await;
    let id = backup(&console).await;
    neo4j.try_on("system", "DROP USER guide", PASSWORD).await.expect("dropped");
    drop(console);

    let fresh = Neo4j::start("5.26.5", "fresh").await;
    let bundle = data.path().join("backups").join(&id);
    let guide = std::fs::read_to_string(bundle.join("RESTORE.md")).expect("the guide");
    assert!(
        guide.contains(&format!("DATA='{}'", neo4j.volume)),
        "the names of the server it came from stand there: {guide}"
    );
    let script = commands(&guide, &[("CONTAINER", &fresh.name), ("DATA", &fresh.volume), ("NEO4J_PASSWORD", PASSWORD)]);
    let says = follow(&script, &bundle);
    assert!(says.contains(r#""row":[701]"#), "its own count: {says}");

    fresh.wait_ready().await;
    assert_eq!(labels(&fresh).await, before);
    let users = fresh.try_on("system", "SHOW USERS YIELD user RETURN collect(user)", PASSWORD).await.expect("users");
    assert!(
        users[0][0].as_array().is_some_and(|all| all.contains(&json!("guide"))),
        "the Neo4j users came along: {users:?}"
    );
    assert_eq!(
        docker().run(&["volume", "ls", "-q", "--filter", "name=neo4j-restore"]).trim(),
        "",
        "it cleaned up after itself"
    );
    fresh.remove();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dump_made_by_hand_is_uploaded_proven_and_restored() {
    let (neo4j, _turn) = neo4j().await;
    neo4j.fill(600).await;
    let before = labels(neo4j).await;
    docker().run(&["stop", "-t", "120", &neo4j.name]);
    let mount = format!("{}:/data", neo4j.volume);
    let dump = ["--entrypoint", "neo4j-admin", "neo4j:5.26.5-community", "database", "dump", "neo4j", "--to-stdout"];
    let by_hand =
        [&["run", "--rm", "--network", "none", "--user", "7474:7474", "-v", mount.as_str()][..], &dump].concat();
    let done = docker().command().args(by_hand).output().expect("docker runs");
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    docker().run(&["start", &neo4j.name]);
    neo4j.wait_ready().await;

    let (console, _data) = adopted(neo4j).await;
    let started = docker().run(&["inspect", "-f", "{{.State.StartedAt}}", &neo4j.name]);
    let (status, answer) = console.upload("/uploads?deployment=graph", done.stdout).await;
    assert_eq!(status, 201, "{answer}");
    let end = console.finish(answer["job"].as_i64().expect("a job")).await;
    assert_eq!((end["state"].as_str(), end["result"]["nodes"].as_u64()), (Some("succeeded"), Some(600)), "{end}");
    assert_eq!(docker().run(&["inspect", "-f", "{{.State.StartedAt}}", &neo4j.name]), started, "it was not touched");

    neo4j.cypher("MATCH (n) DETACH DELETE n").await;
    let job =
        console.job("/deployments/graph/restore", restore_body(answer["upload"].as_str().expect("an id"), false)).await;
    let end = console.finish(job).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    assert_eq!(labels(neo4j).await, before);
    assert_clean(docker(), &console);
}
