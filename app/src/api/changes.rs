//! Changes of a deployment: memory, plans, history, applying and taking back.

use super::Timed;
use super::request::*;
use crate::problem::ApiError;
use domain::change::{ChangeEntry, ChangeId, Drift, MemoryWanted, WITHOUT_REHEARSAL};
use domain::deployment::DeploymentName;
use domain::memory::parse_size;
use domain::page::Page;
use domain::text::Reason;
use leptos::prelude::*;
use ops::Error;
use ops::use_cases::changes as use_case;
pub use ops::use_cases::changes::{ChangeDetail, MemoryView};

/// Memory of a deployment with what Neo4j recommends for `limit` (`deployment.view`). What is no size is taken for
/// none: the page tells beside the field once it is sent.
pub async fn get_memory(deployment: String, limit: String) -> Result<Timed<MemoryView>, ApiError> {
    let limit = parse_size(&limit).filter(|bytes| *bytes > 0);
    let query = DeploymentName::parse(&deployment).map(|deployment| use_case::GetMemory { deployment, limit });
    ask_timed(query.map_err(|_| Error::not_found("deployment", deployment))).await
}

/// A page of the history, newest first (`deployment.view`).
pub async fn list_changes(deployment: String, page: u32) -> Result<Timed<Page<ChangeEntry>>, ApiError> {
    let query = DeploymentName::parse(&deployment).map(|deployment| use_case::ListChanges { deployment, page });
    ask_timed(query.map_err(|_| Error::not_found("deployment", deployment))).await
}

/// One change, and whether it may be applied now (`deployment.view`).
pub async fn get_change(deployment: String, change: String) -> Result<Timed<ChangeDetail>, ApiError> {
    let query = match (DeploymentName::parse(&deployment), change.parse()) {
        (Ok(deployment), Ok(id)) => Ok(use_case::GetChange { deployment, change: ChangeId(id) }),
        (Err(_), _) => Err(Error::not_found("deployment", deployment)),
        (_, Err(_)) => Err(Error::not_found("change", change)),
    };
    ask_timed(query).await
}

pub(super) async fn plan(deployment: &str, wanted: use_case::Wanted, reason: &str) -> Result<String, Error> {
    let deployment = DeploymentName::parse(deployment)?;
    let plan = use_case::PlanChange { deployment: deployment.clone(), wanted, reason: Reason::optional(reason)? };
    let id = perform(plan).await?;
    Ok(format!("/deployments/{deployment}/changes/{id}"))
}

/// Plans other sizes and goes to the plan (`config.change`). An empty limit is none; the other empty ones stay as they
/// are.
#[server(prefix = "/api/fn", endpoint = "plan_memory")]
pub async fn plan_memory(
    #[server(default)] deployment: String,
    #[server(default)] heap: String,
    #[server(default)] page_cache: String,
    #[server(default)] limit: String,
    #[server(default)] transaction_total: String,
    #[server(default)] exit_on_out_of_memory: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    let done = async {
        let limit = if limit.trim().is_empty() { "none" } else { &limit };
        let exit = Some(exit_on_out_of_memory == "on");
        let wanted = MemoryWanted::parse(&heap, &page_cache, limit, &transaction_total, exit)?;
        plan(&deployment, use_case::Wanted::Memory(wanted), &reason).await
    };
    let values = [
        ("heap", heap.as_str()),
        ("page_cache", &page_cache),
        ("limit", &limit),
        ("transaction_total", &transaction_total),
        ("exit_on_out_of_memory", &exit_on_out_of_memory),
        ("reason", &reason),
    ];
    answer_form::<PlanMemory>(&values, done.await)
}

/// Plans to take a change back and goes to the plan (`config.change`).
#[server(prefix = "/api/fn", endpoint = "plan_revert")]
pub async fn plan_revert(
    #[server(default)] deployment: String,
    #[server(default)] change: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    let done = async {
        let id = change.parse().map_err(|_| Error::not_found("change", change.as_str()))?;
        plan(&deployment, use_case::Wanted::Revert(ChangeId(id)), &reason).await
    };
    answer_form::<PlanRevert>(&[("reason", &reason)], done.await)
}

/// What was changed from outside (`deployment.view`).
pub async fn list_drift(deployment: String) -> Result<Vec<Drift>, ApiError> {
    let query = DeploymentName::parse(&deployment).map(|deployment| use_case::ListDrift { deployment });
    Ok(ask_timed(query.map_err(|_| Error::not_found("deployment", deployment))).await?.value)
}

/// Takes what was changed from outside for what is meant (`config.change`).
#[server(prefix = "/api/fn", endpoint = "accept_drift")]
pub async fn accept_drift(#[server(default)] deployment: String) -> Result<(), ApiError> {
    let done = async {
        let deployment = DeploymentName::parse(&deployment)?;
        perform(use_case::AcceptDrift { deployment: deployment.clone() }).await?;
        Ok(format!("/deployments/{deployment}/changes?done=drift-accepted"))
    };
    answer_form::<AcceptDrift>(&[], done.await)
}

/// Plans to put back what was changed from outside and goes to the plan (`config.change`).
#[server(prefix = "/api/fn", endpoint = "revert_drift")]
pub async fn revert_drift(#[server(default)] deployment: String) -> Result<(), ApiError> {
    answer_form::<RevertDrift>(&[], plan(&deployment, use_case::Wanted::RevertDrift, "").await)
}

/// Rehearses a planned change of the image and goes to the job (`config.change`).
#[server(prefix = "/api/fn", endpoint = "start_rehearsal")]
pub async fn start_rehearsal(
    #[server(default)] deployment: String,
    #[server(default)] change: String,
) -> Result<(), ApiError> {
    let done = async {
        let id = change.parse().map_err(|_| Error::not_found("change", change.as_str()))?;
        let (deployment, rehearse) = (DeploymentName::parse(&deployment)?, use_case::Rehearse::Planned(ChangeId(id)));
        let (_, job) = perform(use_case::StartRehearsal { deployment, rehearse }).await?;
        Ok(format!("/jobs/{job}"))
    };
    answer_form::<StartRehearsal>(&[], done.await)
}

/// Applies the plan that was shown and goes to its job (`config.change`).
#[server(prefix = "/api/fn", endpoint = "apply_change")]
pub async fn apply_change(
    #[server(default)] deployment: String,
    #[server(default)] change: String,
    #[server(default)] digest: String,
    #[server(default)] without_rehearsal: String,
    #[server(default)] confirm: String,
) -> Result<(), ApiError> {
    let done = async {
        let id = change.parse().map_err(|_| Error::not_found("change", change.as_str()))?;
        let deployment = DeploymentName::parse(&deployment)?;
        let consent = use_case::Consent::parse(&without_rehearsal, &confirm)?;
        let apply = use_case::ApplyChange { deployment, change: ChangeId(id), digest, consent };
        Ok(format!("/jobs/{}", perform(apply).await?))
    };
    answer_form::<ApplyChange>(&[(WITHOUT_REHEARSAL, &without_rehearsal), ("confirm", &confirm)], done.await)
}
