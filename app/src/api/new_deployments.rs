//! Deployments that are made and deleted, and what one is as a Compose file.

use super::request::*;
use crate::problem::ApiError;
use domain::deployment::DeploymentName;
use domain::host::HostId;
use domain::new_deployment::Request;
use domain::text::Reason;
use leptos::prelude::*;
use ops::Error;
use ops::use_cases::deployments as use_case;

/// Makes a deployment and goes to the page of the job (`deployment.adopt`).
#[server(prefix = "/api/fn", endpoint = "create_deployment")]
pub async fn create_deployment(
    #[server(default)] name: String,
    #[server(default)] environment: String,
    #[server(default)] image: String,
    #[server(default)] accept_license: String,
    #[server(default)] limit: String,
    #[server(default)] heap: String,
    #[server(default)] page_cache: String,
    #[server(default)] data_volume: String,
    #[server(default)] logs_volume: String,
    #[server(default)] network: String,
    #[server(default)] address: String,
    #[server(default)] bolt_port: String,
    #[server(default)] http_port: String,
    #[server(default)] password: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    let values = [
        ("name", name.as_str()),
        ("environment", &environment),
        ("image", &image),
        ("accept_license", &accept_license),
        ("limit", &limit),
        ("heap", &heap),
        ("page_cache", &page_cache),
        ("data_volume", &data_volume),
        ("logs_volume", &logs_volume),
        ("network", &network),
        ("address", &address),
        ("bolt_port", &bolt_port),
        ("http_port", &http_port),
        ("reason", &reason),
    ];
    let done = async {
        let request = Request {
            name: &name,
            environment: &environment,
            image: &image,
            accepts_licence: accept_license == "on",
            limit: &limit,
            heap: &heap,
            page_cache: &page_cache,
            data_volume: &data_volume,
            logs_volume: &logs_volume,
            network: &network,
            address: &address,
            bolt_port: &bolt_port,
            http_port: &http_port,
        };
        let (wanted, reason) = (request.parse()?, Reason::optional(&reason)?);
        let create = use_case::CreateDeployment { host: HostId::local(), wanted, password, reason };
        Ok(format!("/jobs/{}", perform(create).await?))
    };
    answer_form::<CreateDeployment>(&values, done.await)
}

/// Deletes a deployment and goes to the page of the job (`deployment.adopt`). `confirm` is the typed name.
#[server(prefix = "/api/fn", endpoint = "delete_deployment")]
pub async fn delete_deployment(
    #[server(default)] name: String,
    #[server(default)] with_data: String,
    #[server(default)] confirm: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    let values = [("with_data", with_data.as_str()), ("confirm", &confirm), ("reason", &reason)];
    let done = async {
        let deployment = DeploymentName::parse(&name)?;
        let (with_data, confirm, reason) = (with_data == "on", confirm.clone(), Reason::optional(&reason)?);
        let job = perform(use_case::DeleteDeployment { deployment, with_data, confirm, reason }).await?;
        Ok(format!("/jobs/{job}"))
    };
    answer_form::<DeleteDeployment>(&values, done.await)
}

/// What the container of a deployment is now, as a Compose file (`config.change`).
pub async fn get_compose_file(name: String) -> Result<String, ApiError> {
    let query = DeploymentName::parse(&name).map(|deployment| use_case::GetComposeFile { deployment });
    ask(reply(query.map_err(|_| Error::not_found("deployment", name)))?).await
}
