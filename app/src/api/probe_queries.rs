//! Probe queries of a deployment.

use super::request::*;
use crate::problem::ApiError;
use domain::database::DatabaseName;
use domain::deployment::DeploymentName;
use domain::probe_query::{ProbeName, ProbeQuery, ProbeText};
use leptos::prelude::*;
use ops::Error;
use ops::use_cases::probe_queries as use_case;

/// By name (`deployment.view`).
pub async fn list_probe_queries(deployment: String) -> Result<Vec<ProbeQuery>, ApiError> {
    let parsed = DeploymentName::parse(&deployment).map_err(|_| Error::not_found("deployment", deployment));
    ask(use_case::ListProbeQueries { deployment: reply(parsed)? }).await
}

/// Adds one, or puts it in place of the one of its name (`config.change`).
#[server(prefix = "/api/fn", endpoint = "save_probe_query")]
pub async fn save_probe_query(
    #[server(default)] deployment: String,
    #[server(default)] name: String,
    #[server(default)] database: String,
    #[server(default)] query: String,
) -> Result<(), ApiError> {
    let done = async {
        let deployment = DeploymentName::parse(&deployment)?;
        let probe = ProbeQuery {
            name: ProbeName::parse(&name)?,
            database: DatabaseName::parse(database.trim())?,
            query: ProbeText::parse(&query)?,
        };
        let saved = perform(use_case::SaveProbeQuery { deployment: deployment.clone(), probe }).await?;
        let done = match saved {
            use_case::Saved::Checked => "probe-saved",
            use_case::Saved::Unchecked => "probe-saved-unchecked",
        };
        Ok(format!("/deployments/{deployment}/probe-queries?done={done}"))
    };
    let values = [("name", name.as_str()), ("database", &database), ("query", &query)];
    answer_form::<SaveProbeQuery>(&values, done.await)
}

/// Removes one (`config.change`).
#[server(prefix = "/api/fn", endpoint = "remove_probe_query")]
pub async fn remove_probe_query(
    #[server(default)] deployment: String,
    #[server(default)] name: String,
) -> Result<(), ApiError> {
    let done = async {
        let deployment = DeploymentName::parse(&deployment)?;
        let remove = use_case::RemoveProbeQuery { deployment: deployment.clone(), name: ProbeName::parse(&name)? };
        perform(remove).await?;
        Ok(format!("/deployments/{deployment}/probe-queries?done=probe-removed"))
    };
    answer_form::<RemoveProbeQuery>(&[], done.await)
}
