//! `/api/v1`: the main acts for programs. JSON, bearer tokens that carry their member's permissions, RFC 9457 problems. The same
//! use cases as the pages call; nothing is decided here.

mod backups;
mod body;
mod deployments;
mod documentation;
mod jobs;
mod restores;
mod schedules;
mod shapes;
mod token;

use crate::http::problem::Refused;
use crate::site::Site;
use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get, patch, post, put};
pub use documentation::openapi;
use domain::Invalid;
use domain::deployment::DeploymentName;

type Answer<T> = Result<T, Refused>;

/// All paths but the description itself need a token; it is asked for before anything is decoded, on unknown paths too.
pub fn router(site: &Site) -> Router {
    Router::new()
        .route("/deployments", get(deployments::list).post(deployments::adopt))
        .route("/deployments/{name}", get(deployments::show))
        .route("/deployments/{name}/start", post(deployments::start))
        .route("/deployments/{name}/stop", post(deployments::stop))
        .route("/deployments/{name}/restart", post(deployments::restart))
        .route("/deployments/{name}/backups", get(backups::list).post(backups::start))
        .route("/deployments/{name}/restore", post(restores::start))
        .route("/deployments/{name}/schedules", get(schedules::list).post(schedules::add))
        .route("/deployments/{name}/schedules/{schedule}", patch(schedules::change).delete(schedules::remove))
        .route("/deployments/{name}/schedules/{schedule}/run", post(schedules::run))
        .route("/deployments/{name}/retention", get(schedules::retention))
        .route("/backups/{id}/pin", put(schedules::pin).delete(schedules::unpin))
        .route("/jobs/{id}", get(jobs::show))
        // Not a fallback: the pages' own would win over it.
        .route("/{*nowhere}", any(async || StatusCode::NOT_FOUND))
        .layer(from_fn_with_state(site.clone(), token::require))
        .route("/openapi.json", get(documentation::serve))
        .with_state(site.clone())
}

/// A name that cannot exist does not exist: 404, as for one that was never adopted.
fn deployment(name: &str) -> Answer<DeploymentName> {
    let unknown = |_: Invalid| ops::Error::not_found("deployment", name);
    Ok(DeploymentName::parse(name).map_err(unknown)?)
}
