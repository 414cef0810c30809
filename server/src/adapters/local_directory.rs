//! Backups in a directory of the console's own disk. What is listed there is whole: a part appears under its name only after
//! it was synced. Does not know what a backup is.

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt};
use ops::ports::{Bytestream, Target, TargetError};
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use tokio::fs::{DirBuilder, File, OpenOptions};
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;

const PIECE: usize = 256 * 1024;
/// Ending of a file that is being written.
const PARTIAL: &str = ".partial";

#[derive(Debug, Clone)]
pub struct LocalDirectory {
    root: PathBuf,
}

impl LocalDirectory {
    /// Made at the first `put` if it is missing.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { root: path.into() }
    }

    fn path(&self, key: &str) -> Result<PathBuf, TargetError> {
        let bad = |part: &str| part.is_empty() || part == "." || part == ".." || part.contains(['\\', '\0']);
        if key.split('/').any(bad) {
            return Err(TargetError::Failed(format!("{key:?} is not a name of a backup's part")));
        }
        Ok(self.root.join(key))
    }

    async fn write(&self, path: &Path, partial: &Path, mut content: Bytestream) -> Result<u64, TargetError> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(partial).await.map_err(|e| explain(partial, &e))?;
        let mut bytes = 0;
        while let Some(piece) = content.next().await {
            let piece = piece.map_err(|error| TargetError::Failed(format!("what was to be written to {} broke off: {error}", path.display())))?;
            file.write_all(&piece).await.map_err(|e| explain(partial, &e))?;
            bytes += piece.len() as u64;
        }
        file.sync_all().await.map_err(|e| explain(partial, &e))?;
        tokio::fs::rename(partial, path).await.map_err(|e| explain(path, &e))?;
        self.sync_directories(path).await?;
        Ok(bytes)
    }

    /// A new name is only safe once its directory is synced, and so on up to the root.
    async fn sync_directories(&self, path: &Path) -> Result<(), TargetError> {
        for directory in path.ancestors().skip(1).take_while(|up| up.starts_with(&self.root)) {
            let opened = File::open(directory).await.map_err(|e| explain(directory, &e))?;
            opened.sync_all().await.map_err(|e| explain(directory, &e))?;
        }
        Ok(())
    }
}

/// Removes the half-written file, also when the caller gives up in the middle.
struct Partial {
    path: PathBuf,
    kept: bool,
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.kept
            && let Err(error) = std::fs::remove_file(&self.path)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(path = %self.path.display(), %error, "could not remove a half-written file");
        }
    }
}

fn explain(path: &Path, error: &Error) -> TargetError {
    let text = format!("{}: {error}", path.display());
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => TargetError::Full(text),
        ErrorKind::NotFound => TargetError::Missing(text),
        _ => TargetError::Failed(text),
    }
}

#[async_trait]
impl Target for LocalDirectory {
    fn location(&self) -> String {
        format!("the directory {}", self.root.display())
    }

    async fn put(&self, key: &str, content: Bytestream) -> Result<u64, TargetError> {
        let path = self.path(key)?;
        let directory = path.parent().unwrap_or(&self.root);
        DirBuilder::new().recursive(true).mode(0o700).create(directory).await.map_err(|e| explain(directory, &e))?;
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(PARTIAL);
        let mut partial = Partial { path: path.with_file_name(name), kept: false };
        let bytes = self.write(&path, &partial.path, content).await?;
        partial.kept = true;
        Ok(bytes)
    }

    async fn get(&self, key: &str) -> Result<Bytestream, TargetError> {
        let path = self.path(key)?;
        let missing = |error: Error| if error.kind() == ErrorKind::NotFound { TargetError::Missing(key.into()) } else { explain(&path, &error) };
        let file = File::open(&path).await.map_err(missing)?;
        if !file.metadata().await.map_err(missing)?.is_file() {
            return Err(TargetError::Missing(key.into()));
        }
        Ok(ReaderStream::with_capacity(file, PIECE).into_stream().boxed())
    }

    async fn size(&self, key: &str) -> Result<u64, TargetError> {
        let path = self.path(key)?;
        match tokio::fs::metadata(&path).await {
            Ok(seen) if seen.is_file() => Ok(seen.len()),
            Err(error) if error.kind() != ErrorKind::NotFound => Err(explain(&path, &error)),
            _ => Err(TargetError::Missing(key.into())),
        }
    }

    async fn remove(&self, prefix: &str) -> Result<(), TargetError> {
        let path = self.path(prefix.trim_end_matches('/'))?;
        let removed = match tokio::fs::symlink_metadata(&path).await {
            Ok(seen) if seen.is_dir() => tokio::fs::remove_dir_all(&path).await,
            Ok(_) => tokio::fs::remove_file(&path).await,
            Err(error) => Err(error),
        };
        match removed {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(explain(&path, &error)),
            _ => Ok(()),
        }
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, TargetError> {
        let path = if prefix.is_empty() { self.root.clone() } else { self.path(prefix)? };
        let mut entries = match tokio::fs::read_dir(&path).await {
            Err(error) if !prefix.is_empty() && error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            other => other.map_err(|e| explain(&path, &e))?,
        };
        let mut names = Vec::new();
        while let Some(entry) = entries.next_entry().await.map_err(|e| explain(&path, &e))? {
            // Not ours, or not whole yet.
            names.extend(entry.file_name().into_string().ok().filter(|name| !name.ends_with(PARTIAL)));
        }
        names.sort();
        Ok(names)
    }

    /// Of the file system the directory is on, or will be made on.
    async fn free(&self) -> Result<Option<u64>, TargetError> {
        let root = self.root.clone();
        let asked = tokio::task::spawn_blocking(move || {
            let there = root.ancestors().find(|path| path.exists()).unwrap_or(&root);
            rustix::fs::statvfs(there).map_err(|error| explain(there, &error.into()))
        });
        let seen = asked.await.map_err(|error| TargetError::Failed(error.to_string()))??;
        Ok(Some(seen.f_bavail.saturating_mul(seen.f_frsize)))
    }
}
