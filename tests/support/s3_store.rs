//! A real S3 store (SeaweedFS) on loopback with one bucket, ended when dropped.

use crate::console_process::free_port;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub const BUCKET: &str = "backups";
pub const ACCESS: &str = "console";
pub const SECRET: &str = "owls and keys at night";

pub struct S3Store {
    child: Option<Child>,
    pub port: u16,
    ports: [u16; 6],
    directory: tempfile::TempDir,
}

/// Put there by scripts/s3-store.sh.
fn weed() -> PathBuf {
    let cache = std::env::var("NEO4J_CONSOLE_CACHE").map_or_else(
        |_| Path::new(&std::env::var("HOME").unwrap_or_default()).join(".cache/neo4j-admin-console"),
        PathBuf::from,
    );
    let weed = cache.join("tools/bin/weed");
    assert!(weed.exists(), "{} is missing: run scripts/s3-store.sh (make test does)", weed.display());
    weed
}

impl S3Store {
    pub async fn start() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        let identity = json!({ "identities": [
            { "name": "console", "credentials": [{ "accessKey": ACCESS, "secretKey": SECRET }], "actions": ["Admin", "Read", "Write", "List", "Tagging"] },
            { "name": "reader", "credentials": [{ "accessKey": "reader", "secretKey": SECRET }], "actions": ["Read", "List"] },
        ] });
        std::fs::write(directory.path().join("s3.json"), identity.to_string()).expect("written");
        let mut store = Self { child: None, port: free_port(), ports: std::array::from_fn(|_| free_port()), directory };
        // Of seven ports asked for, one may have been taken meanwhile: once more with others.
        if !store.try_start().await {
            (store.port, store.ports) = (free_port(), std::array::from_fn(|_| free_port()));
            store.start_again().await;
        }
        let mut shell = Command::new(weed());
        shell
            .args(["shell", &format!("-master=127.0.0.1:{}.{}", store.ports[0], store.ports[1])])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut shell = shell.spawn().expect("weed runs");
        let made = std::io::Write::write_all(
            &mut shell.stdin.take().expect("stdin"),
            format!("s3.bucket.create -name {BUCKET}\nexit\n").as_bytes(),
        );
        made.expect("written");
        shell.wait().expect("weed ends");
        store
    }

    pub fn stop(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _killed = child.kill().and_then(|()| child.wait());
        }
    }

    /// On the same ports and the same files.
    pub async fn start_again(&mut self) {
        let log = self.directory.path().join("weed.log");
        assert!(
            self.try_start().await,
            "the S3 store does not start: {}",
            std::fs::read_to_string(log).unwrap_or_default()
        );
    }

    async fn try_start(&mut self) -> bool {
        self.stop();
        let at = |name: &str| self.directory.path().join(name).display().to_string();
        let log = std::fs::File::options().create(true).append(true).open(at("weed.log")).expect("a log");
        std::fs::create_dir_all(at("data")).expect("made");
        let [master, master_grpc, volume, volume_grpc, filer, filer_grpc] = self.ports;
        let mut command = Command::new(weed());
        command.arg("server").args([
            format!("-dir={}", at("data")),
            "-ip=127.0.0.1".into(),
            "-s3".into(),
            format!("-s3.port={}", self.port),
        ]);
        command.args([
            format!("-s3.config={}", at("s3.json")),
            "-master.volumeSizeLimitMB=64".into(),
            "-volume.max=50".into(),
        ]);
        // What the console does not speak, and would be at a fixed port: two stores could not run side by side.
        command.args(["-s3.port.iceberg=0", "-s3.port.lance=0"]);
        // Its default, a hundredth of the disk, is more than some test machines have left.
        command.arg("-volume.minFreeSpace=50MiB");
        command.args([
            format!("-master.port={master}"),
            format!("-master.port.grpc={master_grpc}"),
            format!("-volume.port={volume}"),
        ]);
        command.args([
            format!("-volume.port.grpc={volume_grpc}"),
            format!("-filer.port={filer}"),
            format!("-filer.port.grpc={filer_grpc}"),
        ]);
        command.stdin(Stdio::null()).stdout(log.try_clone().expect("a log")).stderr(log);
        self.child = Some(command.spawn().expect("weed runs"));
        // It answers 403 to a stranger once it is ready.
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(40) {
            let answer =
                crate::client().build().expect("a client").get(format!("http://127.0.0.1:{}/", self.port)).send().await;
            if answer.is_ok_and(|answer| !answer.status().is_server_error()) {
                return true;
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        false
    }

    /// As `POST /targets` takes it.
    pub fn target(&self, name: &str) -> Value {
        json!({ "name": name, "kind": "s3", "endpoint": format!("http://127.0.0.1:{}", self.port), "region": "us-east-1", "bucket": BUCKET,
            "prefix": "neo4j", "path_style": true, "access_key": ACCESS, "secret_key": SECRET })
    }

    /// Paths and sizes in the bucket, asked over the filer, without S3.
    pub async fn files(&self, below: &str) -> Vec<String> {
        let url = format!("http://127.0.0.1:{}/buckets/{BUCKET}/{below}/?limit=1000", self.ports[4]);
        let answer = crate::client()
            .build()
            .expect("a client")
            .get(url)
            .header("accept", "application/json")
            .send()
            .await
            .expect("the filer answers");
        let listed: Value = answer.json().await.unwrap_or_default();
        let entries = listed["Entries"].as_array().cloned().unwrap_or_default();
        entries
            .iter()
            .filter_map(|e| e["FullPath"].as_str().and_then(|p| p.rsplit('/').next()).map(str::to_owned))
            .collect()
    }

    /// What lies there, past S3.
    pub async fn read(&self, path: &str) -> Vec<u8> {
        let url = format!("http://127.0.0.1:{}/buckets/{BUCKET}/{path}", self.ports[4]);
        let answer = crate::client().build().expect("a client").get(url).send().await.expect("the filer answers");
        assert!(answer.status().is_success(), "{}", answer.status());
        answer.bytes().await.expect("all of it").to_vec()
    }

    /// As if somebody had changed it behind the console's back.
    pub async fn write(&self, path: &str, bytes: Vec<u8>) {
        let url = format!("http://127.0.0.1:{}/buckets/{BUCKET}/{path}", self.ports[4]);
        let answer =
            crate::client().build().expect("a client").put(url).body(bytes).send().await.expect("the filer answers");
        assert!(answer.status().is_success(), "{}", answer.status());
    }

    /// As if somebody had deleted it behind the console's back.
    pub async fn lose(&self, path: &str) {
        let url = format!("http://127.0.0.1:{}/buckets/{BUCKET}/{path}", self.ports[4]);
        let answer = crate::client().build().expect("a client").delete(url).send().await.expect("the filer answers");
        assert!(answer.status().is_success(), "{}", answer.status());
    }

    /// Uploads in pieces that nobody finished.
    pub async fn unfinished(&self) -> Vec<String> {
        self.files(".uploads").await
    }
}

impl Drop for S3Store {
    fn drop(&mut self) {
        self.stop();
    }
}
