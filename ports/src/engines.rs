//! The engines the console speaks to, one a host.

use super::engine::{ContainerEngine, EngineError};
use domain::host::HostId;
use std::collections::BTreeMap;
use std::sync::Arc;

/// All engines, by host. Cheap to clone.
#[derive(Clone)]
pub struct Engines(Arc<BTreeMap<HostId, Arc<dyn ContainerEngine>>>);

impl Engines {
    /// The engine that the console was started with, and no other.
    pub fn local(engine: Arc<dyn ContainerEngine>) -> Self {
        Self(Arc::new([(HostId::local(), engine)].into()))
    }

    /// The engine of a host.
    ///
    /// # Errors
    /// `Unreachable` when the console was started without that host.
    pub fn of(&self, host: &HostId) -> Result<&Arc<dyn ContainerEngine>, EngineError> {
        let why = || format!("the console was started without the Docker host {host}");
        self.0.get(host).ok_or_else(|| EngineError::Unreachable(why()))
    }

    /// All of them, by host.
    pub fn all(&self) -> impl Iterator<Item = (&HostId, &Arc<dyn ContainerEngine>)> {
        self.0.iter()
    }
}
