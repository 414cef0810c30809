//! Targets by their place.

use super::named_directory::NamedDirectory;
use super::s3::S3Store;
use super::threaded_target::{Limits, ThreadedTarget, Threads};
use domain::target::Place;
use ports::{Keys, OpenTarget, Target, TargetError};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Makes the target of a place.
pub struct TargetFactory {
    /// The console's data, and its own backups.
    own: [PathBuf; 2],
    /// For the numbers of uploads under way.
    journals: PathBuf,
    /// Of each directory.
    threads: Mutex<BTreeMap<String, Arc<Threads>>>,
}

impl TargetFactory {
    /// `own`: data and backups of the console, where no target may be. `journals`: where S3 uploads are noted.
    pub fn new(own: [PathBuf; 2], journals: PathBuf) -> Self {
        Self { own: own.map(|path| std::path::absolute(&path).unwrap_or(path)), journals, threads: Mutex::default() }
    }

    /// A target may remove whatever lies below it. By the names alone: a look at a share that hangs would hang here.
    fn is_own(&self, path: &Path) -> bool {
        let [data, backups] = &self.own;
        data.starts_with(path) || backups.starts_with(path) || path.starts_with(backups)
    }

    fn threads(&self, path: &str) -> Result<Arc<Threads>, TargetError> {
        let mut all = self.threads.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(threads) = all.get(path) {
            return Ok(threads.clone());
        }
        let made = Threads::new(Limits::default())
            .map_err(|error| TargetError::Failed(format!("no thread for {path}: {error}")))?;
        Ok(all.entry(path.into()).or_insert(Arc::new(made)).clone())
    }
}

impl OpenTarget for TargetFactory {
    fn open(&self, place: &Place, keys: Option<&Keys>) -> Result<Arc<dyn Target>, TargetError> {
        Ok(match place {
            Place::Directory { path, .. } if self.is_own(Path::new(path)) => {
                return Err(TargetError::Failed(format!(
                    "{path} holds or is part of what the console itself keeps; choose another directory"
                )));
            }
            Place::Directory { path, mounted } => {
                Arc::new(ThreadedTarget::new(NamedDirectory::new(path, *mounted), self.threads(path)?))
            }
            Place::S3(s3) => Arc::new(S3Store::new(s3, keys, &self.journals)?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_target_lies_around_the_consoles_own_directories() {
        let factory =
            TargetFactory::new(["/var/lib/console".into(), "/srv/backups".into()], "/var/lib/console/uploads".into());
        for (path, good) in [
            ("/var/lib/console", false),
            ("/var/lib", false),
            ("/srv/backups", false),
            ("/srv/backups/more", false),
            ("/srv", false),
            ("/var/lib/console2", true),
            ("/srv/vault", true),
        ] {
            let opened = factory.open(&Place::Directory { path: path.into(), mounted: false }, None);
            assert_eq!(opened.is_ok(), good, "{path}");
        }
    }
}
