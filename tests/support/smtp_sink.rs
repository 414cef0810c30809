//! A real mail server for a test: `aiosmtpd`, set up by `scripts/smtp-sink.sh`.

use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};

pub struct SmtpSink {
    process: Child,
    lines: BufReader<ChildStdout>,
    pub port: u16,
}

/// Where the script left environment and certificates.
pub fn directory() -> PathBuf {
    let cache =
        std::env::var("NEO4J_CONSOLE_CACHE").map_or_else(|_| home().join(".cache/neo4j-admin-console"), PathBuf::from);
    let directory = cache.join("smtp-sink");
    assert!(
        directory.join("ready-2").exists(),
        "{} is missing: run scripts/smtp-sink.sh first (make test does)",
        directory.display()
    );
    directory
}

fn home() -> PathBuf {
    std::env::var("HOME").map(PathBuf::from).expect("a home directory")
}

impl SmtpSink {
    /// `security` is `none`, `starttls` or `tls`; `certificate` is `self` or `good`. With a password its user is
    /// `console`.
    pub fn start(security: &str, certificate: &str, password: Option<&str>) -> Self {
        let directory = directory();
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/support/smtp_sink.py");
        let mut command = Command::new(directory.join("venv/bin/python"));
        command.args([script, "--security", security, "--certificate"]).arg(directory.join(certificate));
        if let Some(password) = password {
            command.args(["--password", password]);
        }
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python runs");
        let mut lines = BufReader::new(process.stdout.take().expect("its output"));
        let mut port = String::new();
        lines.read_line(&mut port).expect("a line");
        Self { process, lines, port: port.trim().parse().expect("a port") }
    }

    /// The next message; waits for it.
    pub fn message(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).expect("a line");
        serde_json::from_str(&line).expect("json")
    }

    /// Ends it; how many messages came that nobody looked at.
    pub fn end(mut self) -> usize {
        let _ = self.process.kill();
        (&mut self.lines).lines().count()
    }
}

impl Drop for SmtpSink {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
