//! As whom a command runs inside a container, and how much of what it prints is kept.

use super::errors::{READ, bounded, in_path};
use bollard::Docker;
use bollard::query_parameters::InspectContainerOptions;
use domain::storage;
use ports::EngineError;

/// Of what a command or a log printed, this much is kept.
pub const MAX_OUTPUT: usize = 1024 * 1024;

/// As the server's process; its files may be closed to everybody else. Root changes to neo4j, and so does this.
pub async fn user(client: &Docker, id: &str) -> Result<String, EngineError> {
    let asked = format!("inspect a container (GET /containers/{id}/json)");
    let seen = bounded(&asked, READ, client.inspect_container(in_path(id)?, None::<InspectContainerOptions>)).await?;
    let user = seen.config.and_then(|config| config.user).unwrap_or_default();
    Ok(storage::run_as(&user).map_or(user, |who| who.to_string()))
}
