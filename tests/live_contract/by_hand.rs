//! Containers and networks somebody made with the command line, removed when the test ends, however.

use crate::live_adapters::{IMAGE, unique};
use domain::container::ContainerId;
use tests::docker::docker;

/// Runs a few lines of shell.
pub struct Script(pub ContainerId, pub String);

impl Script {
    pub fn start(shell: &str, options: &[&str]) -> Self {
        let name = unique("script");
        let words = [&["run", "-d", "--name", &name, "--entrypoint", "bash"], options, &[IMAGE, "-c", shell]].concat();
        Self(ContainerId(docker().run(&words).trim().into()), name)
    }

    /// That waits until it is told to end.
    pub fn idle(options: &[&str]) -> Self {
        Self::start("trap 'exit 0' TERM; sleep 600 & wait", options)
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        docker().run(&["rm", "-f", "-v", self.0.as_str()]);
    }
}

pub struct Network(pub String);

impl Network {
    pub fn create() -> Self {
        let name = unique("network");
        docker().run(&["network", "create", &name]);
        Self(name)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        docker().run(&["network", "rm", &self.0]);
    }
}
