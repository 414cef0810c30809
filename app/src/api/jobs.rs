//! Jobs: the list, one of them, cancelling, trying an undo again.

use super::Timed;
use crate::problem::ApiError;
use domain::job::{JobBrief, JobView};
use domain::page::Page;
use leptos::prelude::*;

use super::request::*;
use domain::job::JobId;
use ops::Error;
use ops::use_cases::jobs as use_case;

/// A page of the jobs of all deployments, newest first (`job.view`).
pub async fn list_jobs(page: u32) -> Result<Timed<Page<JobBrief>>, ApiError> {
    ask_timed(Ok(use_case::ListJobs { deployment: None, page: page.max(1) })).await
}

/// One job with its steps and its log (`job.view`).
pub async fn get_job(id: String) -> Result<JobView, ApiError> {
    ask(use_case::GetJob { job: reply(job_id(&id))? }).await
}

/// Asks a job to stop before its next step; what it did is undone (`job.cancel`).
#[server(prefix = "/api/fn", endpoint = "cancel_job")]
pub async fn cancel_job(#[server(default)] job: String) -> Result<(), ApiError> {
    let done = async {
        let job = job_id(&job)?;
        perform(use_case::CancelJob { job }).await?;
        Ok(format!("/jobs/{job}"))
    };
    answer_form::<CancelJob>(&[], done.await)
}

/// Tries the undo of a stuck job again (`job.cancel`).
#[server(prefix = "/api/fn", endpoint = "retry_undo")]
pub async fn retry_undo(#[server(default)] job: String) -> Result<(), ApiError> {
    let done = async {
        let job = job_id(&job)?;
        perform(use_case::RetryUndo { job }).await?;
        Ok(format!("/jobs/{job}?done=retry"))
    };
    answer_form::<RetryUndo>(&[], done.await)
}

fn job_id(text: &str) -> Result<JobId, Error> {
    text.parse().map(JobId).map_err(|_| Error::not_found("job", text))
}
