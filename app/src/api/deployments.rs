//! Deployments: the list, the overview, adopting, operating, forgetting.

use super::Timed;
use crate::problem::ApiError;
use domain::Problem;
use domain::deployment::DiscoveredContainer;
use domain::overview::{Overview, Summary};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::request::*;
use domain::{
    deployment::DeploymentName, environment::Environment, permission::Permission, scope::Scope, text::Reason,
};
use ops::Error;
use ops::use_cases::deployments as use_case;
use ops::use_cases::replaced;

/// What the first page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Home {
    pub deployments: Vec<Summary>,
    /// Only for those who may adopt; a silent Docker must not hide the list.
    pub found: Option<Result<Vec<DiscoveredContainer>, Problem>>,
}

/// The deployments (`deployment.view`), and the containers to adopt for those who may.
pub async fn list_deployments() -> Result<Timed<Home>, ApiError> {
    let visitor = reply(visitor())?;
    let deployments = ask(use_case::ListDeployments {}).await?;
    let found = match (&visitor.actor, console()) {
        (Some(actor), Ok(console)) if actor.may(Permission::DeploymentAdopt, &Scope::everywhere()) => {
            Some(console.ask(actor, use_case::Discover { now: false }).await.map_err(|e| e.problem()))
        }
        _ => None,
    };
    Ok(Timed { value: Home { deployments, found }, now: visitor.now })
}

/// The container one is about to adopt, with the name to propose.
pub async fn get_found(container: String) -> Result<Vec<DiscoveredContainer>, ApiError> {
    let all = ask(use_case::Discover { now: true }).await?;
    if container.is_empty() {
        return Ok(all);
    }
    let one: Vec<DiscoveredContainer> = all.into_iter().filter(|f| f.container == container).collect();
    if one.is_empty() { reply(Err(Error::not_found("container", container))) } else { Ok(one) }
}

/// Adopts a container with the credentials of a Neo4j user (`deployment.adopt`). An empty name is made from the
/// container's.
#[server(prefix = "/api/fn", endpoint = "adopt_deployment")]
pub async fn adopt_deployment(
    #[server(default)] container: String,
    #[server(default)] name: String,
    #[server(default)] user: String,
    #[server(default)] password: String,
    #[server(default)] environment: String,
) -> Result<(), ApiError> {
    let values = [
        ("container", container.as_str()),
        ("name", name.as_str()),
        ("user", user.as_str()),
        ("environment", environment.as_str()),
    ];
    let done = async {
        let name = if name.trim().is_empty() { None } else { Some(DeploymentName::parse(&name)?) };
        let adopted = perform(use_case::AdoptDeployment {
            host: domain::host::HostId::local(),
            container: container.clone(),
            user: user.clone(),
            password,
            name,
            environment: Environment::parse_or_default(&environment)?,
        })
        .await?;
        Ok(format!("/deployments/{adopted}?done=adopted"))
    };
    answer_form::<AdoptDeployment>(&values, done.await)
}

/// All that is known of a deployment (`deployment.view`), without its variables and labels.
pub async fn get_overview(name: String) -> Result<Overview, ApiError> {
    let query = reply(
        DeploymentName::parse(&name)
            .map(|deployment| use_case::GetOverview { deployment })
            .map_err(|_| Error::not_found("deployment", name)),
    )?;
    let mut overview = ask(query).await?;
    if let Some(container) = &mut overview.seen.container {
        // Whatever a page is given is in its source for all to read: variables hold passwords.
        container.env.clear();
        container.image_env.clear();
        container.labels.clear();
    }
    Ok(overview)
}

/// Looks at a deployment now, not at the next turn (`deployment.view`).
#[server(prefix = "/api/fn", endpoint = "refresh_deployment")]
pub async fn refresh_deployment(#[server(default)] name: String) -> Result<(), ApiError> {
    let done = async {
        let deployment = DeploymentName::parse(&name)?;
        let to = format!("/deployments/{deployment}?done=looked");
        console()?
            .ask(&visitor()?.actor.ok_or(Error::SignInNeeded)?, use_case::RefreshDeployment { deployment })
            .await?;
        Ok(to)
    };
    answer_form::<RefreshDeployment>(&[], done.await)
}

/// Says what a deployment is for (`deployment.adopt`).
#[server(prefix = "/api/fn", endpoint = "set_environment")]
pub async fn set_environment(
    #[server(default)] name: String,
    #[server(default)] environment: String,
) -> Result<(), ApiError> {
    let done = async {
        let deployment = DeploymentName::parse(&name)?;
        let environment = Environment::parse(&environment)?;
        perform(use_case::SetEnvironment { deployment: deployment.clone(), environment }).await?;
        Ok(format!("/deployments/{deployment}?done=environment"))
    };
    answer_form::<SetEnvironment>(&[("environment", &environment)], done.await)
}

/// Tries another Neo4j user or password and keeps it if Neo4j accepts it (`deployment.adopt`).
#[server(prefix = "/api/fn", endpoint = "renew_credentials")]
pub async fn renew_credentials(
    #[server(default)] name: String,
    #[server(default)] user: String,
    #[server(default)] password: String,
) -> Result<(), ApiError> {
    let done = async {
        let deployment = DeploymentName::parse(&name)?;
        perform(use_case::RenewCredentials { deployment: deployment.clone(), user: user.clone(), password }).await?;
        Ok(format!("/deployments/{deployment}?done=credentials"))
    };
    answer_form::<RenewCredentials>(&[("user", &user)], done.await)
}

/// Starts a job that starts, stops or restarts Neo4j, and goes to its page (`deployment.operate`).
#[server(prefix = "/api/fn", endpoint = "operate_deployment")]
pub async fn operate_deployment(
    #[server(default)] name: String,
    #[server(default)] operation: String,
    #[server(default)] reason: String,
) -> Result<(), ApiError> {
    let done = async {
        let operation = match operation.as_str() {
            "start" => domain::job::Operation::Start,
            "stop" => domain::job::Operation::Stop,
            "restart" => domain::job::Operation::Restart,
            _ => return Err(domain::Invalid::new("operation", "Choose start, stop or restart.").into()),
        };
        let deployment = DeploymentName::parse(&name)?;
        let job =
            perform(use_case::OperateDeployment { deployment, operation, reason: Reason::optional(&reason)? }).await?;
        Ok(format!("/jobs/{job}"))
    };
    answer_form::<OperateDeployment>(&[("reason", &reason)], done.await)
}

/// Accepts data that is not that of the backups (`backup.delete`). `confirm` is the typed name.
#[server(prefix = "/api/fn", endpoint = "accept_data")]
pub async fn accept_data(#[server(default)] name: String, #[server(default)] confirm: String) -> Result<(), ApiError> {
    let done = async {
        let deployment = DeploymentName::parse(&name)?;
        perform(replaced::AcceptData { deployment: deployment.clone(), confirm: confirm.clone() }).await?;
        Ok(format!("/deployments/{deployment}?done=data-accepted"))
    };
    answer_form::<AcceptData>(&[("confirm", &confirm)], done.await)
}

/// Forgets a deployment (`deployment.adopt`). Refused unless `confirm` is its name.
#[server(prefix = "/api/fn", endpoint = "forget_deployment")]
pub async fn forget_deployment(
    #[server(default)] name: String,
    #[server(default)] confirm: String,
) -> Result<(), ApiError> {
    let done = async {
        let deployment = DeploymentName::parse(&name)?;
        if confirm.trim() != deployment.as_str() {
            return Err(domain::Invalid::new("confirm", format!("Type {deployment} to confirm.")).into());
        }
        perform(use_case::ForgetDeployment { deployment }).await?;
        Ok("/?done=forgotten".to_string())
    };
    answer_form::<ForgetDeployment>(&[("confirm", &confirm)], done.await)
}
