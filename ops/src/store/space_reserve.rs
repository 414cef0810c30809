//! Space reserved for the database. Its disk is often Docker's own, which a restore may fill: a mark that cannot be
//! written would then hold the job while Neo4j is stopped, and the undo that frees the space could not begin.

use std::fs::{File, remove_file};
use std::io::{Error, ErrorKind, Result, Write};
use std::path::{Path, PathBuf};

const BYTES: u64 = 64 << 20;
/// Free bytes below which the disk counts as full.
const LOW: u64 = 16 << 20;
/// It is made only where so much is free besides.
const MARGIN: u64 = 4 * BYTES;

/// A file that is removed when the disk is full. It is named `ballast` on disk.
pub(super) struct SpaceReserve {
    directory: PathBuf,
}

impl SpaceReserve {
    /// In this directory; nothing is written yet.
    pub fn new(directory: &Path) -> Self {
        Self { directory: directory.into() }
    }

    fn path(&self) -> PathBuf {
        self.directory.join("ballast")
    }

    fn free(&self) -> Result<u64> {
        let seen = rustix::fs::statvfs(&self.directory)?;
        Ok(seen.f_bavail.saturating_mul(seen.f_frsize))
    }

    /// Makes it where it is missing and there is room; whether it is there now.
    pub fn ensure(&self) -> Result<bool> {
        match std::fs::metadata(self.path()) {
            Ok(seen) if seen.len() == BYTES => return Ok(true),
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        if self.free()? < BYTES + MARGIN {
            return Ok(false);
        }
        let part = self.directory.join("ballast.partial");
        fill(&File::create(&part)?)?;
        std::fs::rename(part, self.path())?;
        Ok(true)
    }

    /// Gives its room to the database when the disk is full. Whether there was any to give.
    pub fn release(&self) -> Result<bool> {
        if self.free()? >= LOW {
            return Ok(false);
        }
        match remove_file(self.path()) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn fill(mut file: &File) -> Result<()> {
    match rustix::fs::fallocate(file, rustix::fs::FallocateFlags::empty(), 0, BYTES) {
        Ok(()) => file.sync_all(),
        // ZFS and some network file systems cannot reserve; what they would compress reserves nothing either.
        Err(rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::NOSYS) => {
            // On the heap: a thread's stack has room for two of these, and a release build took both.
            let mut piece = vec![0; 1 << 20];
            for _ in 0..BYTES >> 20 {
                rand::fill(&mut piece[..]);
                file.write_all(&piece)?;
            }
            file.sync_all()
        }
        Err(error) => Err(Error::from(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stack that is too small ends the whole process: a release build did so at its start.
    #[test]
    fn it_is_made_on_a_small_stack() {
        let directory = tempfile::tempdir().expect("a directory");
        let file = File::create(directory.path().join("file")).expect("made");
        let thread = std::thread::Builder::new().stack_size(128 << 10).spawn(move || fill(&file)).expect("a thread");
        thread.join().expect("no panic").expect("written");
    }
}
