//! Backups in a directory that a member named. It is never made: where it is missing, a path was mistyped or a drive is
//! away. An external drive leaves the empty directory it was mounted on, which is not written to: the backups would
//! fill the disk below it.

use super::local_directory::LocalDirectory;
use async_trait::async_trait;
use ports::{Bytestream, Target, TargetError};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

/// A directory that a member named.
pub struct NamedDirectory {
    path: PathBuf,
    /// It must be a mount point.
    mounted: bool,
    inner: LocalDirectory,
}

impl NamedDirectory {
    /// `mounted`: each call fails while nothing is mounted there.
    pub fn new(path: impl Into<PathBuf>, mounted: bool) -> Self {
        let path = path.into();
        Self { inner: LocalDirectory::new(path.clone()), path, mounted }
    }

    async fn present(&self) -> Result<(), TargetError> {
        let shown = self.path.display();
        if !tokio::fs::metadata(&self.path).await.is_ok_and(|seen| seen.is_dir()) {
            return Err(TargetError::Failed(format!(
                "there is no directory {shown} on the console's machine. Make it, or mount what belongs there"
            )));
        }
        // A mount point is on another device than the directory above it.
        let device = async |path: &Path| tokio::fs::metadata(path).await.map(|seen| seen.dev()).ok();
        let above = self.path.parent().unwrap_or(&self.path);
        if self.mounted && device(&self.path).await == device(above).await {
            return Err(TargetError::Failed(format!("{shown} is not mounted. Plug the drive in and mount it there")));
        }
        Ok(())
    }
}

#[async_trait]
impl Target for NamedDirectory {
    fn location(&self) -> String {
        format!("the {} {}", if self.mounted { "drive at" } else { "directory" }, self.path.display())
    }

    async fn put(&self, key: &str, content: Bytestream) -> Result<u64, TargetError> {
        self.present().await?;
        self.inner.put(key, content).await
    }

    async fn get(&self, key: &str) -> Result<Bytestream, TargetError> {
        self.present().await?;
        self.inner.get(key).await
    }

    async fn size(&self, key: &str) -> Result<u64, TargetError> {
        self.present().await?;
        self.inner.size(key).await
    }

    async fn remove(&self, prefix: &str) -> Result<(), TargetError> {
        self.present().await?;
        self.inner.remove(prefix).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, TargetError> {
        self.present().await?;
        self.inner.list(prefix).await
    }

    async fn free(&self) -> Result<Option<u64>, TargetError> {
        self.present().await?;
        self.inner.free().await
    }
}
