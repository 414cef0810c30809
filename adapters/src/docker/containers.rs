//! Looking at containers, starting, stopping, waiting for them.

use super::errors::{READ, WRITE, bounded, in_path};
use super::translate;
use bollard::Docker;
use bollard::errors::Error;
use bollard::models::{ContainerInspectResponse, ContainerSummary, ContainerUpdateBody};
use bollard::query_parameters::{
    InspectContainerOptions, ListContainersOptionsBuilder, RemoveContainerOptionsBuilder,
    RenameContainerOptionsBuilder, StartContainerOptions, StopContainerOptionsBuilder, WaitContainerOptions,
    WaitContainerOptionsBuilder,
};
use domain::container::{Container, ImageId, RestartPolicy};
use futures::{StreamExt, TryStreamExt, stream};
use ports::EngineError;
use std::collections::HashMap;
use std::time::Duration;

/// Inspects at once. More would crowd a small host, one by one is slow on a large one.
const AT_ONCE: usize = 8;

/// All of Neo4j, stopped ones too, by name. One that goes away meanwhile is left out.
pub async fn neo4j_containers(client: &Docker) -> Result<Vec<Container>, EngineError> {
    let options = ListContainersOptionsBuilder::new().all(true).build();
    let all = bounded("list containers (GET /containers/json)", READ, client.list_containers(Some(options))).await?;
    let ids: Vec<String> = all.into_iter().filter(may_be_neo4j).filter_map(|summary| summary.id).collect();
    let seen: Vec<Option<Container>> = stream::iter(ids)
        .map(|id| async move { gone_is_none(inspect(client, &id).await) })
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let mut found: Vec<Container> = seen.into_iter().flatten().filter(Container::is_neo4j).collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(found)
}

/// Coarse, to spare inspects; [`Container::is_neo4j`] decides. When a tag has moved on, the list names the image by id
/// only.
fn may_be_neo4j(summary: &ContainerSummary) -> bool {
    let image = summary.image.as_deref().unwrap_or_default();
    let labelled = summary.labels.as_ref().is_some_and(|labels| labels.contains_key("neo4j-console.neo4j"));
    let by_id = image.starts_with("sha256:") || (image.len() >= 12 && image.bytes().all(|b| b.is_ascii_hexdigit()));
    labelled || by_id || image.contains("neo4j")
}

fn gone_is_none<T>(answer: Result<T, EngineError>) -> Result<Option<T>, EngineError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(EngineError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the engine says of a container, by its id or name.
pub async fn described(client: &Docker, id: &str) -> Result<ContainerInspectResponse, EngineError> {
    let asked = format!("inspect a container (GET /containers/{id}/json)");
    bounded(&asked, READ, client.inspect_container(in_path(id)?, None::<InspectContainerOptions>)).await
}

/// A container by its id or name, with what its image says.
pub async fn inspect(client: &Docker, id: &str) -> Result<Container, EngineError> {
    let seen = described(client, id).await?;
    let image = match seen.image.as_deref().filter(|image| !image.is_empty()) {
        Some(image) => find_image(client, image).await?,
        None => None,
    };
    Ok(translate::container(seen, image.as_ref()))
}

/// An image by its id or name, as the engine has it.
pub async fn inspect_image(client: &Docker, id: &str) -> Result<bollard::models::ImageInspect, EngineError> {
    let asked = format!("inspect an image (GET /images/{id}/json)");
    bounded(&asked, READ, client.inspect_image(in_path(id)?)).await
}

/// As [`inspect_image`]; none when the engine does not have it.
pub async fn find_image(client: &Docker, id: &str) -> Result<Option<bollard::models::ImageInspect>, EngineError> {
    gone_is_none(inspect_image(client, id).await)
}

/// Whether these words still mean this image.
pub async fn image_exists_as(client: &Docker, reference: &str, id: &ImageId) -> Result<bool, EngineError> {
    Ok(find_image(client, reference).await?.is_some_and(|image| image.id.as_deref() == Some(id.as_str())))
}

/// 304, "already started", counts as success in bollard.
pub async fn start(client: &Docker, id: &str) -> Result<(), EngineError> {
    let asked = format!("start a container (POST /containers/{id}/start)");
    bounded(&asked, WRITE, client.start_container(in_path(id)?, None::<StartContainerOptions>)).await
}

/// SIGTERM, after `timeout` SIGKILL. A container that is stopped already is fine.
pub async fn stop(client: &Docker, id: &str, timeout: Duration) -> Result<(), EngineError> {
    let asked = format!("stop a container (POST /containers/{id}/stop)");
    let options = StopContainerOptionsBuilder::new().t(i32::try_from(timeout.as_secs()).unwrap_or(i32::MAX)).build();
    bounded(&asked, timeout.saturating_add(WRITE), client.stop_container(in_path(id)?, Some(options))).await
}

/// For the next end of its process; starts and stops nothing.
pub async fn set_restart_policy(client: &Docker, id: &str, policy: RestartPolicy) -> Result<(), EngineError> {
    let asked = format!("change the restart policy (POST /containers/{id}/update)");
    let change = ContainerUpdateBody { restart_policy: Some(translate::to_engine(policy)), ..Default::default() };
    bounded(&asked, WRITE, client.update_container(in_path(id)?, change)).await
}

/// Lets a paused container go on.
pub async fn unpause(client: &Docker, id: &str) -> Result<(), EngineError> {
    let asked = format!("unpause a container (POST /containers/{id}/unpause)");
    bounded(&asked, WRITE, client.unpause_container(in_path(id)?)).await
}

/// To the engine its own name is an error.
pub async fn rename(client: &Docker, id: &str, name: &str) -> Result<(), EngineError> {
    if described(client, id).await?.name.is_some_and(|now| now.trim_start_matches('/') == name) {
        return Ok(());
    }
    let asked = format!("rename a container (POST /containers/{id}/rename)");
    let options = RenameContainerOptionsBuilder::new().name(name).build();
    bounded(&asked, WRITE, client.rename_container(id, options)).await
}

/// Never by force, and without `v`: that could delete volumes another container has by now.
pub async fn remove_stopped(client: &Docker, id: &str) -> Result<(), EngineError> {
    let asked = format!("remove a container (DELETE /containers/{id})");
    let options = RemoveContainerOptionsBuilder::new().force(false).v(false).build();
    match bounded(&asked, WRITE, client.remove_container(in_path(id)?, Some(options))).await {
        Err(EngineError::NotFound(_)) => Ok(()),
        Err(EngineError::Conflict(why)) if why.contains("already in progress") => until_removed(client, id).await,
        other => other,
    }
}

/// Somebody else removes it already. Gone is gone, whatever the answer says.
pub async fn until_removed(client: &Docker, name: &str) -> Result<(), EngineError> {
    let asked = format!("wait for a removal (POST /containers/{name}/wait)");
    let mut answers =
        client.wait_container(name, Some(WaitContainerOptionsBuilder::new().condition("removed").build()));
    bounded(&asked, WRITE, async { Ok(answers.next().await) }).await.map(|_| ())
}

/// Of all kinds; a name once.
pub async fn running_on(client: &Docker, volume: &str) -> Result<Vec<String>, EngineError> {
    let options = ListContainersOptionsBuilder::new().filters(&HashMap::from([("volume", vec![volume])])).build();
    let found = bounded("list containers (GET /containers/json)", READ, client.list_containers(Some(options))).await?;
    // The engine's filter also finds what is mounted *at* such a path.
    let from = |one: &ContainerSummary| {
        one.mounts.iter().flatten().any(|m| m.name.as_deref() == Some(volume) || m.source.as_deref() == Some(volume))
    };
    Ok(found
        .into_iter()
        .filter(from)
        .filter_map(|one| Some(one.names?.first()?.trim_start_matches('/').to_string()))
        .collect())
}

/// The exit code. A container that was never started counts as ended with 0 to the engine.
pub async fn wait(client: &Docker, id: &str, limit: Duration) -> Result<i64, EngineError> {
    let asked = format!("wait for a container (POST /containers/{id}/wait)");
    let mut answers = client.wait_container(in_path(id)?, None::<WaitContainerOptions>);
    let answer = async {
        match answers.next().await {
            Some(Ok(end)) => Ok(Some(end.status_code)),
            // To bollard every exit code above 0 is an error.
            Some(Err(Error::DockerContainerWaitError { code, .. })) => Ok(Some(code)),
            Some(Err(error)) => Err(error),
            None => Ok(None),
        }
    };
    let ended = tokio::time::timeout(limit, bounded(&asked, Duration::MAX, answer)).await;
    match ended {
        Err(_) => Err(EngineError::Failed(format!("the container {id} did not end within {} s", limit.as_secs()))),
        Ok(code) => code?.ok_or_else(|| EngineError::Unreachable(format!("the connection ended ({asked})"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_coarse_filter_lets_through_whatever_may_be_neo4j() {
        let of = |image: &str| ContainerSummary { image: Some(image.into()), ..Default::default() };
        for yes in ["neo4j:5", "h:5000/team/neo4j", "sha256:0af", "0be9dbab75af"] {
            assert!(may_be_neo4j(&of(yes)), "{yes}");
        }
        assert!(!may_be_neo4j(&of("postgres:16")));
        let labelled = ContainerSummary {
            labels: Some([("neo4j-console.neo4j".to_string(), "true".to_string())].into()),
            ..of("graph:1")
        };
        assert!(may_be_neo4j(&labelled));
    }
}
