//! A Docker volume on a file system that can clone files, on a loop device; removed when dropped.

use crate::docker::docker;
use std::path::Path;
use std::process::Command;

pub struct CloningDisk {
    pub volume: String,
    device: String,
    _image: tempfile::TempDir,
}

fn run(program: &str, args: &[&str]) -> String {
    let done =
        Command::new(program).args(args).output().unwrap_or_else(|e| panic!("{program}: {e} (make test installs it)"));
    assert!(
        done.status.success(),
        "{program} {args:?} (this test makes a loop device: run it as root): {}",
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8_lossy(&done.stdout).trim().into()
}

impl CloningDisk {
    /// `xfs` or `btrfs`. A kernel without it fails the test and says so.
    pub fn new(file_system: &str) -> Self {
        let place = tempfile::tempdir().expect("a directory");
        let image = place.path().join("disk");
        let image = image.to_str().expect("a path of text");
        assert!(
            kernel_knows(file_system),
            "this kernel has no {file_system}: the short-outage dump cannot be tested on it"
        );
        run("truncate", &["-s", "3g", image]);
        run(&format!("mkfs.{file_system}"), &["-q", image]);
        let device = run("losetup", &["--find", "--show", image]);
        let volume = format!("test-{file_system}-{}", std::process::id());
        let (kind, from) = (format!("type={file_system}"), format!("device={device}"));
        let label = format!("neo4j-console.test={}", std::process::id());
        docker().run(&["volume", "create", "--label", &label, "--opt", &kind, "--opt", &from, &volume]);
        Self { volume, device, _image: place }
    }
}

fn kernel_knows(file_system: &str) -> bool {
    let _loaded = Command::new("modprobe").arg(file_system).output();
    let known = std::fs::read_to_string(Path::new("/proc/filesystems")).unwrap_or_default();
    known.lines().any(|line| line.split_whitespace().last() == Some(file_system))
}

impl Drop for CloningDisk {
    fn drop(&mut self) {
        let _removed = docker().command().args(["volume", "rm", "-f", &self.volume]).output();
        let _detached = Command::new("losetup").args(["--detach", &self.device]).output();
    }
}
