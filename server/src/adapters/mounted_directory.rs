//! Backups on an external drive. When it is unplugged, the empty directory it was mounted on stays, and is not written to:
//! the backups would fill the disk below it.

use super::local_directory::LocalDirectory;
use async_trait::async_trait;
use ops::ports::{Bytestream, Target, TargetError};
use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

pub struct MountedDirectory {
    path: PathBuf,
    inner: LocalDirectory,
}

impl MountedDirectory {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self { inner: LocalDirectory::new(path.clone()), path }
    }

    /// A mount point is on another device than the directory above it.
    fn mounted(&self) -> Result<(), TargetError> {
        let device = |path: &std::path::Path| std::fs::metadata(path).map(|seen| seen.dev());
        let above = self.path.parent().unwrap_or(&self.path);
        match (device(&self.path), device(above)) {
            (Ok(own), Ok(other)) if own != other => Ok(()),
            _ => Err(TargetError::Failed(format!("{} is not mounted. Plug the drive in and mount it there", self.path.display()))),
        }
    }
}

#[async_trait]
impl Target for MountedDirectory {
    fn location(&self) -> String {
        format!("the drive at {}", self.path.display())
    }

    async fn put(&self, key: &str, content: Bytestream) -> Result<u64, TargetError> {
        self.mounted()?;
        self.inner.put(key, content).await
    }

    async fn get(&self, key: &str) -> Result<Bytestream, TargetError> {
        self.mounted()?;
        self.inner.get(key).await
    }

    async fn remove(&self, prefix: &str) -> Result<(), TargetError> {
        self.mounted()?;
        self.inner.remove(prefix).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, TargetError> {
        self.mounted()?;
        self.inner.list(prefix).await
    }

    async fn free(&self) -> Result<Option<u64>, TargetError> {
        self.mounted()?;
        self.inner.free().await
    }
}
