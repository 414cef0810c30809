//! Images that a deployment may be changed to.

use super::pages::{links, page, parameter};
use super::{Answer, deployment};
use crate::http::problem::Details;
use crate::site::Site;
use axum::Json;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::response::IntoResponse;
use domain::image::tags::ImageTag;
use ops::Actor;
use ops::use_cases::images::ListTags;
use percent_encoding::percent_decode_str;
use serde::Serialize;
use utoipa::ToSchema;

/// One tag of the repository.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagRow {
    tag: String,
    /// The whole reference.
    image: String,
    /// As the tag says it: `5.26.5`, `5.26`.
    version: Option<String>,
    /// `community` where the tag does not say.
    #[schema(example = "enterprise")]
    edition: &'static str,
    /// What follows version and edition: `ubi10`.
    suffix: Option<String>,
    /// A full version. Else it is another image tomorrow.
    pinned: bool,
    /// Who knows of it: `registry`, `local` (the Docker host), `catalogue` (the console itself).
    #[schema(example = json!(["registry", "local"]))]
    sources: Vec<&'static str>,
    /// The Docker host has it.
    here: bool,
    /// The deployment runs it now.
    present: bool,
}

impl From<ImageTag> for TagRow {
    fn from(one: ImageTag) -> Self {
        Self {
            here: one.here(),
            sources: one.sources.iter().map(|source| source.as_str()).collect(),
            edition: one.edition.as_str(),
            tag: one.tag,
            image: one.image,
            version: one.version,
            suffix: one.suffix,
            pinned: one.pinned,
            present: one.present,
        }
    }
}

/// Tags, and who could not be asked.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tags {
    tags: Vec<TagRow>,
    /// Why there are none of the registry; null when it answered, at most ten minutes ago.
    registry: Option<String>,
    /// Why it is not known what the Docker host has; null when it answered.
    engine: Option<String>,
}

/// Tags of the image's repository, newest version first; one that floats stands before the versions it may mean.
/// `X-Total-Count` counts all that were found; `Link` leads to the pages before and after.
#[utoipa::path(get, path = "/deployments/{name}/image/tags", tag = "changes", params(("name" = String, Path), ("q" = Option<String>, Query, description = "Part of a tag"), ("page" = Option<u32>, Query, description = "From 1", minimum = 1)), responses((status = 200, body = Tags, headers(("X-Total-Count" = u64), ("Link" = String))), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn tags(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer<impl IntoResponse> {
    let (deployment, page) = (deployment(&name)?, page(query.as_deref())?);
    let q = parameter(query.as_deref(), "q").unwrap_or_default();
    let path = format!("/api/v1/deployments/{deployment}/image/tags?q={q}&");
    let find = percent_decode_str(q).decode_utf8_lossy().into_owned();
    let found = site.console.ask(&actor, ListTags { deployment, find, page }).await?;
    let headers = links(&path, &found.page);
    let tags = found.page.items.into_iter().map(TagRow::from).collect();
    Ok((headers, Json(Tags { tags, registry: found.registry_problem, engine: found.engine_problem })))
}
