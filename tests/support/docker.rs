//! The Docker command line, as a person would use it beside the console.

use crate::console_process::ConsoleProcess;
use std::process::Command;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

#[derive(Clone)]
pub struct Docker {
    program: String,
    /// Of `docker --host`; `None` for the default socket.
    host: Option<String>,
}

static DOCKER: LazyLock<Docker> = LazyLock::new(|| {
    // A `docker` on the PATH may belong to another engine's client; the distribution's own comes first.
    let program = ["/usr/bin/docker", "docker"]
        .into_iter()
        .find(|p| Command::new(p).arg("version").output().is_ok_and(|o| o.status.success()));
    let program = program.expect("no Docker Engine answers: run scripts/engine.sh (make test does)").into();
    Docker { program, host: None }
});

pub fn docker() -> &'static Docker {
    &DOCKER
}

impl Docker {
    /// The same program for another engine.
    pub fn at(&self, host: &str) -> Self {
        Self { program: self.program.clone(), host: Some(host.into()) }
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(self.host.iter().flat_map(|host| ["--host", host]));
        command
    }

    pub fn run(&self, args: &[&str]) -> String {
        let output = self.command().args(args).output().expect("docker runs");
        assert!(output.status.success(), "docker {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Helper containers and volumes of one console that are there now.
    pub fn left_by(&self, console: &ConsoleProcess) -> Vec<String> {
        let filter = format!("label=neo4j-console.instance={}", console.instance);
        let lists =
            [self.run(&["ps", "-aq", "--filter", &filter]), self.run(&["volume", "ls", "-q", "--filter", &filter])];
        lists.iter().flat_map(|list| list.lines()).map(str::to_owned).collect()
    }

    /// Waits until a console's helper with this role runs; returns its name.
    pub async fn running_helper(&self, console: &ConsoleProcess, role: &str) -> String {
        let (start, end) = (format!("neo4j-console-{}-", console.instance), format!("-{role}"));
        let started = Instant::now();
        loop {
            let names = self.run(&["ps", "--format", "{{.Names}}"]);
            if let Some(name) = names.lines().find(|n| n.starts_with(&start) && n.ends_with(&end)) {
                return name.into();
            }
            assert!(started.elapsed() < Duration::from_secs(120), "no container {start}…{end} ever ran");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
