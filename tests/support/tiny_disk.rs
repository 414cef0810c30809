//! A file system small enough to be filled to the brim, unmounted when dropped.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The mount is below a directory of its own.
pub struct TinyDisk {
    at: PathBuf,
    filler: PathBuf,
}

fn run(program: &str, args: &[&str]) {
    let done = Command::new(program).args(args).output().expect("the program runs");
    assert!(
        done.status.success(),
        "{program} {args:?} (this test mounts a small file system: run it as root): {}",
        String::from_utf8_lossy(&done.stderr)
    );
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a path of text")
}

impl TinyDisk {
    /// In memory, mounted at this existing directory.
    pub fn in_memory(at: &Path, size: &str) -> Self {
        run("mount", &["-t", "tmpfs", "-o", &format!("size={size}"), "tmpfs", text(at)]);
        Self { at: at.into(), filler: at.join("filler") }
    }

    /// ext4 on a file beside this existing directory: what Docker's overlay needs.
    pub fn on_a_file(at: &Path, size: &str) -> Self {
        let image = at.with_extension("ext4");
        run("truncate", &["-s", size, text(&image)]);
        run("mkfs.ext4", &["-q", "-m", "0", text(&image)]);
        run("mount", &["-o", "loop", text(&image), text(at)]);
        Self { at: at.into(), filler: at.join("filler") }
    }

    pub fn path(&self) -> &Path {
        &self.at
    }

    /// Takes all but so many bytes.
    pub fn fill_but(&self, left: u64) {
        let free = Command::new("df").args(["--output=avail", "-B1", text(&self.at)]).output().expect("df runs");
        let free: u64 =
            String::from_utf8_lossy(&free.stdout).lines().last().and_then(|n| n.trim().parse().ok()).expect("a number");
        run("fallocate", &["-l", &free.saturating_sub(left).to_string(), text(&self.filler)]);
    }

    pub fn empty(&self) {
        std::fs::remove_file(&self.filler).expect("the filler is there");
    }

    pub fn make_read_only(&self) {
        run("mount", &["-o", "remount,ro", text(&self.at)]);
    }
}

impl Drop for TinyDisk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg(&self.at).status();
    }
}
