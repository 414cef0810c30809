//! What the tests make that no command line can, and what is removed when a test ends, however.

use super::super::unique;
use domain::change::ImageUse;
use domain::container::{ContainerId, ImageId};
use serde_json::Value;
use std::process::{Command, Stdio};
use tests::docker::docker;

/// A container by its name, removed when the test ends; as `ByHand`, but made by the adapter or the raw API. Declare
/// it after what it uses.
pub struct Named(pub String);

impl Named {
    pub fn new() -> Self {
        Self(unique("recreation"))
    }

    pub fn id(&self) -> ContainerId {
        ContainerId(self.0.clone())
    }

    pub fn exists(&self) -> bool {
        docker().run(&["ps", "-aq", "--filter", &format!("name=^{}$", self.0)]).trim() != ""
    }
}

impl Drop for Named {
    fn drop(&mut self) {
        if self.exists() {
            docker().run(&["rm", "-f", "-v", &self.0]);
        }
    }
}

pub struct Network(pub String);

impl Network {
    pub fn create(options: &[&str]) -> Self {
        let network = Self(unique("network"));
        docker().run(&[&["network", "create"], options, &[&network.0]].concat());
        network
    }

    fn exists(&self) -> bool {
        docker().run(&["network", "ls", "--format", "{{.Name}}"]).lines().any(|name| name == self.0)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        if self.exists() {
            docker().run(&["network", "rm", &self.0]);
        }
    }
}

/// An image of one line a change and nothing in it: a container of it can be made and not started.
pub struct Image(pub String, ImageId);

impl Image {
    pub fn import(changes: &[&str]) -> Self {
        let name = format!("test.local/{}:1", unique("image"));
        let mut import = docker().command();
        import.arg("import").args(changes.iter().flat_map(|change| ["--change", change])).args(["-", &name]);
        let tar = Command::new("tar").args(["-c", "--files-from", "/dev/null"]).stdout(Stdio::piped()).spawn();
        let mut tar = tar.expect("tar");
        let imported = import.stdin(tar.stdout.take().expect("a pipe")).output().expect("docker runs");
        assert!(imported.status.success() && tar.wait().is_ok_and(|ended| ended.success()), "{imported:?}");
        let id = String::from_utf8_lossy(&imported.stdout).trim().to_string();
        Self(name, ImageId(id))
    }

    pub fn used(&self) -> ImageUse {
        ImageUse { reference: self.0.clone(), id: Some(self.1.clone()), digest: None }
    }
}

impl Drop for Image {
    fn drop(&mut self) {
        docker().run(&["rmi", "-f", self.1.as_str()]);
    }
}

/// As the engine takes it, and no command line can say it.
pub async fn post(path: &str, body: &Value) {
    let client = tests::client().unix_socket("/var/run/docker.sock").build().expect("a client");
    let request = client.post(format!("http://docker{path}")).header("Content-Type", "application/json");
    let answer = request.body(body.to_string()).send().await.expect("an answer");
    let status = answer.status();
    assert!(status.is_success(), "{path}: {status} {}", answer.text().await.unwrap_or_default());
}
