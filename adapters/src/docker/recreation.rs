//! A container made from another's description. It starts from the engine's own words and not from a model of them, so
//! what the console does not know is carried, too. What is sent is decided in [`description`], without the engine;
//! here it is asked and told.

mod config;
mod description;
mod endpoints;
mod facts;
mod mounts;
#[cfg(test)]
mod tests;

use super::containers::image_exists_as;
use super::errors::{READ, WRITE, bounded, in_path};
use super::{containers, networks, raw};
use bollard::Docker;
use bollard::models::{ContainerCreateBody, NetworkConnectRequest};
use bollard::query_parameters::{CreateContainerOptionsBuilder, InspectNetworkOptions};
use description::Description;
use domain::change::{Difference, ImageUse};
use domain::container::{ContainerId, ImageId};
use endpoints::Endpoint;
use facts::Facts;
use ports::{EngineError, Recreation};
use serde_json::{Value, json};

/// Makes the container on all its networks and starts nothing. One that could not join them all is removed again.
pub async fn recreate(client: &Docker, wanted: &Recreation) -> Result<ContainerId, EngineError> {
    let container = raw::inspect(client, wanted.of.as_str()).await?;
    let image = raw::image(client, text(&container["Image"])).await?;
    let image_words = image_words(client, &container, &wanted.differences).await?;
    let facts = Facts { container: &container, image: &image, image_words, api: api_version(client).await? };
    let description = Description::new(&facts, &wanted.differences);
    for network in description.networks() {
        exists(client, network).await?;
    }
    let id = create(client, &wanted.name, &description.body).await?;
    if let Err(error) = settle(client, &id, &description).await {
        // Best effort: the reason is what matters, and the name leads to what is left.
        let _left = containers::remove_stopped(client, id.as_str()).await;
        return Err(error);
    }
    Ok(id)
}

/// How the container will name its image: as people know it where that still means the same, else by its id.
async fn image_words(client: &Docker, container: &Value, all: &[Difference]) -> Result<String, EngineError> {
    let (reference, id) = match all.iter().find_map(facts::new_image) {
        Some(ImageUse { reference, id, .. }) => (reference.as_str(), id.clone()),
        None => (text(&container["Config"]["Image"]), Some(ImageId(text(&container["Image"]).into()))),
    };
    let Some(id) = id else {
        containers::inspect_image(client, reference).await?;
        return Ok(reference.into());
    };
    containers::inspect_image(client, id.as_str()).await?;
    let same = image_exists_as(client, reference, &id).await?;
    Ok(if same { reference.into() } else { id.to_string() })
}

/// Major and minor. An engine that tells none is taken for the oldest.
async fn api_version(client: &Docker) -> Result<(u32, u32), EngineError> {
    let version = bounded("ask for the version (GET /version)", READ, client.version()).await?;
    let parsed = version.api_version.as_deref().and_then(|text| text.split_once('.'));
    Ok(parsed.and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?))).unwrap_or_default())
}

/// The engine lets a container that does not run join a network that is not there, and fails when it starts.
async fn exists(client: &Docker, network: &str) -> Result<(), EngineError> {
    let asked = format!("inspect a network (GET /networks/{network})");
    let found = client.inspect_network(in_path(network)?, None::<InspectNetworkOptions>);
    bounded(&asked, READ, found).await.map(|_| ())
}

async fn create(client: &Docker, name: &str, body: &Value) -> Result<ContainerId, EngineError> {
    let options = CreateContainerOptionsBuilder::new().name(in_path(name)?).build();
    let client = raw::saying(client, body);
    let made = client.create_container(Some(options), ContainerCreateBody::default());
    Ok(ContainerId(bounded("create a container (POST /containers/create)", WRITE, made).await?.id))
}

/// What the creation could not say of its networks.
async fn settle(client: &Docker, id: &ContainerId, description: &Description) -> Result<(), EngineError> {
    for Endpoint { network, settings } in &description.connect {
        let asked = format!("join a network (POST /networks/{network}/connect)");
        let client = raw::saying(client, &json!({ "Container": id.as_str(), "EndpointConfig": settings }));
        let joined = client.connect_network(in_path(network)?, NetworkConnectRequest::default());
        bounded(&asked, WRITE, async { networks::settled(joined.await) }).await?;
    }
    if let Some(network) = &description.leave {
        networks::disconnect(client, id.as_str(), network).await?;
    }
    Ok(())
}

/// What is no text counts as empty.
fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
