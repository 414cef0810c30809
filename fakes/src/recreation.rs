//! Containers made from another's description, in memory.

use super::world::{Fake, State};
use domain::change::Difference;
use domain::container::{Container, ContainerId, ImageId, RunState};
use ports::{EngineError, Recreation};

type Result<T> = std::result::Result<T, EngineError>;

/// Beside the other, never started.
pub fn recreate(s: &mut State, wanted: &Recreation) -> Result<ContainerId> {
    let of = s.containers.get(wanted.of.as_str()).cloned().ok_or_else(|| super::engine::no_container(&wanted.of))?;
    if s.containers.contains_key(&wanted.name) {
        return Err(EngineError::Conflict(format!("The container name \"/{}\" is already in use", wanted.name)));
    }
    let mut container = Container {
        name: wanted.name.clone(),
        run: RunState::Created,
        started_at: None,
        restarts: 0,
        ..of.container.clone()
    };
    wanted.differences.iter().for_each(|difference| alter(&mut container, difference));
    if container.image_id != of.container.image_id {
        take_variables(s, &mut container);
    }
    if !s.images.contains(&container.image_id.0) {
        return Err(EngineError::NotFound(format!("No such image: {}", container.image_id)));
    }
    Ok(s.containers.add(Fake { container, output: String::new(), ..of }).container.id.clone())
}

/// The new image's own, in place of the old one's.
fn take_variables(s: &State, container: &mut Container) {
    let before = std::mem::take(&mut container.image_env);
    container.env.retain(|pair| !before.contains(pair));
    container.image_env =
        super::pulls::find(s, container.image_id.as_str()).map(|image| image.variables).unwrap_or_default();
    container.env.extend(container.image_env.clone());
}

fn alter(container: &mut Container, difference: &Difference) {
    match difference.clone() {
        Difference::Image { after, .. } => {
            let id = after.id.unwrap_or_else(|| ImageId(after.reference.clone()));
            (container.image, container.image_id) = (after.reference, id);
        }
        Difference::Variable { name, after, .. } => {
            container.env.retain(|(one, _)| *one != name);
            container.env.extend(after.map(|value| (name, value)));
        }
        Difference::MemoryLimit { after, .. } => container.memory_limit = after,
        Difference::StopTimeout { after, .. } => container.stop_timeout = after,
    }
}

/// The least that the engine takes.
const LEAST: u64 = 6 << 20;

/// A limit is not taken away from a container that has one.
pub fn set_memory_limit(s: &mut State, id: &ContainerId, bytes: Option<u64>) -> Result<()> {
    let container = &mut s.containers.get_mut(id.as_str()).ok_or_else(|| super::engine::no_container(id))?.container;
    if bytes == container.memory_limit {
        return Ok(());
    }
    if bytes.is_none_or(|bytes| bytes < LEAST) {
        return Err(EngineError::Conflict("The engine cannot set this limit on a container that is there.".into()));
    }
    container.memory_limit = bytes;
    Ok(())
}

/// Never one that runs.
pub fn remove_stopped(s: &mut State, id: &ContainerId) -> Result<()> {
    let Some(name) = s.containers.name_of(id.as_str()) else { return Ok(()) };
    match s.containers.get(&name).map(|fake| fake.container.run.clone()) {
        Some(RunState::Running | RunState::Paused | RunState::Restarting) => {
            Err(EngineError::Conflict(format!("You cannot remove a running container {id}")))
        }
        Some(RunState::Created | RunState::Stopped { .. }) | None => {
            s.containers.remove(&name);
            Ok(())
        }
    }
}
