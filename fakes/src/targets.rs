//! Targets that are opened by their place, in memory.

use super::MemoryTarget;
use domain::target::Place;
use ports::{Keys, OpenTarget, Target, TargetError};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// Targets in memory, one for each place somebody asked for.
#[derive(Default)]
pub struct MemoryTargets(Mutex<BTreeMap<String, Arc<MemoryTarget>>>);

impl MemoryTargets {
    /// Of this path or bucket.
    pub fn at(&self, place: &str) -> Arc<MemoryTarget> {
        self.0.lock().expect("targets").entry(place.into()).or_default().clone()
    }
}

impl OpenTarget for MemoryTargets {
    fn open(&self, place: &Place, _keys: Option<&Keys>) -> Result<Arc<dyn Target>, TargetError> {
        Ok(match place {
            Place::Directory { path, .. } => self.at(path),
            Place::S3(s3) => self.at(&s3.bucket),
        })
    }
}
