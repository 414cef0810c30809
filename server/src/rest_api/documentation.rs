//! What `openapi.json` says besides the paths.

use crate::site::Site;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi, openapi};
use utoipa_axum::router::OpenApiRouter;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "neo4j-admin-console",
        version = "1",
        description = "List, adopt, start, stop, back up, schedule and restore Neo4j deployments. \
                       Tokens: neo4j-admin-console token create NAME."
    ),
    servers((url = "/api/v1")),
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

/// A router without paths whose description has all but them.
pub fn begun() -> OpenApiRouter<Site> {
    OpenApiRouter::with_openapi(Documentation::openapi())
}
