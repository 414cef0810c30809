//! The state of a job.

use super::Answer;
use super::shapes::Job;
use crate::http::problem::Details;
use crate::site::Site;
use axum::Json;
use axum::extract::{Extension, Path, State};
use domain::job::JobId;
use ops::Actor;
use ops::use_cases::jobs::GetJob;

/// One job. Ask again each second or two until `state` is neither `queued` nor `running`.
#[utoipa::path(get, path = "/jobs/{id}", tag = "jobs", params(("id" = i64, Path, description = "Of the job")), responses((status = 200, body = Job), (status = "default", body = Details, content_type = "application/problem+json")))]
pub async fn show(
    State(site): State<Site>,
    Extension(actor): Extension<Actor>,
    Path(id): Path<String>,
) -> Answer<Json<Job>> {
    let job = id.parse().map(JobId).map_err(|_| ops::Error::not_found("job", id))?;
    Ok(Json(site.console.ask(&actor, GetJob { job }).await?.into()))
}
