//! Changes of a deployment: plan, apply, read, take back.

use super::body::{Body, OptionalBody};
use super::change_shapes::{ChangeRow, PlanShape, QueuedChange};
use super::pages::{links, page, parameter};
use super::{Answer, deployment};
use crate::http::problem::Details;
use crate::site::Site;
use axum::Json;
use axum::extract::{Extension, Path, RawQuery, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::Invalid;
use domain::change::{ChangeId, ImageWanted, MemoryWanted};
use domain::image::ImageReference;
use domain::memory::{Recommendation, parse_size};
use domain::text::Reason;
use ops::Actor;
use ops::use_cases::changes::{
    Consent, GetChange, GetMemory, ListChanges, PreviewChange, Rehearse, StartChange, StartRehearsal, Wanted,
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Which part of the deployment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Memory,
    Image,
}

/// What to change, by its kind. Sizes as `600m` or `4g`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChange {
    kind: What,
    /// Initial and largest heap.
    #[serde(default)]
    heap: String,
    #[serde(default)]
    page_cache: String,
    /// Of the container; `none` takes it away. Absent, it stays as it is.
    #[serde(default)]
    limit: String,
    /// Of all transactions together; 0 is no limit. Absent, it stays as it is.
    #[serde(default)]
    transaction_total: String,
    /// End the JVM when its heap is full, so that the restart policy starts it again. Absent, it stays as it is.
    exit_on_out_of_memory: Option<bool>,
    /// Of kind `image`: `neo4j:5.26.5`.
    #[serde(default)]
    image: String,
    /// Of Neo4j Enterprise, where the deployment has not accepted it yet.
    #[serde(default)]
    accept_license: bool,
    /// Kept with the change and in the audit log.
    #[serde(default)]
    reason: String,
    /// Why an upgrade is applied that was not rehearsed in the last seven days.
    #[serde(default)]
    without_rehearsal: String,
    /// Answer with the plan and change nothing.
    #[serde(default)]
    dry_run: bool,
}

impl NewChange {
    fn wanted(&self) -> Result<Wanted, Invalid> {
        match self.kind {
            What::Memory if !self.image.is_empty() => Err(Invalid::new("image", "A change of memory has no image.")),
            What::Image if !(self.heap.is_empty() && self.page_cache.is_empty() && self.limit.is_empty()) => {
                Err(Invalid::new("heap", "A change of the image has no sizes."))
            }
            What::Image => {
                let reference = ImageReference::parse(&self.image)?;
                Ok(Wanted::Image(ImageWanted { reference, accepts_licence: self.accept_license }))
            }
            What::Memory => MemoryWanted::parse(
                &self.heap,
                &self.page_cache,
                &self.limit,
                &self.transaction_total,
                self.exit_on_out_of_memory,
            )
            .map(Wanted::Memory),
        }
    }
}

/// Change a deployment, or with `dry_run` answer (200) with the plan of it.
#[utoipa::path(post, path = "/deployments/{name}/changes", tag = "changes", params(("name" = String, Path)), request_body = NewChange, responses((status = 200, body = PlanShape), (status = 202, body = QueuedChange), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn start(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    Body(new): Body<NewChange>,
) -> Answer<Response> {
    let (deployment, wanted, reason) = (deployment(&name)?, new.wanted()?, Reason::optional(&new.reason)?);
    if new.dry_run {
        let plan = site.console.ask(&actor, PreviewChange { deployment, wanted }).await?;
        return Ok(Json(PlanShape::from(&plan)).into_response());
    }
    let consent = Consent::parse(&new.without_rehearsal, "")?;
    let start = StartChange { deployment, wanted, reason, consent };
    let (change, job) = site.console.perform(&actor, start).await?;
    Ok((StatusCode::ACCEPTED, Json(QueuedChange { change: change.0, job: job.0 })).into_response())
}

/// Changes of a deployment, newest first. `X-Total-Count` counts all; `Link` leads to the pages before and after.
#[utoipa::path(get, path = "/deployments/{name}/changes", tag = "changes", params(("name" = String, Path), ("page" = Option<u32>, Query, description = "From 1", minimum = 1)), responses((status = 200, body = [ChangeRow], headers(("X-Total-Count" = u64), ("Link" = String))), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn list(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer<impl IntoResponse> {
    let (deployment, page) = (deployment(&name)?, page(query.as_deref())?);
    let path = format!("/api/v1/deployments/{deployment}/changes?");
    let found = site.console.ask(&actor, ListChanges { deployment, page }).await?;
    let headers = links(&path, &found);
    Ok((headers, Json(found.items.into_iter().map(ChangeRow::from).collect::<Vec<_>>())))
}

fn number(id: &str) -> Answer<ChangeId> {
    Ok(id.parse().map(ChangeId).map_err(|_| ops::Error::not_found("change", id))?)
}

/// One change.
#[utoipa::path(get, path = "/deployments/{name}/changes/{id}", tag = "changes", params(("name" = String, Path), ("id" = i64, Path)), responses((status = 200, body = ChangeRow), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn show(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path((name, id)): Path<(String, String)>,
) -> Answer<Json<ChangeRow>> {
    let (deployment, change) = (deployment(&name)?, number(&id)?);
    let detail = site.console.ask(&actor, GetChange { deployment, change }).await?;
    Ok(Json(ChangeRow::from(detail.entry).stale(detail.stale)))
}

/// Which image to rehearse.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRehearsal {
    /// `neo4j:5.26.5`.
    image: String,
    /// Of Neo4j Enterprise, where the deployment has not accepted it yet.
    #[serde(default)]
    accept_license: bool,
}

/// Plan a change of the image and rehearse it: the newest verified backup is loaded, started, counted and checked with
/// the new image beside the deployment, which is not touched.
#[utoipa::path(post, path = "/deployments/{name}/rehearsals", tag = "changes", params(("name" = String, Path)), request_body = NewRehearsal, responses((status = 202, body = QueuedChange), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn rehearse(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    Body(new): Body<NewRehearsal>,
) -> Answer<impl IntoResponse> {
    let (deployment, reference) = (deployment(&name)?, ImageReference::parse(&new.image)?);
    let rehearse = Rehearse::Image(ImageWanted { reference, accepts_licence: new.accept_license });
    let (change, job) = site.console.perform(&actor, StartRehearsal { deployment, rehearse }).await?;
    Ok((StatusCode::ACCEPTED, Json(QueuedChange { change: change.0, job: job.0 })))
}

/// Why.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Revert {
    /// Kept with the change and in the audit log.
    #[serde(default)]
    reason: String,
    /// Why an upgrade is applied that was not rehearsed in the last seven days.
    #[serde(default)]
    without_rehearsal: String,
    /// The deployment's name, where an upgrade is taken back: the data from before it comes back as well.
    #[serde(default)]
    confirm: String,
}

/// Take an applied change back: a change of its own, planned from what is there now.
#[utoipa::path(post, path = "/deployments/{name}/changes/{id}/revert", tag = "changes", params(("name" = String, Path), ("id" = i64, Path)), request_body = Option<Revert>, responses((status = 202, body = QueuedChange), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn revert(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path((name, id)): Path<(String, String)>,
    OptionalBody(revert): OptionalBody<Revert>,
) -> Answer<impl IntoResponse> {
    let (deployment, reason) = (deployment(&name)?, Reason::optional(&revert.reason)?);
    let (wanted, consent) = (Wanted::Revert(number(&id)?), Consent::parse(&revert.without_rehearsal, &revert.confirm)?);
    let start = StartChange { deployment, wanted, reason, consent };
    let (change, job) = site.console.perform(&actor, start).await?;
    Ok((StatusCode::ACCEPTED, Json(QueuedChange { change: change.0, job: job.0 })))
}

/// What Neo4j recommends. Sizes in bytes.
#[derive(Debug, Serialize, ToSchema)]
pub struct Recommended {
    /// What is shared: the limit that was asked for, that of the container, or the Docker host's memory.
    total: u64,
    /// For the system and the JVM beside its heap.
    system: u64,
    heap: u64,
    page_cache: u64,
}

/// What Neo4j recommends for the container's limit, or another.
#[utoipa::path(get, path = "/deployments/{name}/memory/recommendation", tag = "changes", params(("name" = String, Path), ("limit" = Option<String>, Query, description = "As `4g`")), responses((status = 200, body = Recommended), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn recommendation(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
) -> Answer<Json<Recommended>> {
    let limit = match parameter(query.as_deref(), "limit").filter(|text| !text.is_empty()) {
        None => None,
        Some(text) => Some(
            parse_size(text)
                .filter(|bytes| *bytes > 0)
                .ok_or_else(|| Invalid::new("limit", "Write a size, for example 600m or 4g."))?,
        ),
    };
    let view = site.console.ask(&actor, GetMemory { deployment: deployment(&name)?, limit }).await?;
    let (Some(total), Some(Recommendation { system, heap, page_cache })) = (view.total, view.recommended) else {
        let why = "did not tell how much memory its host has. Ask for a limit.".into();
        return Err(ops::Error::Unavailable { what: "The Docker Engine", why }.into());
    };
    Ok(Json(Recommended { total, system, heap, page_cache }))
}
