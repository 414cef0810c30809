//! Backups in a directory of the console's own disk. What is listed there is whole: a part appears under its name only
//! after it was synced. Does not know what a backup is.

use async_trait::async_trait;
use futures::{StreamExt, TryStreamExt};
use ports::{Bytestream, Target, TargetError};
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::Errno;
use std::io::{Error, ErrorKind};
use std::path::{Path, PathBuf};
use tokio::fs::{DirBuilder, File, OpenOptions};
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;

const PIECE: usize = 256 * 1024;
/// Written out as it comes: all of it at the end would be minutes without progress, on a slow share longer than it is
/// waited for.
const SYNC_EVERY: u64 = 64 << 20;
/// Ending of a file that is being written.
const PARTIAL: &str = ".partial";

/// A target in a directory of the console's own machine.
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

    /// Opened from directory to directory, none of them a symbolic link, nor the file: whoever may write to a share
    /// could plant one that leads to the console's own key. The root itself may be one; it is the admin's.
    async fn open(&self, key: &str) -> Result<File, TargetError> {
        let path = self.path(key)?;
        let (root, key) = (self.root.clone(), key.to_owned());
        let opened = tokio::task::spawn_blocking(move || {
            let directory = OFlags::DIRECTORY | OFlags::CLOEXEC;
            let (parents, name) = key.rsplit_once('/').unwrap_or(("", &key));
            let mut at = openat(CWD, &root, directory | OFlags::RDONLY, Mode::empty())?;
            for parent in parents.split('/').filter(|parent| !parent.is_empty()) {
                at = openat(&at, parent, directory | OFlags::NOFOLLOW | OFlags::RDONLY, Mode::empty())?;
            }
            openat(&at, name, OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
        });
        let opened = opened.await.map_err(|error| TargetError::Failed(error.to_string()))?;
        opened.map(|file| File::from_std(file.into())).map_err(|error| match error {
            Errno::NOENT => TargetError::Missing(path.strip_prefix(&self.root).unwrap_or(&path).display().to_string()),
            Errno::LOOP | Errno::NOTDIR => TargetError::Failed(format!(
                "{} is or lies behind a symbolic link, which is not followed",
                path.display()
            )),
            other => explain(&path, &other.into()),
        })
    }

    /// What lies below the root on the way to this, as far as it is there, is a directory and no symbolic link.
    async fn no_link_on_the_way_to(&self, path: &Path) -> Result<(), TargetError> {
        for on_the_way in path.ancestors().take_while(|on_the_way| *on_the_way != self.root) {
            if tokio::fs::symlink_metadata(on_the_way).await.is_ok_and(|seen| seen.is_symlink()) {
                return Err(TargetError::Failed(format!(
                    "{} is a symbolic link, which is not followed",
                    on_the_way.display()
                )));
            }
        }
        Ok(())
    }

    async fn write(&self, partial: &Path, mut content: Bytestream) -> Result<u64, TargetError> {
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(partial)
            .await
            .map_err(|e| explain(partial, &e))?;
        let (mut bytes, mut synced) = (0, 0);
        while let Some(piece) = content.next().await {
            let piece = piece.map_err(|error| {
                TargetError::Failed(format!("what was to be written to {} broke off: {error}", partial.display()))
            })?;
            file.write_all(&piece).await.map_err(|e| explain(partial, &e))?;
            bytes += piece.len() as u64;
            if bytes - synced >= SYNC_EVERY {
                file.sync_data().await.map_err(|e| explain(partial, &e))?;
                synced = bytes;
            }
        }
        file.sync_all().await.map_err(|e| explain(partial, &e))?;
        forget(&file);
        Ok(bytes)
    }

    /// A new name is only safe once its directory is synced, and so on up to the root, or to what was there before this
    /// `put`.
    async fn sync_directories(&self, path: &Path, there: &Path) -> Result<(), TargetError> {
        let top = if there.starts_with(&self.root) { &self.root } else { there };
        for directory in path.ancestors().skip(1).take_while(|up| up.starts_with(top)) {
            match sync_directory(directory).await {
                // Network and FUSE file systems that cannot sync a directory keep names by themselves.
                Err(error) if matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::Unsupported) => {}
                // Not the console's own: it may not even be readable.
                Err(_) if !directory.starts_with(&self.root) => {}
                done => done.map_err(|e| explain(directory, &e))?,
            }
        }
        Ok(())
    }
}

/// The lowest one that is there.
async fn existing(directory: &Path) -> &Path {
    for up in directory.ancestors() {
        if tokio::fs::try_exists(up).await.unwrap_or(false) {
            return up;
        }
    }
    directory
}

async fn sync_directory(directory: &Path) -> Result<(), Error> {
    File::open(directory).await?.sync_all().await
}

/// So that reading it back reads the disk, not the memory it was written from. Only advice: what fails here changes
/// nothing.
fn forget(file: &File) {
    let _advised = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::DontNeed);
}

/// Removes the half-written file, also when the caller gives up in the middle.
struct Partial {
    path: PathBuf,
    committed: bool,
}

impl Drop for Partial {
    fn drop(&mut self) {
        if !self.committed
            && let Err(error) = std::fs::remove_file(&self.path)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(path = %self.path.display(), %error, "could not remove a partial file");
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
        self.no_link_on_the_way_to(&path).await?;
        let directory = path.parent().unwrap_or(&self.root);
        let there = existing(directory).await;
        DirBuilder::new().recursive(true).mode(0o700).create(directory).await.map_err(|e| explain(directory, &e))?;
        let mut name = path.file_name().unwrap_or_default().to_os_string();
        name.push(PARTIAL);
        let mut partial = Partial { path: path.with_file_name(name), committed: false };
        let bytes = self.write(&partial.path, content).await?;
        tokio::fs::rename(&partial.path, &path).await.map_err(|e| explain(&path, &e))?;
        partial.committed = true;
        self.sync_directories(&path, there).await?;
        Ok(bytes)
    }

    async fn get(&self, key: &str) -> Result<Bytestream, TargetError> {
        let file = self.open(key).await?;
        if !file.metadata().await.map_err(|error| explain(&self.root.join(key), &error))?.is_file() {
            return Err(TargetError::Missing(key.into()));
        }
        Ok(ReaderStream::with_capacity(file, PIECE).into_stream().boxed())
    }

    async fn size(&self, key: &str) -> Result<u64, TargetError> {
        let path = self.path(key)?;
        self.no_link_on_the_way_to(&path).await?;
        match tokio::fs::symlink_metadata(&path).await {
            Ok(seen) if seen.is_file() => Ok(seen.len()),
            Err(error) if error.kind() != ErrorKind::NotFound => Err(explain(&path, &error)),
            _ => Err(TargetError::Missing(key.into())),
        }
    }

    async fn remove(&self, prefix: &str) -> Result<(), TargetError> {
        let path = self.path(prefix.trim_end_matches('/'))?;
        self.no_link_on_the_way_to(path.parent().unwrap_or(&self.root)).await?;
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
        self.no_link_on_the_way_to(&path).await?;
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
