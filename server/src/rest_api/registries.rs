//! Sign-ins of registries.

use super::Answer;
use super::body::Body;
use crate::http::problem::Details;
use crate::site::Site;
use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use domain::registry_sign_in::{RegistryHost, RegistryPassword, RegistrySignIn, RegistryUser, View};
use ops::Actor;
use ops::use_cases::registries::{ListRegistries, RemoveRegistrySignIn, SaveRegistrySignIn};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A registry that the console signs in to. The password is never shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct RegistryRow {
    /// As names of images begin; Docker Hub is `docker.io`.
    #[schema(example = "registry.example.com:5000")]
    host: String,
    user: String,
    /// RFC 3339.
    saved_at: String,
}

impl From<View> for RegistryRow {
    fn from(one: View) -> Self {
        Self { host: one.host.to_string(), user: one.user.to_string(), saved_at: one.saved_at.to_rfc3339() }
    }
}

/// What the registry is told.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSignIn {
    user: String,
    /// Or an access token.
    password: String,
}

/// All registries with a sign-in, by host.
#[utoipa::path(get, path = "/registries", tag = "registries", responses((status = 200, body = [RegistryRow]), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn list(State(site): State<Site>, Extension(actor): Extension<Actor>) -> Answer<Json<Vec<RegistryRow>>> {
    let all = site.console.ask(&actor, ListRegistries {}).await?;
    Ok(Json(all.into_iter().map(Into::into).collect()))
}

/// Save the sign-in of a registry, in place of the one there is. Fails in words when the registry does not take it now.
#[utoipa::path(put, path = "/registries/{host}", tag = "registries", params(("host" = String, Path, description = "As names of images begin")), request_body = NewSignIn, responses((status = 204), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn save(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(host): Path<String>,
    Body(new): Body<NewSignIn>,
) -> Answer<StatusCode> {
    let sign_in = RegistrySignIn {
        host: RegistryHost::parse(&host)?,
        user: RegistryUser::parse(&new.user)?,
        password: RegistryPassword::parse(&new.password)?,
    };
    site.console.perform(&actor, SaveRegistrySignIn { sign_in }).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Ask the registry without a sign-in from now on.
#[utoipa::path(delete, path = "/registries/{host}", tag = "registries", params(("host" = String, Path, description = "As names of images begin")), responses((status = 204), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn remove(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(host): Path<String>,
) -> Answer<StatusCode> {
    let unknown = |_| ops::Error::not_found("sign-in of the registry", &host);
    let host = RegistryHost::parse(&host).map_err(unknown)?;
    site.console.perform(&actor, RemoveRegistrySignIn { host }).await?;
    Ok(StatusCode::NO_CONTENT)
}
