//! Drills: the verdicts, how often, and starting one.

use super::Timed;
use crate::problem::ApiError;
use domain::drill::{DrillPlan, DrillResult};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::request::*;
use domain::{backup::BackupId, deployment::DeploymentName, drill::DrillInterval};
use ops::Error;
use ops::use_cases::drills as use_case;

/// What the page of drills shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drills {
    pub plan: DrillPlan,
    /// Newest first.
    pub verdicts: Vec<DrillResult>,
}

/// The latest drills of a deployment, at most 100, and how often they run (`backup.view`).
pub async fn list_drills(deployment: String) -> Result<Timed<Drills>, ApiError> {
    let name = reply(DeploymentName::parse(&deployment).map_err(|_| Error::not_found("deployment", deployment)))?;
    let plan = ask(use_case::GetDrillPlan { deployment: name.clone() }).await?;
    let list = ask_timed(Ok(use_case::ListDrills { deployment: name })).await?;
    Ok(Timed { value: Drills { plan, verdicts: list.value }, now: list.now })
}

/// Starts a drill of one backup, or of the newest that is verified and readable without an identity, and goes to its
/// job (`backup.run`).
#[server(prefix = "/api/fn", endpoint = "start_drill")]
pub async fn start_drill(
    #[server(default)] deployment: String,
    #[server(default)] backup: String,
) -> Result<(), ApiError> {
    let done = async {
        let backup = if backup.is_empty() { None } else { Some(BackupId::parse(&backup)?) };
        let job = perform(use_case::StartDrill { deployment: DeploymentName::parse(&deployment)?, backup }).await?;
        Ok(format!("/jobs/{job}"))
    };
    answer_form::<StartDrill>(&[], done.await)
}

/// Sets the days between two drills, at most 365; 0 plans none (`schedule.manage`).
#[server(prefix = "/api/fn", endpoint = "plan_drills")]
pub async fn plan_drills(
    #[server(default)] deployment: String,
    #[server(default)] every_days: String,
) -> Result<(), ApiError> {
    let done = async {
        let name = DeploymentName::parse(&deployment)?;
        // What is no number is as wrong as one that is too great.
        let every = DrillInterval::days(every_days.trim().parse().unwrap_or(u32::MAX))?;
        perform(use_case::PlanDrills { deployment: name.clone(), every }).await?;
        Ok(format!("/deployments/{name}/drills?done=drills-planned"))
    };
    answer_form::<PlanDrills>(&[("every_days", &every_days)], done.await)
}
