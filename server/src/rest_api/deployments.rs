//! Deployments: list, show, adopt, start, stop, restart.

use super::body::{Body, OptionalBody};
use super::shapes::{DeploymentDetail, DeploymentRow, Queued};
use super::{Answer, deployment};
use crate::http::problem::{Details, Refused};
use crate::site::Site;
use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use domain::deployment::DeploymentName;
use domain::environment::Environment;
use domain::job::Operation;
use domain::text::Reason;
use ops::Actor;
use ops::use_cases::deployments::{AdoptDeployment, GetOverview, ListDeployments, OperateDeployment, SetEnvironment};
use ops::use_cases::replaced::AcceptData;
use serde::Deserialize;
use utoipa::ToSchema;

/// A running Neo4j container to look after.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Adopt {
    /// Name or id of the container.
    container: String,
    /// The Neo4j user the console signs in as. It is tried once.
    username: String,
    #[schema(format = Password)]
    password: String,
    /// In the console; from the container when absent.
    #[serde(default)]
    name: Option<String>,
    /// `development`, `staging` or `production`, which it is when absent.
    #[serde(default)]
    environment: Option<String>,
}

/// Why, for the job and the audit log.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Why {
    #[serde(default)]
    pub reason: Option<String>,
}

impl Why {
    /// The reason, or an empty one; refused when it is too long.
    pub fn reason(&self) -> Answer<Reason> {
        Ok(Reason::optional(self.reason.as_deref().unwrap_or_default())?)
    }
}

/// All deployments.
#[utoipa::path(get, path = "/deployments", tag = "deployments", responses((status = 200, body = [DeploymentRow]), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn list(State(site): State<Site>, Extension(actor): Extension<Actor>) -> Answer<Json<Vec<DeploymentRow>>> {
    let rows = site.console.ask(&actor, ListDeployments {}).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// Adopt a Neo4j container.
#[utoipa::path(post, path = "/deployments", tag = "deployments", request_body = Adopt, responses((status = 201, body = DeploymentDetail, headers(("Location" = String))), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn adopt(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Body(adopt): Body<Adopt>,
) -> Answer<impl IntoResponse> {
    let name = adopt.name.as_deref().map(DeploymentName::parse).transpose()?;
    let environment = Environment::parse_or_default(adopt.environment.as_deref().unwrap_or_default())?;
    let change = AdoptDeployment {
        host: domain::host::HostId::local(),
        container: adopt.container,
        user: adopt.username,
        password: adopt.password,
        name,
        environment,
    };
    let name = site.console.perform(&actor, change).await.map_err(|error| username_field(&error))?;
    let location = format!("/api/v1/deployments/{name}");
    let overview = site.console.ask(&actor, GetOverview { deployment: name }).await?;
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(DeploymentDetail::from(overview))))
}

/// The use case calls the field `user`; this API calls it `username`.
fn username_field(error: &ops::Error) -> Refused {
    let mut problem = error.problem();
    for field in problem.fields.iter_mut().filter(|f| f.field == "user") {
        field.field = "username".into();
    }
    Refused(problem, None)
}

/// One deployment.
#[utoipa::path(get, path = "/deployments/{name}", tag = "deployments", params(("name" = String, Path, description = "Of the deployment")), responses((status = 200, body = DeploymentDetail), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn show(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
) -> Answer<Json<DeploymentDetail>> {
    let overview = site.console.ask(&actor, GetOverview { deployment: deployment(&name)? }).await?;
    Ok(Json(overview.into()))
}

/// The confirmation that the present data is to be kept.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    /// The deployment's name.
    confirm: String,
}

/// Keep the data it has now, although its backups are of other data (the finding `data_replaced`): those may then go as
/// their schedules say.
#[utoipa::path(post, path = "/deployments/{name}/accept-data", tag = "deployments", params(("name" = String, Path, description = "Of the deployment")), request_body = Accept, responses((status = 204), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn accept_data(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    Body(accept): Body<Accept>,
) -> Answer<StatusCode> {
    site.console.perform(&actor, AcceptData { deployment: deployment(&name)?, confirm: accept.confirm }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What a deployment is for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct For {
    /// `development`, `staging` or `production`.
    environment: String,
}

/// Say what it is for. In production an image must be named by a full version.
#[utoipa::path(put, path = "/deployments/{name}/environment", tag = "deployments", params(("name" = String, Path, description = "Of the deployment")), request_body = For, responses((status = 204), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn set_environment(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    Body(wanted): Body<For>,
) -> Answer<StatusCode> {
    let environment = Environment::parse(&wanted.environment)?;
    site.console.perform(&actor, SetEnvironment { deployment: deployment(&name)?, environment }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Start it.
#[utoipa::path(post, path = "/deployments/{name}/start", tag = "deployments", params(("name" = String, Path, description = "Of the deployment")), request_body = Option<Why>, responses((status = 202, body = Queued), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn start(
    site: State<Site>,
    actor: Extension<Actor>,
    name: Path<String>,
    why: OptionalBody<Why>,
) -> Answer<impl IntoResponse> {
    operate(site, actor, name, why, Operation::Start).await
}

/// Stop it cleanly.
#[utoipa::path(post, path = "/deployments/{name}/stop", tag = "deployments", params(("name" = String, Path, description = "Of the deployment")), request_body = Option<Why>, responses((status = 202, body = Queued), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn stop(
    site: State<Site>,
    actor: Extension<Actor>,
    name: Path<String>,
    why: OptionalBody<Why>,
) -> Answer<impl IntoResponse> {
    operate(site, actor, name, why, Operation::Stop).await
}

/// Stop it cleanly and start it again.
#[utoipa::path(post, path = "/deployments/{name}/restart", tag = "deployments", params(("name" = String, Path, description = "Of the deployment")), request_body = Option<Why>, responses((status = 202, body = Queued), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn restart(
    site: State<Site>,
    actor: Extension<Actor>,
    name: Path<String>,
    why: OptionalBody<Why>,
) -> Answer<impl IntoResponse> {
    operate(site, actor, name, why, Operation::Restart).await
}

async fn operate(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    OptionalBody(why): OptionalBody<Why>,
    operation: Operation,
) -> Answer<impl IntoResponse> {
    let change = OperateDeployment { deployment: deployment(&name)?, operation, reason: why.reason()? };
    let job = site.console.perform(&actor, change).await?;
    Ok((StatusCode::ACCEPTED, Json(Queued { job: job.0 })))
}
