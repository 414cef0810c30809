//! Removing volumes, in memory.

use super::world::State;
use domain::container::VolumeName;
use ports::EngineError;

type Result<T> = std::result::Result<T, EngineError>;

/// Only one of the console's own.
pub fn remove(s: &mut State, name: &VolumeName) -> Result<()> {
    if s.volume_labels.remove(name.as_str()).is_some() {
        s.volumes.remove(name.as_str());
    }
    Ok(())
}

/// Whoever made it.
pub fn remove_foreign(s: &mut State, name: &VolumeName) -> Result<()> {
    if s.containers.values().any(|f| f.container.mounts.iter().any(|m| m.source_name() == name.as_str())) {
        return Err(EngineError::Conflict(format!("volume {name} is in use")));
    }
    s.volume_labels.remove(name.as_str());
    s.volumes.remove(name.as_str());
    Ok(())
}
