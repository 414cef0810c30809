//! Deployments that are made and deleted.

use super::body::Body;
use super::shapes::Queued;
use super::{Answer, deployment};
use crate::http::problem::Details;
use crate::site::Site;
use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use domain::host::HostId;
use domain::new_deployment::{NewDeployment, Request};
use domain::text::Reason;
use ops::Actor;
use ops::use_cases::deployments::{CreateDeployment, DeleteDeployment, PreviewDeployment};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A deployment to make. What is left out is what is usual.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct New {
    /// Also of the container.
    name: String,
    /// `development`, `staging` or `production`, which it is when absent.
    #[serde(default)]
    environment: String,
    /// `neo4j:5.26.5`; in production with a full version.
    image: String,
    /// The licence of Neo4j Enterprise.
    #[serde(default)]
    accept_license: bool,
    /// Of the container: `4g`.
    limit: String,
    /// As Neo4j recommends for the limit when absent; so is the page cache.
    #[serde(default)]
    heap: String,
    #[serde(default)]
    page_cache: String,
    /// `{name}-data` when absent. It must not exist; so for the logs.
    #[serde(default)]
    data_volume: String,
    #[serde(default)]
    logs_volume: String,
    /// A Docker network that exists.
    #[serde(default)]
    network: String,
    /// Of the Docker host, where the ports are published; 127.0.0.1 when absent.
    #[serde(default)]
    address: String,
    /// A free one when absent; so for HTTP.
    #[serde(default)]
    bolt_port: Option<u32>,
    #[serde(default)]
    http_port: Option<u32>,
    /// Of the Neo4j user `neo4j`. Not needed with `dry_run`.
    #[serde(default)]
    #[schema(format = Password)]
    password: String,
    #[serde(default)]
    reason: String,
    /// Only tells what would be made.
    #[serde(default)]
    dry_run: bool,
}

impl New {
    fn wanted(&self) -> Answer<NewDeployment> {
        let port = |port: Option<u32>| port.map(|port| port.to_string()).unwrap_or_default();
        let request = Request {
            name: &self.name,
            environment: &self.environment,
            image: &self.image,
            accepts_licence: self.accept_license,
            limit: &self.limit,
            heap: &self.heap,
            page_cache: &self.page_cache,
            data_volume: &self.data_volume,
            logs_volume: &self.logs_volume,
            network: &self.network,
            address: &self.address,
            bolt_port: &port(self.bolt_port),
            http_port: &port(self.http_port),
        };
        Ok(request.parse()?)
    }
}

/// What would be made.
#[derive(Serialize, ToSchema)]
pub struct Preview {
    /// The same as a Compose file, without the password.
    compose: String,
    warnings: Vec<String>,
    /// Whether the engine has the image already.
    image_here: bool,
}

/// Make a deployment: volumes and a container of its own. With `dry_run` it is only told what would be made.
#[utoipa::path(post, path = "/deployments/new", tag = "deployments", request_body = New, responses((status = 200, body = Preview, description = "with dry_run"), (status = 202, body = Queued), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn create(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Body(new): Body<New>,
) -> Answer<Response> {
    let (host, wanted) = (HostId::local(), new.wanted()?);
    if new.dry_run {
        let plan = site.console.ask(&actor, PreviewDeployment { host, wanted }).await?;
        let preview = Preview { compose: plan.compose, warnings: plan.warnings, image_here: plan.image_here };
        return Ok(Json(preview).into_response());
    }
    let reason = Reason::optional(&new.reason)?;
    let create = CreateDeployment { host, wanted, password: new.password, reason };
    let job = site.console.perform(&actor, create).await?;
    Ok((StatusCode::ACCEPTED, Json(Queued { job: job.0 })).into_response())
}

/// What is deleted.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Delete {
    /// The deployment's name.
    confirm: String,
    /// The volumes of its data and logs, too. Wants a verified backup of the last 24 hours.
    #[serde(default)]
    with_data: bool,
    #[serde(default)]
    reason: String,
}

/// Delete its container and, where that is asked for, its data. Its backups stay.
#[utoipa::path(delete, path = "/deployments/{name}", tag = "deployments", params(("name" = String, Path, description = "Of the deployment")), request_body = Delete, responses((status = 202, body = Queued), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn delete(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    Body(asked): Body<Delete>,
) -> Answer<impl IntoResponse> {
    let (with_data, confirm, reason) = (asked.with_data, asked.confirm, Reason::optional(&asked.reason)?);
    let delete = DeleteDeployment { deployment: deployment(&name)?, with_data, confirm, reason };
    let job = site.console.perform(&actor, delete).await?;
    Ok((StatusCode::ACCEPTED, Json(Queued { job: job.0 })))
}
