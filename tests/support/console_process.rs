//! The real console as a process of its own, to be driven over its API and killed without warning.

use serde_json::Value;
use server::config::hold_at;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{Connection, SqliteConnection};
use std::io::Write;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A running console on a data directory that outlives it.
pub struct ConsoleProcess {
    child: Option<Child>,
    pub data: PathBuf,
    pub url: String,
    port: u16,
    token: String,
    /// The id it marks its helpers with.
    pub instance: String,
    client: reqwest::Client,
    docker_host: Option<String>,
    hold_at: Option<String>,
}

/// Built by `cargo build -p server`, beside the tests' own binary.
pub fn binary() -> PathBuf {
    let path = std::env::current_exe().expect("the tests' own path");
    let built = path.ancestors().nth(2).expect("target/<profile>").join("neo4j-admin-console");
    assert!(built.exists(), "{} is missing: run `cargo build -p server` first (make test does)", built.display());
    built
}

pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr()).expect("a free port").port()
}

fn command(data: &Path, port: u16, docker_host: Option<&str>) -> Command {
    let mut command = Command::new(binary());
    command.env_clear().env("PATH", std::env::var("PATH").unwrap_or_default());
    command
        .env("LEPTOS_SITE_ROOT", data.join("site"))
        .env("CONSOLE_DATA", data)
        .env("CONSOLE_LISTEN", format!("127.0.0.1:{port}"))
        .env("CONSOLE_URL", format!("http://127.0.0.1:{port}"));
    if let Some(host) = docker_host {
        command.env("DOCKER_HOST", host);
    }
    command
}

impl ConsoleProcess {
    /// A new console with an admin `ana` and a token of hers.
    pub async fn start(data: &Path) -> Self {
        Self::start_with(data, None).await
    }

    /// As [`ConsoleProcess::start`], with another Docker Engine.
    pub async fn start_with(data: &Path, docker_host: Option<&str>) -> Self {
        let port = free_port();
        // Nobody looks at pages here.
        std::fs::create_dir_all(data.join("site/pkg")).expect("a directory");
        for ending in ["js", "wasm", "css"] {
            std::fs::write(data.join(format!("site/pkg/console.{ending}")), "").expect("a file");
        }
        let mut console = Self {
            child: None,
            data: data.into(),
            url: format!("http://127.0.0.1:{port}"),
            port,
            token: String::new(),
            instance: String::new(),
            client: crate::client().build().expect("a client"),
            docker_host: docker_host.map(str::to_owned),
            hold_at: None,
        };
        console.run(&["member", "add", "ana", "--role", "admin", "--password-stdin"], "seven brown owls");
        console.token = console.run(&["token", "create", "ana"], "").trim().lines().last().expect("a token").into();
        console.start_again().await;
        let mut database =
            SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(data.join("console.db")))
                .await
                .expect("opened");
        console.instance = sqlx::query_scalar("SELECT value FROM console WHERE key = 'instance'")
            .fetch_one(&mut database)
            .await
            .expect("an id");
        // Dropped, it would be closed later, by a thread of its own: a test could not unmount or remount what the
        // database lies on.
        database.close().await.expect("closed");
        console
    }

    /// Runs a command line of the console and returns what it printed.
    pub fn run(&self, args: &[&str], input: &str) -> String {
        let output = self.output(args, input);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).expect("text")
    }

    /// Runs a command line that must fail and returns all it said.
    pub fn refusal(&self, args: &[&str]) -> String {
        let output = self.output(args, "");
        let says = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(!output.status.success(), "{args:?} did not fail: {says}");
        says
    }

    fn output(&self, args: &[&str], input: &str) -> Output {
        let mut child = command(&self.data, self.port, self.docker_host.as_deref())
            .args(args)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the console's binary runs");
        child.stdin.take().expect("stdin").write_all(input.as_bytes()).expect("written");
        child.wait_with_output().expect("it ends")
    }

    /// Starts the process and waits until it answers.
    pub async fn start_again(&mut self) {
        let log =
            std::fs::File::options().create(true).append(true).open(self.data.join("console.log")).expect("a log");
        let errors = log.try_clone().expect("a log");
        let mut command = command(&self.data, self.port, self.docker_host.as_deref());
        if let Some(point) = &self.hold_at {
            command.env(hold_at::VARIABLE, point);
        }
        let child = command.arg("serve").stdin(Stdio::null()).stdout(log).stderr(errors).spawn();
        self.child = Some(child.expect("the console starts"));
        let started = Instant::now();
        while self.client.get(format!("{}/healthz", self.url)).send().await.is_err() {
            assert!(
                started.elapsed() < Duration::from_secs(30),
                "the console does not answer; see {}",
                self.data.join("console.log").display()
            );
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Ends it and starts it so that a job waits at this moment (`ops::jobs::fault_point`); then comes
    /// [`Self::kill_where_it_is_held`].
    pub async fn start_holding_at(&mut self, point: &str) {
        self.kill();
        let _none = std::fs::remove_file(self.data.join(hold_at::TELLS));
        self.hold_at = Some(point.into());
        self.start_again().await;
        self.hold_at = None;
    }

    /// Waits until a job has come to that moment, and kills the console there.
    pub async fn kill_where_it_is_held(&mut self) {
        let (tells, started) = (self.data.join(hold_at::TELLS), Instant::now());
        while !tells.exists() {
            assert!(
                started.elapsed() < Duration::from_secs(300),
                "no job came to the moment; see {}",
                self.data.join("console.log").display()
            );
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        self.kill();
    }

    /// SIGKILL: no warning, no goodbye.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().expect("killed");
            child.wait().expect("gone");
        }
    }

    /// Resident memory of the process in bytes.
    pub fn memory(&self) -> u64 {
        let pid = self.child.as_ref().expect("a running console").id();
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("procfs");
        let line = status.lines().find(|l| l.starts_with("VmRSS:")).expect("VmRSS");
        line.split_whitespace().nth(1).and_then(|n| n.parse::<u64>().ok()).expect("a number") * 1024
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        self.send(self.client.get(format!("{}/api/v1{path}", self.url))).await
    }

    /// Asks until the answer has this status, for twenty seconds; the last answer.
    pub async fn get_until(&self, path: &str, status: u16) -> (u16, Value) {
        let mut answer = self.get(path).await;
        for _ in 0..200 {
            if answer.0 == status {
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
            answer = self.get(path).await;
        }
        answer
    }

    pub async fn post(&self, path: &str, body: Value) -> (u16, Value) {
        self.send(self.client.post(format!("{}/api/v1{path}", self.url)).json(&body)).await
    }

    /// Asks for a deletion and returns the number of the job.
    pub async fn delete_job(&self, path: &str, body: Value) -> i64 {
        let (status, answer) = self.delete(path, body).await;
        assert_eq!(status, 202, "{path}: {answer}");
        answer["job"].as_i64().expect("a job")
    }

    pub async fn delete(&self, path: &str, body: Value) -> (u16, Value) {
        self.send(self.client.delete(format!("{}/api/v1{path}", self.url)).json(&body)).await
    }

    pub async fn put(&self, path: &str, body: Value) -> (u16, Value) {
        self.send(self.client.put(format!("{}/api/v1{path}", self.url)).json(&body)).await
    }

    /// A file as the body.
    pub async fn upload(&self, path: &str, file: Vec<u8>) -> (u16, Value) {
        self.send(self.client.post(format!("{}/api/v1{path}", self.url)).body(file)).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> (u16, Value) {
        let response = request.bearer_auth(&self.token).send().await.expect("the console answers");
        let status = response.status().as_u16();
        let text = response.text().await.expect("a body");
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    /// Starts a job and returns its id.
    pub async fn job(&self, path: &str, body: Value) -> i64 {
        let (status, answer) = self.post(path, body).await;
        let job = answer["job"].as_i64();
        let in_the_way = match job {
            Some(job) if status == 409 => self.get(&format!("/jobs/{job}")).await.1,
            _ => Value::Null,
        };
        assert_eq!(status, 202, "{path}: {answer} {in_the_way}");
        job.expect("a job's id")
    }

    /// A job's state now, and whether it is still at work.
    async fn look(&self, job: i64) -> (bool, Value) {
        let (_, view) = self.get(&format!("/jobs/{job}")).await;
        (matches!(view["state"].as_str(), Some("queued" | "running")), view)
    }

    pub async fn is_at_work(&self, job: i64) -> bool {
        self.look(job).await.0
    }

    /// Follows a job to its end.
    pub async fn finish(&self, job: i64) -> Value {
        let started = Instant::now();
        loop {
            let (at_work, view) = self.look(job).await;
            if !at_work {
                return view;
            }
            assert!(started.elapsed() < Duration::from_secs(900), "job {job} does not end: {view}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

impl Drop for ConsoleProcess {
    fn drop(&mut self) {
        self.kill();
    }
}
