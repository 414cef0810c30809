//! `/api/v1`: the main acts for programs. JSON, bearer tokens that carry their member's permissions, RFC 9457 problems.
//! The same use cases as the pages call; nothing is decided here.

mod backups;
mod body;
mod change_shapes;
mod changes;
mod deployments;
mod documentation;
mod download;
mod drills;
mod images;
mod jobs;
mod metrics;
mod new_channel;
mod new_deployments;
mod notification_shapes;
mod notifications;
mod pages;
mod probe_queries;
mod registries;
mod restores;
mod scan;
mod schedules;
mod shapes;
mod targets;
mod token;
mod tokens;
mod uploads;
mod words;

use crate::http::problem::Refused;
use crate::site::Site;
use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use axum::routing::{any, get};
use axum::{Json, Router};
use domain::Invalid;
use domain::deployment::DeploymentName;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

type Answer<T> = Result<T, Refused>;

/// Each path once, for the router and for the description: path, method and shapes stand on the handler.
fn routes() -> OpenApiRouter<Site> {
    documentation::begun()
        .routes(routes!(deployments::list, deployments::adopt))
        .routes(routes!(deployments::show, new_deployments::delete))
        .routes(routes!(new_deployments::create))
        .routes(routes!(deployments::set_environment))
        .routes(routes!(deployments::start))
        .routes(routes!(deployments::stop))
        .routes(routes!(deployments::restart))
        .routes(routes!(deployments::accept_data))
        .routes(routes!(backups::list, backups::start))
        .routes(routes!(changes::list, changes::start))
        .routes(routes!(changes::show))
        .routes(routes!(changes::revert))
        .routes(routes!(changes::rehearse))
        .routes(routes!(changes::recommendation))
        .routes(routes!(images::tags))
        .routes(routes!(drills::list, drills::start))
        .routes(routes!(restores::start))
        .routes(routes!(restores::undo))
        .routes(routes!(backups::show, backups::remove))
        .routes(routes!(backups::verify))
        .routes(routes!(backups::accept))
        .routes(routes!(download::serve))
        .routes(routes!(targets::list, targets::add))
        .routes(routes!(targets::remove))
        .routes(routes!(targets::test))
        .routes(routes!(registries::list))
        .routes(routes!(registries::save, registries::remove))
        .routes(routes!(scan::start))
        .routes(routes!(probe_queries::list))
        .routes(routes!(probe_queries::save, probe_queries::remove))
        .routes(routes!(schedules::list, schedules::add))
        .routes(routes!(schedules::change, schedules::remove))
        .routes(routes!(schedules::run))
        .routes(routes!(schedules::retention))
        .routes(routes!(schedules::pin, schedules::unpin))
        .routes(routes!(jobs::show))
        .routes(routes!(notifications::alarm, notifications::set_alarm))
        .routes(routes!(notifications::list, notifications::add))
        .routes(routes!(notifications::remove, notifications::change))
        .routes(routes!(notifications::test))
        .routes(routes!(notifications::deliveries))
        .routes(routes!(tokens::list))
        .routes(routes!(tokens::revoke))
        .routes(routes!(metrics::serve))
}

/// The uploads apart, because they take long and are large.
fn long_routes() -> OpenApiRouter<Site> {
    OpenApiRouter::new().routes(routes!(uploads::take))
}

/// The description of the API.
pub fn openapi() -> OpenApi {
    routes().merge(long_routes()).into_openapi()
}

/// All paths but the description itself need a token; it is asked for before anything is decoded, on unknown paths too.
pub fn router(site: &Site) -> Router {
    Router::from(routes())
        // Not a fallback: the pages' own would win over it.
        .route("/{*nowhere}", any(async || StatusCode::NOT_FOUND))
        .layer(from_fn_with_state(site.clone(), token::require))
        .route("/openapi.json", get(async || Json(openapi())))
        .with_state(site.clone())
}

/// Below `/api/v1`, as [`router`].
pub fn uploads(site: &Site) -> Router {
    Router::from(long_routes()).layer(from_fn_with_state(site.clone(), token::require)).with_state(site.clone())
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
