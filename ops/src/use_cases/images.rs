//! Images that a deployment may be changed to.

#[cfg(test)]
mod tests;

use super::changes::last_offline_ms;
use super::deployments::seen;
use crate::console::context::{Context, Query};
use crate::engine::containers;
use crate::error::{Error, Result};
use crate::store::DeploymentRow;
use domain::Problem;
use domain::container::Container;
use domain::deployment::DeploymentName;
use domain::image::tags::{ImageTag, listed};
use domain::image::{ImageReference, Release, catalogue};
use domain::page::Page;
use domain::permission::Permission;
use domain::registry_sign_in::RegistryHost;
use domain::scope::Subject;
use ports::{EngineError, RegistryError};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Tags of a repository from everybody who told some.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TagList {
    pub page: Page<ImageTag>,
    /// Why there are none of the registry, as sentences.
    pub registry_problem: Option<String>,
    /// The registry, where it wants a sign-in or another one.
    pub wants_sign_in: Option<RegistryHost>,
    /// Why nothing is known of what the Docker host has.
    pub engine_problem: Option<String>,
}

/// The image of a deployment, and what others there are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageView {
    /// As the container was made; `None` when it is gone.
    pub image: Option<String>,
    /// As the image tells.
    pub release: Option<Release>,
    pub tags: std::result::Result<TagList, Problem>,
    /// Why the console does not change this deployment itself.
    pub not_here: Option<Problem>,
    /// Of the last change.
    pub last_offline_ms: Option<u64>,
}

/// The image, from what was last seen, with the tags that have `find` in them.
pub struct GetImage {
    pub deployment: DeploymentName,
    pub find: String,
    /// From 1.
    pub page: u32,
}

impl Query for GetImage {
    const NEEDS: &'static [Permission] = &[Permission::DeploymentView];
    type Answer = ImageView;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<ImageView> {
        let row = cx.store().deployment(&self.deployment).await?;
        let seen = seen(cx, &row).await;
        let container = seen.container.as_ref();
        let last_offline_ms = last_offline_ms(cx, &self.deployment).await?;
        Ok(ImageView {
            image: container.map(|container| container.image.clone()),
            release: container.and_then(Container::image_release),
            tags: tags(cx, &row, container, &self.find, self.page).await.map_err(|error| error.problem()),
            not_here: container.and_then(|container| container.owner().applies_changes().err()),
            last_offline_ms,
        })
    }
}

/// Tags of the repository that the deployment's image is from. Works without the registry and without the engine.
pub struct ListTags {
    pub deployment: DeploymentName,
    /// Part of a tag; empty is all.
    pub find: String,
    /// From 1.
    pub page: u32,
}

impl Query for ListTags {
    const NEEDS: &'static [Permission] = &[Permission::DeploymentView];
    type Answer = TagList;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<TagList> {
        let row = cx.store().deployment(&self.deployment).await?;
        let seen = seen(cx, &row).await;
        tags(cx, &row, seen.container.as_ref(), &self.find, self.page).await
    }
}

async fn tags(
    cx: &Context<'_>,
    row: &DeploymentRow,
    container: Option<&Container>,
    find: &str,
    page: u32,
) -> Result<TagList> {
    let image = present_image(row, container)?;
    let (registry, local) = tokio::join!(registry_tags(cx, &image), local_tags(cx, row, &image));
    let instead = if image.is_official() {
        format!(" Listed is what the Docker host has, and what was published in {}.", catalogue::AS_OF)
    } else {
        " Listed is what the Docker host has.".into()
    };
    Ok(TagList {
        page: listed(&image, registry.as_deref().unwrap_or_default(), local.as_deref().unwrap_or_default(), find, page),
        wants_sign_in: registry.as_ref().err().filter(|error| wants_sign_in(error)).map(|_| RegistryHost::of(&image)),
        registry_problem: registry.err().map(|error| error.sentence() + &instead),
        engine_problem: local.err().map(|error| error.problem().to_string()),
    })
}

async fn registry_tags(cx: &Context<'_>, image: &ImageReference) -> std::result::Result<Arc<[String]>, RegistryError> {
    let sign_in = cx.state().registry_sign_in(image).await.map_err(|error| {
        let why = error.problem().title;
        RegistryError::Failed(why.trim_end_matches('.').into())
    })?;
    cx.registry_tags().of(cx.ports(), image, sign_in.as_ref()).await
}

const fn wants_sign_in(error: &RegistryError) -> bool {
    match error {
        RegistryError::Denied(_) | RegistryError::SignInRefused(_) => true,
        RegistryError::Unreachable(_)
        | RegistryError::NotFound(_)
        | RegistryError::TooMuch(_)
        | RegistryError::Failed(_) => false,
    }
}

fn present_image(row: &DeploymentRow, container: Option<&Container>) -> Result<ImageReference> {
    let container = container.ok_or_else(|| Error::from(containers::container_missing(row)))?;
    let nameless = || {
        Error::conflict(format!(
            "The container was made from {}, which names no repository, so there are no tags to list.",
            container.image
        ))
    };
    // An image's own id reads like a name with a tag.
    let named = Some(container.image.as_str()).filter(|image| !image.starts_with("sha256:"));
    named.and_then(|image| ImageReference::parse(image).ok()).ok_or_else(nameless)
}

async fn local_tags(
    cx: &Context<'_>,
    row: &DeploymentRow,
    image: &ImageReference,
) -> std::result::Result<Vec<String>, EngineError> {
    cx.ports().engines.of(&row.host)?.local_tags(image).await
}
