//! The Docker command line, as a person would use it beside the console.

use std::process::Command;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

#[derive(Clone)]
pub struct Docker {
    program: String,
    /// Of `docker --host`; `None` for the default socket.
    host: Option<String>,
    /// What a run before this one was killed too early to remove: not this run's to answer for.
    leftovers: Vec<String>,
}

static DOCKER: LazyLock<Docker> = LazyLock::new(|| {
    // A `docker` on the PATH may belong to another engine's client; the distribution's own comes first.
    let program = ["/usr/bin/docker", "docker"].into_iter().find(|p| Command::new(p).arg("version").output().is_ok_and(|o| o.status.success()));
    let program = program.expect("no Docker Engine answers: run scripts/engine.sh (make test does)").into();
    let mut docker = Docker { program, host: None, leftovers: vec![] };
    docker.leftovers = [docker.ours("container"), docker.ours("volume")].concat();
    docker
});

pub fn docker() -> &'static Docker {
    &DOCKER
}

impl Docker {
    /// The same program for another engine.
    pub fn at(&self, host: &str) -> Self {
        Self { host: Some(host.into()), ..self.clone() }
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

    /// Containers or volumes with a label of the console's jobs that came since this process first asked. Tests that look
    /// here run one at a time (`TURN` in `live_jobs.rs`), or they would see each other's.
    pub fn ours(&self, kind: &str) -> Vec<String> {
        let list = match kind {
            "volume" => self.run(&["volume", "ls", "-q", "--filter", "label=neo4j-console.job"]),
            _ => self.run(&["ps", "-aq", "--filter", "label=neo4j-console.job"]),
        };
        list.lines().filter(|one| !self.leftovers.iter().any(|old| old == one)).map(str::to_owned).collect()
    }

    /// Waits for a running container whose name begins and ends so.
    pub async fn wait_for_running(&self, start: &str, end: &str) -> String {
        let started = Instant::now();
        loop {
            let names = self.run(&["ps", "--format", "{{.Names}}"]);
            if let Some(name) = names.lines().find(|n| n.starts_with(start) && n.ends_with(end)) {
                return name.into();
            }
            assert!(started.elapsed() < Duration::from_secs(120), "no container {start}…{end} ever ran");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}
