//! Changes of a real server on a real engine: memory set, refused by the kernel, taken back. Every moment of the job on
//! fakes: `ops/src/jobs/tests`; on the real engine `live_kill_points`. Every field of a recreated container:
//! `live_adapters::recreation`.

use crate::live_jobs::{adopted, assert_clean, backup, neo4j};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tests::console_process::ConsoleProcess;
use tests::docker::docker;
use tests::neo4j::{Neo4j, PASSWORD};
use tests::registry::{self, Door, Registry, USER};
use tests::turns::own_server;

const MIB: u64 = 1 << 20;
const CHANGES: &str = "/deployments/graph/changes";

fn memory(heap: &str, page_cache: &str, limit: &str) -> Value {
    json!({ "kind": "memory", "heap": heap, "page_cache": page_cache, "limit": limit, "reason": "a test" })
}

fn inspected(neo4j: &Neo4j, what: &str) -> String {
    docker().run(&["inspect", "-f", &format!("{{{{{what}}}}}"), &neo4j.name]).trim().into()
}

async fn setting(neo4j: &Neo4j, name: &str) -> Value {
    let ask = format!("SHOW SETTINGS YIELD name, value WHERE name = '{name}' RETURN value");
    neo4j.cypher(&ask).await[0][0].clone()
}

/// Waits until no other container's name begins with that of the server: the old one is removed after the job's end.
pub(crate) async fn is_alone(neo4j: &Neo4j) {
    let began = Instant::now();
    loop {
        let filter = format!("name={}", neo4j.name);
        let names = docker().run(&["ps", "-a", "--filter", &filter, "--format", "{{.Names}}"]);
        if names.trim() == neo4j.name {
            return;
        }
        assert!(began.elapsed() < Duration::from_secs(60), "still there: {names}");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn changed(console: &ConsoleProcess, path: &str, body: Value) -> Value {
    console.finish(console.job(path, body).await).await
}

#[tokio::test(flavor = "multi_thread")]
async fn memory_is_changed_a_wrong_change_leaves_the_old_server_and_all_is_taken_back() {
    let _turn = own_server().await;
    let neo4j = Neo4j::start("5.26.5", "changes").await;
    neo4j.fill(300).await;
    let (console, _data) = adopted(&neo4j).await;
    let (mounts, ports) = (inspected(&neo4j, "json .Mounts"), inspected(&neo4j, "json .HostConfig.PortBindings"));

    let end = changed(&console, CHANGES, memory("400m", "64m", "1g")).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    assert!(end["result"]["offline_ms"].as_u64().is_some_and(|ms| ms > 0), "{end}");
    assert_eq!(setting(&neo4j, "server.memory.heap.max_size").await, "400.00MiB");
    assert_eq!(setting(&neo4j, "server.memory.heap.initial_size").await, "400.00MiB");
    assert_eq!(setting(&neo4j, "server.memory.pagecache.size").await, "64.00MiB");
    assert_eq!(inspected(&neo4j, ".HostConfig.Memory"), (1024 * MIB).to_string());
    is_alone(&neo4j).await;
    assert_eq!(neo4j.count().await, 300);
    assert_eq!(mounts_by_place(&inspected(&neo4j, "json .Mounts")), mounts_by_place(&mounts), "the same volumes");
    assert_eq!(inspected(&neo4j, "json .HostConfig.PortBindings"), ports);

    let id = inspected(&neo4j, ".Id");
    let end = changed(&console, CHANGES, memory("400m", "64m", "1200m")).await;
    let steps: Vec<&str> = end["steps"].as_array().expect("steps").iter().filter_map(|s| s["name"].as_str()).collect();
    assert_eq!((&end["state"], steps), (&json!("succeeded"), vec!["check", "limit", "verify"]), "{end}");
    assert_eq!(
        (inspected(&neo4j, ".Id"), inspected(&neo4j, ".HostConfig.Memory")),
        (id.clone(), (1200 * MIB).to_string())
    );

    // Heap and page cache fit, the JVM besides does not: the kernel ends it at its start.
    let end = changed(&console, CHANGES, memory("120m", "8m", "140m")).await;
    assert_eq!(end["state"], "rolled_back", "{end}");
    let title = end["problem"]["title"].as_str().unwrap_or_default();
    assert_eq!(title, "Neo4j ran out of memory at its start with the new values.", "{end}");
    neo4j.wait_ready().await;
    is_alone(&neo4j).await;
    assert_eq!(inspected(&neo4j, ".Id"), id, "the old one runs again");
    assert_eq!((setting(&neo4j, "server.memory.heap.max_size").await, neo4j.count().await), (json!("400.00MiB"), 300));

    let end = changed(&console, &format!("{CHANGES}/1/revert"), json!({ "reason": "a test" })).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    assert_eq!(setting(&neo4j, "server.memory.heap.max_size").await, "512.00MiB", "as the test made it");
    assert_eq!((inspected(&neo4j, ".HostConfig.Memory"), neo4j.count().await), ("0".into(), 300));
    its_port_is_taken(&console, &neo4j).await;
    let (_, all) = console.get(CHANGES).await;
    let states: Vec<&str> = all.as_array().expect("a list").iter().filter_map(|c| c["state"].as_str()).collect();
    assert_eq!(states, ["rolled_back", "succeeded", "rolled_back", "succeeded", "succeeded"]);
    assert_clean(docker(), &console);
    neo4j.remove();
}

/// While the server is stopped, another container takes its port.
async fn its_port_is_taken(console: &ConsoleProcess, neo4j: &Neo4j) {
    let id = inspected(neo4j, ".Id");
    docker().run(&["stop", "-t", "120", &neo4j.name]);
    let port = inspected(neo4j, r#"(index (index .HostConfig.PortBindings "7687/tcp") 0).HostPort"#);
    let (other, publish) = (format!("{}-other", neo4j.name), format!("127.0.0.1:{port}:7687"));
    let image = inspected(neo4j, ".Config.Image");
    docker().run(&["run", "-d", "--name", &other, "-p", &publish, "--entrypoint", "sleep", &image, "600"]);
    let end = changed(console, CHANGES, memory("400m", "64m", "1g")).await;
    docker().run(&["rm", "-f", "-v", &other]);
    assert_eq!(end["state"], "rolled_back", "{end}");
    assert_eq!(end["problem"]["title"], "A port that the container publishes is taken.", "{end}");
    assert!(end["problem"]["means"].as_str().is_some_and(|means| means.contains(&port)), "{end}");
    is_alone(neo4j).await;
    assert_eq!((inspected(neo4j, ".Id"), inspected(neo4j, ".State.Running")), (id, "false".into()), "as it was");
    docker().run(&["start", &neo4j.name]);
    neo4j.wait_ready().await;
    assert_eq!(neo4j.count().await, 300);
}

fn image(reference: &str) -> Value {
    json!({ "kind": "image", "image": reference, "reason": "a test", "without_rehearsal": "It is a test." })
}

/// Saves one that runs with every version and one that fails with others than 5.15; what would write is refused.
async fn probe_queries(console: &ConsoleProcess) {
    let put = async |name: &str, query: &str| {
        console.put(&format!("/deployments/graph/probe-queries/{name}"), json!({ "query": query })).await
    };
    let only =
        "CALL dbms.components() YIELD versions RETURN 1 / CASE WHEN versions[0] STARTS WITH '5.15' THEN 1 ELSE 0 END";
    for (name, query) in [("people", "MATCH (p:Person) RETURN p.name"), ("only%205.15", only)] {
        assert_eq!(put(name, query).await, (200, json!({ "checked": true })));
    }
    for (query, says) in [
        ("CREATE (:Person) RETURN 1", "may only read"),
        ("CREATE INDEX FOR (n:X) ON (n.y)", "may only read"),
        ("CALL db.createLabel('Y')", "may only read"),
        ("MATCH (n", "Invalid input"),
        ("CALL no.such()", "no procedure with the name"),
    ] {
        let (status, problem) = put("x", query).await;
        let why = problem["fields"][0]["why"].as_str().unwrap_or_default();
        assert!(status == 400 && why.contains(says), "{query}: {problem}");
    }
}

/// It opens the data, which changes it for good, and ends without ever having answered outside of the container.
fn image_that_never_gets_ready(of: &str) -> String {
    let name = format!("test.local/never-ready:{}", std::process::id());
    let made = docker().run(&["create", "--entrypoint", "sh", of]);
    let runs = r#"CMD ["-c", "/startup/docker-entrypoint.sh neo4j & sleep 15; kill $!; wait; exit 1"]"#;
    let inside = "ENV NEO4J_server_bolt_listen__address=127.0.0.1:7687";
    docker().run(&["commit", "--change", runs, "--change", inside, made.trim(), &name]);
    docker().run(&["rm", "-v", made.trim()]);
    name
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_keeps_the_data_also_when_it_fails_and_goes_back_with_it() {
    let _turn = own_server().await;
    let neo4j = Neo4j::start("5.15.0", "upgrade").await;
    neo4j.run_again("5.15.0", &[r#"NEO4J_PLUGINS=["apoc"]"#]).await;
    neo4j.fill(300).await;
    let (mut console, _data) = adopted(&neo4j).await;
    let version = async || neo4j.cypher("CALL dbms.components() YIELD versions RETURN versions[0]").await[0][0].clone();

    let end = changed(&console, CHANGES, image("fast/neo4j:5.26.5-community")).await;
    assert_eq!(end["problem"]["title"], "There is no verified backup that is new enough for an upgrade.", "{end}");
    backup(&console).await;

    let broken = image_that_never_gets_ready("fast/neo4j:5.26.5-community");
    let end = changed(&console, CHANGES, image(&broken)).await;
    docker().run(&["rmi", &broken]);
    assert_eq!(end["state"], "rolled_back", "{end}");
    neo4j.wait_ready().await;
    is_alone(&neo4j).await;
    assert_eq!((version().await, neo4j.count().await), (json!("5.15.0"), 300), "with its own data");
    let aside = docker().run(&["exec", &neo4j.name, "ls", "/data/.neo4j-console"]);
    assert!(aside.starts_with("kept-"), "what the new version worked on is kept: {aside}");

    probe_queries(&console).await;
    let started = inspected(&neo4j, ".State.StartedAt");
    let rehearsal = json!({ "image": "fast/neo4j:5.26.5-community" });
    let end = changed(&console, "/deployments/graph/rehearsals", rehearsal).await;
    assert_eq!((&end["state"], &end["result"]["nodes"]), (&json!("succeeded"), &json!(300)), "{end}");
    assert_eq!(inspected(&neo4j, ".State.StartedAt"), started, "it ran on");
    let proven = end["steps"].as_array().into_iter().flatten().find(|step| step["name"] == "prove");
    let says = proven.and_then(|step| step["detail"].as_str()).unwrap_or_default();
    assert!(says.contains("All procedures and functions of now are there."), "{says}");
    assert!(says.ends_with("1 of 2 probe queries fail with the new version: only 5.15."), "{says}");
    assert_eq!(neo4j.count().await, 300, "nothing was written");

    // The first was rehearsed.
    let upgrade = |to: &str| json!({ "kind": "image", "image": format!("fast/neo4j:{to}-community") });
    for (to, how) in [("5.26.5", upgrade("5.26.5")), ("2026.05.0", image("fast/neo4j:2026.05.0-community"))] {
        let end = changed(&console, CHANGES, how).await;
        assert_eq!(end["state"], "succeeded", "{end}");
        is_alone(&neo4j).await;
        assert_eq!((version().await, neo4j.count().await), (json!(to), 300));
        // Of 2026.05 there is no build here.
        let apoc = neo4j.try_cypher("RETURN apoc.version()", PASSWORD).await;
        assert_eq!(apoc.is_ok(), to == "5.26.5", "{apoc:?}");
        let indexes = neo4j.cypher("SHOW INDEXES YIELD state WHERE state <> 'ONLINE' RETURN count(*)").await;
        assert_eq!(indexes[0][0], json!(0));
        // Of the version it runs now.
        backup(&console).await;
        let (status, answer) = console.post(CHANGES, upgrade("2026.05.0")).await;
        let asked = (409, Some("without_rehearsal"));
        assert_eq!(((status, answer["fields"][0]["field"].as_str()) == asked), to == "5.26.5", "{answer}");
    }
    let (status, answer) = console.post(CHANGES, image("fast/neo4j:5.26.5-community")).await;
    assert_eq!(
        (status, answer["title"].as_str()),
        (409, Some("Neo4j 2026.05.0 cannot be changed to 5.26.5 in place."))
    );

    // Back, with the data from before; the console dies on the way.
    neo4j.cypher("CREATE (:Since)").await;
    let since = async || neo4j.cypher("MATCH (n:Since) RETURN count(n)").await[0][0].clone();
    let back = format!("{CHANGES}/{}/revert", console.get(CHANGES).await.1[0]["id"]);
    let (status, answer) = console.post(&back, json!({})).await;
    assert_eq!((status, answer["fields"][0]["field"].as_str()), (400, Some("confirm")), "{answer}");
    let job = console.job(&back, json!({ "confirm": "graph" })).await;
    console.kill();
    console.start_again().await;
    let end = console.finish(job).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    is_alone(&neo4j).await;
    assert_eq!((version().await, neo4j.count().await, since().await), (json!("5.26.5"), 300, json!(0)));
    let undo = format!("/deployments/graph/restores/{job}/undo");
    let (status, answer) = console.post(&undo, json!({ "confirm": "graph", "reason": "a test" })).await;
    assert_eq!((status, answer["title"].as_str()), (409, Some("This data is of Neo4j 2026.05.0.")));
    assert_clean(docker(), &console);
    neo4j.remove();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_cannot_be_had_or_is_no_neo4j_leaves_the_server_alone() {
    let (neo4j, _turn) = neo4j().await;
    let (console, _data) = adopted(neo4j).await;
    backup(&console).await;
    let before = inspected(neo4j, ".State.StartedAt");
    // Of this run alone: a layer that the engine has is not fetched.
    let open = Registry::start(&std::process::id().to_be_bytes().repeat(1 << 18)).await;
    let closed = Registry::start(b"closed").await.image("neo4j:5.26.9");
    let unknown = Registry::behind(Door::Token, b"unknown").await;
    let own = Registry::behind(Door::Token, &std::process::id().to_le_bytes().repeat(1 << 10)).await;
    let address = format!("/registries/127.0.0.1:{}", own.port);
    let (status, _) = console.put(&address, json!({ "user": USER, "password": "wrong" })).await;
    assert_eq!(status, 400);
    let (status, answer) = console.put(&address, json!({ "user": USER, "password": registry::PASSWORD })).await;
    assert_eq!(status, 204, "{answer}");
    for (image_of, says) in [
        (unknown.image("tiny:1"), "Add a sign-in for its registry on the page Registries"),
        (own.image("tiny:1"), "Choose an image of Neo4j"),
        (open.image("tiny:2"), "Check name and tag"),
        (open.image("private/neo4j:5.26.9"), "Add a sign-in for its registry on the page Registries"),
        (closed, "Check that the Docker host reaches the registry"),
        (open.image("cut:1"), "Check that the Docker host reaches the registry"),
        (open.image("tiny:1"), "Choose an image of Neo4j"),
    ] {
        let end = changed(&console, CHANGES, image(&image_of)).await;
        assert_eq!(end["state"], "failed", "{end}");
        assert!(end["problem"]["next_steps"].to_string().contains(says), "{image_of}: {end}");
        assert_eq!(inspected(neo4j, ".State.StartedAt"), before, "{image_of}: it ran on");
    }
    docker().run(&["rmi", &open.image("tiny:1"), &own.image("tiny:1")]);
    let log = std::fs::read_to_string(console.data.join("console.log")).expect("a log");
    assert!(!log.contains(registry::PASSWORD), "{log}");
    assert_clean(docker(), &console);
}

/// A volume that was nameless is mounted by its name afterwards, which the engine tells as another mode.
fn mounts_by_place(mounts: &str) -> Vec<(String, String)> {
    let all: Vec<Value> = serde_json::from_str(mounts).expect("mounts");
    let text = |mount: &Value, key: &str| mount[key].as_str().unwrap_or_default().to_owned();
    let mut places: Vec<_> = all.iter().map(|m| (text(m, "Destination"), text(m, "Name"))).collect();
    places.sort();
    places
}
