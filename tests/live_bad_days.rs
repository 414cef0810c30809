//! Bad days with real parts: a full disk, a socket proxy that forbids, a database that cannot be written, a server that
//! was downgraded. Each ends with a clear sentence and loses nothing; the same on fakes, step by step, in
//! `ops/src/jobs/bad_days`.

use crate::live_jobs::{adopt, adopted, assert_clean, backup, neo4j, restore_body};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use tests::console_process::{ConsoleProcess, free_port};
use tests::docker::docker;
use tests::neo4j::{Image, Neo4j};
use tests::registry::Registry;
use tests::tiny_disk::TinyDisk;
use tests::turns::own_server;

/// A program a test runs beside it; ended when the test ends.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // SIGTERM first: an engine takes its own children with it.
        let _asked = Command::new("kill").arg(self.0.id().to_string()).status();
        for _ in 0..50 {
            if self.0.try_wait().is_ok_and(|ended| ended.is_some()) {
                return;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        let _killed = self.0.kill().and_then(|()| self.0.wait());
    }
}

fn words(problem: &Value) -> String {
    problem.to_string()
}

/// Waits until the container is not running any more.
async fn stopped(docker: &tests::docker::Docker, name: &str) {
    let started = Instant::now();
    while docker.run(&["inspect", "-f", "{{.State.Running}}", name]).trim() == "true" {
        assert!(started.elapsed() < Duration::from_secs(120), "{name} was never stopped");
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_that_is_full_at_the_copy_leaves_no_half_backup() {
    let (neo4j, _turn) = neo4j().await;
    neo4j.fill(1_000).await;
    let place = tempfile::tempdir().expect("a directory");
    std::fs::create_dir(place.path().join("backups")).expect("made");
    let disk = TinyDisk::in_memory(&place.path().join("backups"), "4g");
    let console = ConsoleProcess::start(place.path()).await;
    adopt(&console, neo4j, "graph").await;

    let job = console.job("/deployments/graph/backups", json!({})).await;
    stopped(docker(), &neo4j.name).await;
    disk.fill_but(40_000);
    let end = console.finish(job).await;
    assert_eq!(end["state"], "rolled_back", "{end}");
    assert!(words(&end["problem"]).contains("target of the backups is full"), "{end}");
    assert_eq!(neo4j.count().await, 1_000);
    assert_eq!(console.get("/deployments/graph/backups").await.1, json!([]));
    let left: Vec<PathBuf> =
        std::fs::read_dir(disk.path()).expect("readable").map(|e| e.expect("an entry").path()).collect();
    assert_eq!(left, [disk.path().join("filler")], "the half bundle is removed");
    assert_clean(docker(), &console);

    // The next one is refused before the stop; with the room back, it works.
    let job = console.job("/deployments/graph/backups", json!({})).await;
    let end = console.finish(job).await;
    assert!(end["state"] == "failed" && words(&end["problem"]).contains("Neo4j was not stopped"), "{end}");
    disk.empty();
    backup(&console).await;
}

/// A second Docker Engine on a disk of its own.
struct SmallEngine {
    // Ended before the disk is unmounted, and this before the directory is removed.
    daemon: Running,
    disk: TinyDisk,
    place: tempfile::TempDir,
    docker: tests::docker::Docker,
    host: String,
    bridge: Bridge,
}

/// A network of its own: two engines must not share `docker0`.
struct Bridge(String);

impl Drop for Bridge {
    fn drop(&mut self) {
        let _removed = Command::new("ip").args(["link", "delete", &self.0]).status();
    }
}

impl Bridge {
    /// A run that was killed leaves its bridge behind, which would take the packets of this one: it has the same
    /// addresses.
    fn remove_left_over() {
        for link in std::fs::read_dir("/sys/class/net").expect("network interfaces").flatten() {
            let name = link.file_name().to_string_lossy().into_owned();
            let of = name.strip_prefix("tb").filter(|pid| pid.parse::<u32>().is_ok());
            if of.is_some_and(|pid| !Path::new("/proc").join(pid).exists()) {
                drop(Self(name));
            }
        }
    }

    fn new() -> Self {
        Self::remove_left_over();
        let bridge = Self(format!("tb{}", std::process::id()));
        for args in [
            &["link", "add", &bridge.0, "type", "bridge"][..],
            &["addr", "add", "172.31.251.1/24", "dev", &bridge.0],
            &["link", "set", &bridge.0, "up"],
        ] {
            assert!(
                Command::new("ip").args(args).status().is_ok_and(|s| s.success()),
                "ip {args:?} (this test starts an engine: run it as root)"
            );
        }
        bridge
    }
}

impl SmallEngine {
    async fn start(size: &str) -> Self {
        let place = tempfile::tempdir().expect("a directory");
        let root = place.path().join("root");
        std::fs::create_dir(&root).expect("made");
        let disk = TinyDisk::on_a_file(&root, size);
        let bridge = Bridge::new();
        let host = format!("unix://{}", place.path().join("docker.sock").display());
        let daemon = Self::daemon(place.path(), &host, &bridge);
        let engine = Self { daemon, disk, place, docker: docker().at(&host), host, bridge };
        engine.answers().await;
        engine
    }

    fn daemon(place: &Path, host: &str, bridge: &Bridge) -> Running {
        let at = |name: &str| place.join(name).display().to_string();
        let log = std::fs::File::options().create(true).append(true).open(at("dockerd.log")).expect("a log");
        let mut daemon = Command::new("dockerd");
        daemon.args([
            "--host",
            host,
            "--data-root",
            &at("root"),
            "--exec-root",
            &at("run"),
            "--pidfile",
            &at("pid"),
            "--bridge",
            &bridge.0,
        ]);
        daemon
            .args(["--iptables=false", "--ip-masq=false"])
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a log"))
            .stderr(log);
        Running(daemon.spawn().expect("dockerd runs"))
    }

    async fn answers(&self) {
        let started = Instant::now();
        while !self.docker.command().arg("version").output().expect("docker runs").status.success() {
            let log = self.place.path().join("dockerd.log");
            assert!(
                started.elapsed() < Duration::from_secs(60),
                "{}",
                std::fs::read_to_string(log).unwrap_or_default()
            );
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// SIGKILL, as when the host goes down; after a while it is there again.
    async fn crash(&mut self, away: Duration) {
        self.daemon.0.kill().and_then(|()| self.daemon.0.wait()).expect("killed");
        tokio::time::sleep(away).await;
        let _stale = std::fs::remove_file(self.place.path().join("pid"));
        self.daemon = Self::daemon(self.place.path(), &self.host, &self.bridge);
        self.answers().await;
    }

    /// Copies an image from the shared engine.
    fn bring(&self, image: &str) {
        let mut save = docker().command().args(["save", image]).stdout(Stdio::piped()).spawn().expect("docker runs");
        let load =
            self.docker.command().arg("load").stdin(save.stdout.take().expect("a pipe")).output().expect("docker runs");
        assert!(
            load.status.success() && save.wait().is_ok_and(|s| s.success()),
            "{}",
            String::from_utf8_lossy(&load.stderr)
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_docker_host_that_is_full_at_the_dump_or_dies_in_a_restore_gets_its_server_back() {
    let _turn = own_server().await;
    let mut engine = SmallEngine::start("3g").await;
    engine.bring(&Image::Fast.of("5.26.5"));
    let neo4j = Neo4j::start_on(&engine.docker, Image::Fast, "5.26.5", "full").await;
    // Text that does not compress, so that the dump needs room.
    neo4j
        .cypher("UNWIND range(1, 20000) AS i CREATE (:Bulk {t: reduce(s = '', j IN range(1, 60) | s + randomUUID())})")
        .await;
    let place = tempfile::tempdir().expect("a directory");
    let console = ConsoleProcess::start_with(place.path(), Some(&engine.host)).await;
    adopt(&console, &neo4j, "graph").await;

    let job = console.job("/deployments/graph/backups", json!({})).await;
    stopped(&engine.docker, &neo4j.name).await;
    engine.disk.fill_but(6_000_000);
    let end = console.finish(job).await;
    assert_eq!(end["state"], "rolled_back", "{end}");
    assert!(words(&end["problem"]).contains("The disk is full"), "{end}");
    neo4j.wait_ready().await;
    assert_eq!(neo4j.count().await, 20_000, "it runs again");
    assert_eq!(console.get("/deployments/graph/backups").await.1, json!([]));
    assert_clean(&engine.docker, &console);

    let job = console.job("/deployments/graph/backups", json!({})).await;
    let end = console.finish(job).await;
    assert!(end["state"] == "failed" && words(&end["problem"]).contains("Neo4j was not stopped"), "{end}");

    // Neither has an image room.
    let registry = Registry::start(&vec![b'x'; 32 << 20]).await;
    let wanted = json!({ "kind": "image", "image": registry.image("tiny:1"), "without_rehearsal": "It is a test." });
    let end = console.finish(console.job("/deployments/graph/changes", wanted).await).await;
    assert!(end["state"] == "failed" && words(&end["problem"]).contains("Free some space"), "{end}");
    neo4j.wait_ready().await;
    engine.disk.empty();
    let id = backup(&console).await;

    // And the engine itself dies in the middle of a restore. It comes back, and starts nothing that was stopped for the
    // job.
    engine.docker.run(&["update", "--restart", "always", &neo4j.name]);
    neo4j.wait_ready().await;
    neo4j.cypher("MATCH (b:Bulk) WITH b LIMIT 5 DETACH DELETE b").await;
    let job = console.job("/deployments/graph/restore", restore_body(&id, false)).await;
    while step_state(&console, job, "load").await == "ahead" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    engine.crash(Duration::from_secs(8)).await;
    let end = console.finish(job).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    neo4j.wait_ready().await;
    assert_eq!(neo4j.count().await, 20_000);
    assert_eq!(
        engine.docker.run(&["inspect", "-f", "{{.HostConfig.RestartPolicy.Name}}", &neo4j.name]).trim(),
        "always"
    );
    assert_clean(&engine.docker, &console);
    drop(console);
    neo4j.remove();
}

async fn step_state(console: &ConsoleProcess, job: i64, name: &str) -> String {
    let (_, job) = console.get(&format!("/jobs/{job}")).await;
    assert!(matches!(job["state"].as_str(), Some("queued" | "running")), "{job}");
    let step = job["steps"].as_array().into_iter().flatten().find(|step| step["name"] == name);
    step.and_then(|step| step["state"].as_str()).unwrap_or_default().into()
}

/// haproxy in front of the engine's socket, as a socket proxy is.
fn proxy(place: &Path, port: u16, rule: &str) -> Running {
    let config = format!(
        "defaults\n mode http\n timeout connect 5s\n timeout client 300s\n timeout server 300s\n\
         frontend docker\n bind 127.0.0.1:{port}\n {rule}\n default_backend engine\n\
         backend engine\n server engine unix@/var/run/docker.sock\n"
    );
    let file = place.join("haproxy.cfg");
    std::fs::write(&file, config).expect("written");
    let haproxy = Command::new("haproxy")
        .arg("-db")
        .arg("-f")
        .arg(&file)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    Running(haproxy.expect("haproxy runs (make test installs it)"))
}

async fn answers(port: u16) {
    let started = Instant::now();
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        assert!(started.elapsed() < Duration::from_secs(20), "the proxy does not listen");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_proxy_that_forbids_is_named_and_nothing_is_touched() {
    let (neo4j, _turn) = neo4j().await;
    neo4j.fill(300).await;
    let place = tempfile::tempdir().expect("a directory");
    let port = free_port();
    let haproxy = proxy(place.path(), port, "http-request deny if METH_POST { path_end /stop }");
    answers(port).await;
    let console = ConsoleProcess::start_with(place.path(), Some(&format!("tcp://127.0.0.1:{port}"))).await;
    adopt(&console, neo4j, "graph").await;

    let job = console.job("/deployments/graph/backups", json!({})).await;
    let end = console.finish(job).await;
    assert!(matches!(end["state"].as_str(), Some("rolled_back" | "failed")), "{end}");
    let says = words(&end["problem"]);
    assert!(
        says.contains("Docker refused") && says.contains("/stop") && says.contains("Allow the call in the proxy"),
        "{says}"
    );
    assert_eq!(neo4j.count().await, 300);
    assert_clean(docker(), &console);

    drop(haproxy);
    let _all_forbidden = proxy(place.path(), port, "http-request deny");
    answers(port).await;
    let started = Instant::now();
    loop {
        let (status, seen) = console.get("/deployments/graph").await;
        assert_eq!(status, 200);
        if words(&seen["problem"]).contains("Docker refused") {
            break;
        }
        assert!(started.elapsed() < Duration::from_secs(30), "it was never noticed: {seen}");
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert_eq!(console.get("/deployments").await.0, 200, "the list is still there");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_locked_by_another_process_is_told_and_works_when_it_is_free() {
    let place = tempfile::tempdir().expect("a directory");
    let console = ConsoleProcess::start(place.path()).await;
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(place.path().join("console.db"));
    let mut other = <sqlx::SqliteConnection as sqlx::Connection>::connect_with(&options).await.expect("opened");
    sqlx::raw_sql("BEGIN EXCLUSIVE").execute(&mut other).await.expect("locked");
    let adopt = json!({ "container": "nothing", "username": "neo4j", "password": "x" });
    let (status, problem) = console.post("/deployments", adopt.clone()).await;
    assert!(status == 503 && words(&problem).contains("locked by another process"), "{status} {problem}");
    sqlx::raw_sql("COMMIT").execute(&mut other).await.expect("free");
    let (status, problem) = console.post("/deployments", adopt).await;
    assert!((400..500).contains(&status), "now it is about the container: {status} {problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_data_directory_stops_the_start_with_a_sentence() {
    let place = tempfile::tempdir().expect("a directory");
    let disk = TinyDisk::in_memory(place.path(), "50m");
    let mut console = ConsoleProcess::start(disk.path()).await;
    console.kill();
    disk.make_read_only();
    for verb in ["check", "serve"] {
        let says = console.refusal(&[verb]);
        assert!(says.contains("read-only") || says.contains("Read-only"), "{verb}: {says}");
        assert!(!says.contains("panicked"), "{verb}: {says}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_of_a_newer_neo4j_or_of_another_deployment_is_refused_before_anything_starts() {
    let (neo4j, _turn) = neo4j().await;
    neo4j.fill(200).await;
    let (console, _data) = adopted(neo4j).await;
    let id = backup(&console).await;

    // Another deployment, and then the same name on an older server, as after a downgrade by compose.
    let older = Neo4j::start("5.15.0", "older").await;
    adopt(&console, &older, "older").await;
    let mut body = restore_body(&id, false);
    body["confirm"] = json!("older");
    let (status, problem) = console.post("/deployments/older/restore", body).await;
    assert!(status == 409 && words(&problem).contains("It was made from graph, not from older"), "{status} {problem}");

    let volumes = docker().run(&["inspect", "-f", "{{.Image}}", &older.name]);
    docker().run(&["stop", "-t", "60", &neo4j.name]);
    docker().run(&["rename", &neo4j.name, &format!("{}-away", neo4j.name)]);
    docker().run(&["rename", &older.name, &neo4j.name]);
    // Asked before the console looked again, it would queue a job, which looks for itself and refuses.
    for _ in 0..120 {
        if console.get("/deployments/graph").await.1["version"] == "5.15.0" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    }
    let (status, problem) = console.post("/deployments/graph/restore", restore_body(&id, false)).await;
    docker().run(&["rename", &neo4j.name, &older.name]);
    docker().run(&["rename", &format!("{}-away", neo4j.name), &neo4j.name]);
    assert!(
        status == 409 && words(&problem).contains("5.26.5") && words(&problem).contains("5.15.0"),
        "{status} {problem}"
    );
    assert_eq!(docker().run(&["inspect", "-f", "{{.Image}}", &older.name]), volumes);
    assert_eq!(older.count().await, 0, "it was never touched");
    older.remove();
}
