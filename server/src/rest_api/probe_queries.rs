//! Probe queries of a deployment.

use super::body::Body;
use super::{Answer, deployment};
use crate::http::problem::Details;
use crate::site::Site;
use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use domain::database::DatabaseName;
use domain::probe_query::{ProbeName, ProbeQuery, ProbeText};
use ops::Actor;
use ops::use_cases::probe_queries::{ListProbeQueries, RemoveProbeQuery, SaveProbeQuery, Saved};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A query that rehearsals run.
#[derive(Serialize, ToSchema)]
pub struct ProbeQueryDetail {
    name: String,
    database: String,
    query: String,
}

/// Its text, and where it runs.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProbeQuery {
    /// `neo4j` if it is left out.
    #[serde(default)]
    database: Option<String>,
    /// One statement of Cypher that only reads; at most 4,000 characters.
    #[schema(example = "MATCH (n:Person) RETURN count(n)")]
    query: String,
}

/// How it was saved.
#[derive(Serialize, ToSchema)]
pub struct SavedProbeQuery {
    /// Neo4j would run it, and it only reads. False: Neo4j did not answer.
    checked: bool,
}

impl From<ProbeQuery> for ProbeQueryDetail {
    fn from(probe: ProbeQuery) -> Self {
        let query = probe.query.as_str().into();
        Self { name: probe.name.to_string(), database: probe.database.to_string(), query }
    }
}

/// Probe queries of a deployment, by name.
#[utoipa::path(get, path = "/deployments/{name}/probe-queries", tag = "changes", params(("name" = String, Path, description = "Of the deployment")), responses((status = 200, body = [ProbeQueryDetail]), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn list(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
) -> Answer<Json<Vec<ProbeQueryDetail>>> {
    let all = site.console.ask(&actor, ListProbeQueries { deployment: deployment(&name)? }).await?;
    Ok(Json(all.into_iter().map(Into::into).collect()))
}

/// Add a probe query, or replace the one of its name.
#[utoipa::path(put, path = "/deployments/{name}/probe-queries/{query}", tag = "changes", params(("name" = String, Path, description = "Of the deployment"), ("query" = String, Path, description = "Its name")), request_body = NewProbeQuery, responses((status = 200, body = SavedProbeQuery), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn save(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path((name, query)): Path<(String, String)>,
    Body(new): Body<NewProbeQuery>,
) -> Answer<Json<SavedProbeQuery>> {
    let probe = ProbeQuery {
        name: ProbeName::parse(&query)?,
        database: new.database.as_deref().map(DatabaseName::parse).transpose()?.unwrap_or_default(),
        query: ProbeText::parse(&new.query)?,
    };
    let saved = site.console.perform(&actor, SaveProbeQuery { deployment: deployment(&name)?, probe }).await?;
    Ok(Json(SavedProbeQuery { checked: saved == Saved::Checked }))
}

/// Remove a probe query.
#[utoipa::path(delete, path = "/deployments/{name}/probe-queries/{query}", tag = "changes", params(("name" = String, Path, description = "Of the deployment"), ("query" = String, Path, description = "Its name")), responses((status = 204), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn remove(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path((name, query)): Path<(String, String)>,
) -> Answer<StatusCode> {
    // A name that cannot exist does not exist.
    let of = ProbeName::parse(&query).map_err(|_| ops::Error::not_found("probe query", query))?;
    site.console.perform(&actor, RemoveProbeQuery { deployment: deployment(&name)?, name: of }).await?;
    Ok(StatusCode::NO_CONTENT)
}
