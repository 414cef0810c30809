//! A deployment is made by the console and deleted again, on a real engine.

use crate::live_jobs::{assert_clean, backup_of};
use serde_json::{Value, json};
use std::net::TcpListener;
use tests::console_process::ConsoleProcess;
use tests::docker::docker;
use tests::neo4j::{Neo4j, PASSWORD};
use tests::turns::own_server;

/// What is left of a deployment when the test ends, however.
struct Made(String);

impl Made {
    fn named(what: &str) -> Self {
        Self(format!("test-{what}-{}", std::process::id()))
    }

    fn inspect(&self, format: &str) -> String {
        docker().run(&["inspect", "-f", format, &self.0]).trim().to_string()
    }

    /// Containers and volumes of its name.
    fn left(&self) -> Vec<String> {
        let all =
            [docker().run(&["ps", "-a", "--format", "{{.Names}}"]), docker().run(&["volume", "ls", "-q"])].concat();
        all.lines().filter(|name| name.starts_with(&self.0)).map(str::to_owned).collect()
    }

    fn body(&self, more: &Value) -> Value {
        let mut body = json!({
            "name": self.0, "environment": "staging", "image": "fast/neo4j:5.26.5-community", "limit": "1g",
            "heap": "256m", "page_cache": "64m", "password": PASSWORD,
        });
        let more = more.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone()));
        body.as_object_mut().expect("an object").extend(more);
        body
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        let _gone = docker().command().args(["rm", "-f", "-v", &self.0]).output();
        for volume in ["data", "logs"].map(|of| format!("{}-{of}", self.0)) {
            let _gone = docker().command().args(["volume", "rm", "-f", &volume]).output();
        }
    }
}

const NEW: &str = "/deployments/new";

#[tokio::test(flavor = "multi_thread")]
async fn a_deployment_is_made_used_and_deleted_with_its_data() {
    let _turn = own_server().await;
    let data = tempfile::tempdir().expect("a directory");
    let console = ConsoleProcess::start(data.path()).await;
    let made = Made::named("made");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();

    // A program has the port: Docker finds that at the start.
    let job = console.job(NEW, made.body(&json!({ "bolt_port": port }))).await;
    let end = console.finish(job).await;
    assert_eq!(end["problem"]["title"], "A port that the container publishes is taken.", "{end}");
    assert_eq!((end["state"].as_str(), made.left()), (Some("failed"), vec![]), "{end}");
    assert_eq!(console.get(&format!("/deployments/{}", made.0)).await.0, 404);
    drop(taken);

    let job = console.job(NEW, made.body(&json!({ "bolt_port": port }))).await;
    let end = console.finish(job).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    assert_eq!(made.inspect("{{.HostConfig.Memory}} {{.HostConfig.RestartPolicy.Name}}"), "1073741824 unless-stopped");
    let published = made.inspect(r#"{{json (index .NetworkSettings.Ports "7687/tcp")}}"#);
    assert_eq!(published, format!(r#"[{{"HostIp":"127.0.0.1","HostPort":"{port}"}}]"#));
    let neo4j = Neo4j::running(&made.0);
    neo4j.fill(300).await;

    // Its port and its volumes are taken now.
    let other = Made::named("other");
    for (more, field) in [
        (json!({ "bolt_port": port }), "bolt_port"),
        (json!({ "data_volume": format!("{}-data", made.0) }), "data_volume"),
        (json!({ "network": "test-never-was" }), "network"),
    ] {
        let (status, refused) = console.post(NEW, other.body(&more)).await;
        assert_eq!((status, &refused["fields"][0]["field"]), (400, &json!(field)), "{refused}");
    }
    let (status, shown) = console.post(NEW, other.body(&json!({ "dry_run": true }))).await;
    assert!(status == 200 && shown["image_here"] == true, "{shown}");
    assert_eq!(other.left(), Vec::<String>::new());

    deleted(&console, &made).await;
    assert_clean(docker(), &console);
}

/// Not with its data before that is in a backup.
async fn deleted(console: &ConsoleProcess, made: &Made) {
    let path = format!("/deployments/{}", made.0);
    let delete = json!({ "confirm": made.0, "with_data": true });
    let (status, refused) = console.delete(&path, delete.clone()).await;
    assert_eq!((status, &refused["title"]), (409, &json!("There is no verified backup of the last 24 hours.")));
    let id = backup_of(console, &made.0).await;
    let end = console.finish(console.delete_job(&path, delete).await).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    // The removal follows the end of the job.
    assert_eq!((console.get_until(&path, 404).await.0, made.left()), (404, vec![]));
    assert_eq!(console.get(&format!("/backups/{id}")).await.0, 200, "its backup stays");
}
