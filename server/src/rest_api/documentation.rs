//! `openapi.json`, made from what stands on the handlers.

use super::{
    backups, deployments, download, drills, jobs, metrics, notifications, restores, scan, schedules, targets, tokens,
    uploads,
};
use axum::Json;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi, openapi};

#[derive(OpenApi)]
#[openapi(
    info(title = "neo4j-admin-console", version = "1", description = "List, adopt, start, stop, back up, schedule and restore Neo4j deployments. Tokens: neo4j-admin-console token create NAME."),
    servers((url = "/api/v1")),
    paths(
        deployments::list,
        deployments::adopt,
        deployments::show,
        deployments::start,
        deployments::stop,
        deployments::restart,
        deployments::accept_data,
        backups::list,
        backups::start,
        backups::show,
        backups::remove,
        backups::verify,
        backups::accept,
        download::serve,
        uploads::take,
        drills::list,
        drills::start,
        targets::list,
        targets::add,
        targets::test,
        scan::start,
        targets::remove,
        restores::start,
        restores::undo,
        schedules::list,
        schedules::add,
        schedules::change,
        schedules::remove,
        schedules::run,
        schedules::retention,
        schedules::pin,
        schedules::unpin,
        jobs::show,
        notifications::list,
        notifications::add,
        notifications::change,
        notifications::remove,
        notifications::test,
        notifications::deliveries,
        notifications::alarm,
        notifications::set_alarm,
        tokens::list,
        tokens::revoke,
        metrics::serve
    ),
    security(("token" = [])),
    modifiers(&Token)
)]
struct Documentation;

struct Token;

impl Modify for Token {
    fn modify(&self, openapi: &mut openapi::OpenApi) {
        openapi
            .components
            .get_or_insert_default()
            .add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// The description of the API.
pub fn openapi() -> openapi::OpenApi {
    Documentation::openapi()
}

/// Open to all: it holds nothing private.
pub async fn serve() -> Json<openapi::OpenApi> {
    Json(openapi())
}
