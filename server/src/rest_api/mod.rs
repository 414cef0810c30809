//! `/api/v1`: the main acts for programs. JSON, bearer tokens that carry their member's permissions, RFC 9457 problems.
//! The same use cases as the pages call; nothing is decided here.

mod backups;
mod body;
mod deployments;
mod documentation;
mod download;
mod drills;
mod jobs;
mod metrics;
mod new_channel;
mod notification_shapes;
mod notifications;
mod pages;
mod restores;
mod scan;
mod schedules;
mod shapes;
mod targets;
mod token;
mod tokens;
mod uploads;

use crate::http::problem::Refused;
use crate::site::Site;
use axum::Router;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, delete, get, patch, post, put};
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
        .route("/deployments/{name}/accept-data", post(deployments::accept_data))
        .route("/deployments/{name}/backups", get(backups::list).post(backups::start))
        .route("/deployments/{name}/drills", get(drills::list).post(drills::start))
        .route("/deployments/{name}/restore", post(restores::start))
        .route("/deployments/{name}/restores/{job}/undo", post(restores::undo))
        .route("/backups/{id}", get(backups::show).delete(backups::remove))
        .route("/backups/{id}/verify", post(backups::verify))
        .route("/backups/{id}/accept", post(backups::accept))
        .route("/backups/{id}/download", get(download::serve))
        .route("/targets", get(targets::list).post(targets::add))
        .route("/targets/{name}", delete(targets::remove))
        .route("/targets/{name}/test", post(targets::test))
        .route("/targets/{name}/scan", post(scan::start))
        .route("/deployments/{name}/schedules", get(schedules::list).post(schedules::add))
        .route("/deployments/{name}/schedules/{schedule}", patch(schedules::change).delete(schedules::remove))
        .route("/deployments/{name}/schedules/{schedule}/run", post(schedules::run))
        .route("/deployments/{name}/retention", get(schedules::retention))
        .route("/backups/{id}/pin", put(schedules::pin).delete(schedules::unpin))
        .route("/jobs/{id}", get(jobs::show))
        .route("/deployments/{name}/alarm", get(notifications::alarm).patch(notifications::set_alarm))
        .route("/notifications/channels", get(notifications::list).post(notifications::add))
        .route("/notifications/channels/{name}", delete(notifications::remove).patch(notifications::change))
        .route("/notifications/channels/{name}/test", post(notifications::test))
        .route("/notifications/deliveries", get(notifications::deliveries))
        .route("/tokens", get(tokens::list))
        .route("/tokens/{id}", delete(tokens::revoke))
        .route("/metrics", get(metrics::serve))
        // Not a fallback: the pages' own would win over it.
        .route("/{*nowhere}", any(async || StatusCode::NOT_FOUND))
        .layer(from_fn_with_state(site.clone(), token::require))
        .route("/openapi.json", get(documentation::serve))
        .with_state(site.clone())
}

/// Apart, because it takes long and is large.
pub fn uploads(site: &Site) -> Router {
    Router::new()
        .route("/api/v1/uploads", post(uploads::take))
        .layer(from_fn_with_state(site.clone(), token::require))
        .with_state(site.clone())
}

/// `/metrics`, where watchers look for it, with the same token.
pub fn metrics(site: &Site) -> Router {
    Router::new()
        .route("/metrics", get(metrics::serve))
        .layer(from_fn_with_state(site.clone(), token::require))
        .with_state(site.clone())
}

/// A name that cannot exist does not exist: 404, as for one that was never adopted.
fn deployment(name: &str) -> Answer<DeploymentName> {
    let unknown = |_: Invalid| ops::Error::not_found("deployment", name);
    Ok(DeploymentName::parse(name).map_err(unknown)?)
}
