//! The Docker command line, as a person would use it beside the console.

use crate::console_process::ConsoleProcess;
use serde_json::json;
use std::process::Command;
use std::sync::LazyLock;
use std::time::Duration;

/// A dump in the middle. Killed, it ends; unpaused, it goes on.
pub struct PausedDump {
    pub job: i64,
    /// The container's name.
    pub helper: String,
    /// How many backups were whole before their dump could be paused.
    pub whole_before: usize,
}

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

    /// Starts backups of `graph` until the dump of one is caught while it runs, and pauses it. A small dump takes two
    /// seconds: a machine that is busy may look too late, and then that backup is whole.
    pub async fn paused_dump(&self, console: &ConsoleProcess) -> PausedDump {
        for whole_before in 0..5 {
            let job = console.job("/deployments/graph/backups", json!({})).await;
            let helper = format!("neo4j-console-{}-{job}-dump", console.instance);
            while console.is_at_work(job).await {
                let paused = self.command().args(["pause", &helper]).output().expect("docker runs");
                if paused.status.success() {
                    return PausedDump { job, helper, whole_before };
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            let end = console.finish(job).await;
            assert_eq!(end["state"], "succeeded", "{end}");
        }
        panic!("five backups were whole before their dump was seen");
    }
}
