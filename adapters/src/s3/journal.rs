//! The numbers of uploads in pieces that are under way, one small file each: a console that was killed finds them at
//! its next visit. S3 itself keeps, and bills, pieces nobody finished.

use domain::target::S3;
use ports::TargetError;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// This process. What another one began, and a lock on the data directory says there is no other, was cut short.
static SELF: LazyLock<String> = LazyLock::new(|| format!("{:016x}", rand::random::<u64>()));

/// A multipart upload that was begun and not ended. Its fields are keys of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingUpload {
    pub path: String,
    pub upload: String,
    process: String,
}

/// The uploads of one bucket that were begun and not ended.
pub struct Journal {
    /// Of one bucket.
    directory: PathBuf,
}

impl Journal {
    /// The directory is made when the first upload is noted.
    pub fn new(directory: &Path, place: &S3) -> Self {
        let bucket = Sha256::digest(format!("{} {}", place.endpoint, place.bucket));
        Self { directory: directory.join(hex::encode(&bucket[..8])) }
    }

    fn file(&self, upload: &PendingUpload) -> PathBuf {
        self.directory
            .join(format!("{}.json", hex::encode(&Sha256::digest(format!("{} {}", upload.path, upload.upload))[..16])))
    }

    /// An upload that cannot be noted is not begun: it could be left for good.
    pub fn began(&self, path: &str, upload: &str) -> Result<PendingUpload, TargetError> {
        let pending = PendingUpload { path: path.into(), upload: upload.into(), process: SELF.clone() };
        let failed = |e: std::io::Error| {
            TargetError::Failed(format!("the upload could not be noted in {}: {e}", self.directory.display()))
        };
        std::fs::create_dir_all(&self.directory).map_err(failed)?;
        std::fs::write(self.file(&pending), serde_json::to_vec(&pending).unwrap_or_default()).map_err(failed)?;
        Ok(pending)
    }

    /// A note that cannot be removed is only logged.
    pub fn ended(&self, upload: &PendingUpload) {
        if let Err(error) = std::fs::remove_file(self.file(upload)) {
            tracing::warn!(path = upload.path, %error, "could not remove the record of an upload");
        }
    }

    /// What processes that are gone began and did not end.
    pub fn left(&self) -> Vec<PendingUpload> {
        let files = std::fs::read_dir(&self.directory).into_iter().flatten().flatten();
        let all =
            files.filter_map(|file| serde_json::from_slice::<PendingUpload>(&std::fs::read(file.path()).ok()?).ok());
        all.filter(|upload| upload.process != *SELF).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_another_process_began_is_left() {
        let place = tempfile::tempdir().expect("a directory");
        let journal = Journal { directory: place.path().join("uploads") };
        assert_eq!(journal.left(), []);
        let ours = journal.began("a/b", "1").expect("noted");
        assert_eq!(journal.left(), []);
        let theirs = PendingUpload { process: "gone".into(), upload: "2".into(), ..ours.clone() };
        std::fs::write(journal.file(&theirs), serde_json::to_vec(&theirs).expect("json")).expect("written");
        assert_eq!(journal.left(), std::slice::from_ref(&theirs));
        journal.ended(&theirs);
        journal.ended(&ours);
        assert_eq!(std::fs::read_dir(&journal.directory).expect("there").count(), 0);
    }
}
