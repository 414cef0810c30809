//! Drills: start one, read the verdicts.

use super::body::OptionalBody;
use super::shapes::Queued;
use super::{Answer, deployment};
use crate::http::problem::Details;
use crate::site::Site;
use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use domain::backup::BackupId;
use domain::drill::Verdict;
use ops::Actor;
use ops::use_cases::drills::{ListDrills, StartDrill};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDrill {
    /// The newest verified one that has a copy which is not encrypted when absent.
    backup: Option<String>,
}

/// Whether a backup could be restored when it was tried.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerdictRow {
    job: i64,
    backup: Option<String>,
    /// State of the job; `succeeded` is a pass.
    state: String,
    passed: bool,
    started_at: DateTime<Utc>,
    ended_at: Option<DateTime<Utc>>,
    seconds: Option<i64>,
    nodes: Option<u64>,
    relationships: Option<u64>,
    problem: Option<String>,
}

impl From<Verdict> for VerdictRow {
    fn from(v: Verdict) -> Self {
        Self {
            job: v.job.0,
            passed: v.passed(),
            state: v.state.as_str().into(),
            backup: v.backup.map(|b| b.to_string()),
            started_at: v.started_at,
            ended_at: v.ended_at,
            seconds: v.ended_at.map(|end| (end - v.started_at).num_seconds()),
            nodes: v.nodes,
            relationships: v.relationships,
            problem: v.problem.map(|p| p.to_string()),
        }
    }
}

/// Rehearse a restore of a backup on a scratch server.
#[utoipa::path(post, path = "/deployments/{name}/drills", tag = "drills", params(("name" = String, Path)), request_body = Option<NewDrill>, responses((status = 202, body = Queued), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn start(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(name): Path<String>,
    OptionalBody(new): OptionalBody<NewDrill>,
) -> Answer<impl IntoResponse> {
    let unknown = |text: &str| ops::Error::not_found("backup", text);
    let backup = new.backup.as_deref().map(|text| BackupId::parse(text).map_err(|_| unknown(text))).transpose()?;
    let job = site.console.perform(&actor, StartDrill { deployment: deployment(&name)?, backup }).await?;
    Ok((StatusCode::ACCEPTED, Json(Queued { job: job.0 })))
}

/// The verdicts, newest first, at most a hundred.
#[utoipa::path(get, path = "/deployments/{name}/drills", tag = "drills", params(("name" = String, Path)), responses((status = 200, body = [VerdictRow]), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn list(State(site): State<Site>, Extension(actor): Extension<Actor>, Path(name): Path<String>) -> Answer<Json<Vec<VerdictRow>>> {
    let all = site.console.ask(&actor, ListDrills { deployment: deployment(&name)? }).await?;
    Ok(Json(all.into_iter().map(Into::into).collect()))
}
