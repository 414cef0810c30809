//! Targets by their place.

use super::named_directory::NamedDirectory;
use super::s3::S3Store;
use domain::target::Place;
use ops::ports::{Keys, OpenTarget, Target, TargetError};
use std::path::PathBuf;
use std::sync::Arc;

pub struct Places {
    /// For the numbers of uploads under way.
    pub journals: PathBuf,
}

impl OpenTarget for Places {
    fn open(&self, place: &Place, keys: Option<&Keys>) -> Result<Arc<dyn Target>, TargetError> {
        Ok(match place {
            Place::Directory { path, mounted } => Arc::new(NamedDirectory::new(path, *mounted)),
            Place::S3(s3) => Arc::new(S3Store::new(s3, keys, &self.journals)?),
        })
    }
}
