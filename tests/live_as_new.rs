//! A backup becomes a deployment of its own beside the server it is from, on a real engine.

use crate::live_jobs::{adopted, assert_clean, backup, neo4j};
use serde_json::{Value, json};
use std::time::Duration;
use tests::console_process::ConsoleProcess;
use tests::docker::docker;
use tests::neo4j::{Neo4j, PASSWORD};

/// What the console made; removed with its nameless volumes when the test ends, however.
struct NewServer(String);

impl NewServer {
    fn named(what: &str) -> Self {
        Self(format!("test-{what}-{}", std::process::id()))
    }

    fn inspect(&self, format: &str) -> String {
        docker().run(&["inspect", "-f", format, &self.0]).trim().to_string()
    }

    /// The server of the proof on its volume, as soon as it runs. By the volume: other consoles may work on the same
    /// engine.
    async fn proof(&self) -> String {
        let volume = format!("volume={}-data", self.0);
        for _ in 0..6_000 {
            let names = docker().run(&["ps", "--filter", &volume, "--format", "{{.Names}}"]);
            if let Some(name) = names.lines().find(|name| name.ends_with("-serve")) {
                return name.into();
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no server ever ran on {volume}");
    }
}

impl Drop for NewServer {
    fn drop(&mut self) {
        let _gone = docker().command().args(["rm", "-f", "-v", &self.0]).output();
        let _gone = docker().command().args(["volume", "rm", "-f", &format!("{}-data", self.0)]).output();
    }
}

fn body(backup: &str, new: &NewServer, include_users: bool) -> Value {
    json!({ "backup": backup, "reason": "to look something up", "include_users": include_users, "as_new": { "name": new.0 } })
}

fn started(neo4j: &Neo4j) -> String {
    docker().run(&["inspect", "-f", "{{.State.StartedAt}} {{.RestartCount}}", &neo4j.name])
}

async fn both_are_listed(console: &ConsoleProcess, new: &NewServer, nodes: u64) {
    let (_, list) = console.get("/deployments").await;
    let names: Vec<&str> = list.as_array().into_iter().flatten().filter_map(|d| d["name"].as_str()).collect();
    assert!(names.contains(&"graph") && names.contains(&new.0.as_str()), "{names:?}");
    // A job may end a moment before the console looks again.
    let mut shown = Value::Null;
    for _ in 0..300 {
        shown = console.get(&format!("/deployments/{}", new.0)).await.1;
        if shown["health"] == "answers" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!((&shown["health"], &shown["owner"]), (&json!("answers"), &json!("console")), "{shown}");
    assert_eq!(Neo4j::running(&new.0).count().await, nodes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_becomes_a_deployment_of_its_own_while_the_old_one_runs_on() {
    let (neo4j, _turn) = neo4j().await;
    neo4j.fill(1_500).await;
    let (console, _data) = adopted(neo4j).await;
    let id = backup(&console).await;
    neo4j.cypher("CREATE (:Later)").await;
    let before = started(neo4j);

    // Data only.
    let new = NewServer::named("as-new");
    let job = console.job("/deployments/graph/restore", body(&id, &new, false)).await;
    let end = console.finish(job).await;
    assert_eq!(
        (end["state"].as_str(), end["result"]["deployment"].as_str()),
        (Some("succeeded"), Some(new.0.as_str())),
        "{end}"
    );
    both_are_listed(&console, &new, 1_500).await;
    assert_clean(docker(), &console);
    assert_eq!(started(neo4j), before, "the old one ran on all the time");
    assert_eq!(neo4j.count().await, 1_501);
    assert_eq!(
        new.inspect("{{index .Config.Labels \"traefik.enable\"}} {{.HostConfig.RestartPolicy.Name}}"),
        "false unless-stopped"
    );
    assert!(
        new.inspect("{{json .NetworkSettings.Ports}}").contains("127.0.0.1")
            && !new.inspect("{{json .NetworkSettings.Ports}}").contains("0.0.0.0")
    );

    // It is a deployment like any other: stopped and started from here.
    for act in ["stop", "start"] {
        let job = console.job(&format!("/deployments/{}/{act}", new.0), json!({})).await;
        assert_eq!(console.finish(job).await["state"], "succeeded", "{act}");
    }
    both_are_listed(&console, &new, 1_500).await;
    // Its name and its volume's are taken now.
    let (status, refused) = console.post("/deployments/graph/restore", body(&id, &new, false)).await;
    assert_eq!((status, refused["fields"][0]["field"].as_str()), (400, Some("name")), "{refused}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_its_users_a_new_deployment_has_the_passwords_of_then_and_one_that_fails_leaves_nothing() {
    let (neo4j, _turn) = neo4j().await;
    neo4j.fill(700).await;
    let made =
        neo4j.try_on("system", "CREATE USER analyst SET PASSWORD 'of that time' CHANGE NOT REQUIRED", PASSWORD).await;
    made.expect("a user");
    let (console, _data) = adopted(neo4j).await;
    let id = backup(&console).await;
    neo4j.try_on("system", "DROP USER analyst", PASSWORD).await.expect("dropped");
    let before = started(neo4j);

    let failed = NewServer::named("failed");
    let job = console.job("/deployments/graph/restore", body(&id, &failed, true)).await;
    docker().run(&["kill", &failed.proof().await]);
    let end = console.finish(job).await;
    assert_eq!(end["state"], "failed", "{end}");
    assert_clean(docker(), &console);
    let left = [docker().run(&["ps", "-a", "--format", "{{.Names}}"]), docker().run(&["volume", "ls", "-q"])].concat();
    assert!(!left.contains(&failed.0), "{left}");

    let new = NewServer::named("with-users");
    let job = console.job("/deployments/graph/restore", body(&id, &new, true)).await;
    let end = console.finish(job).await;
    assert_eq!(
        (end["state"].as_str(), end["result"]["credentials_work"].as_bool()),
        (Some("succeeded"), Some(true)),
        "{end}"
    );
    both_are_listed(&console, &new, 700).await;
    let users = Neo4j::running(&new.0)
        .try_on("system", "SHOW USERS YIELD user RETURN collect(user)", PASSWORD)
        .await
        .expect("users");
    assert!(users[0][0].as_array().is_some_and(|all| all.contains(&json!("analyst"))), "{users:?}");
    assert_clean(docker(), &console);
    assert_eq!(started(neo4j), before);
}
