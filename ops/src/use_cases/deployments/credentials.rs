//! The Neo4j credentials of a deployment, and whether they work.

use crate::console::context::{Change, Context};
use crate::engine::credentials::seal_context;
use crate::engine::graph;
use crate::error::Result;
use domain::Invalid;
use domain::container::{Container, ContainerId, RunState};
use domain::deployment::DeploymentName;
use domain::host::HostId;
use domain::permission::Permission;
use domain::problem::ProblemKind;
use domain::scope::Subject;
use domain::statements;
use domain::text::last_line;
use ports::{EngineError, GraphError};
use std::time::Duration;

/// For the one try of a password. Somebody waits for it; a server that has just started may need most of that.
const SIGN_IN: Duration = Duration::from_secs(30);

/// The container, if it is a running Neo4j; else a sentence for each case.
pub(super) async fn running(cx: &Context<'_>, host: &HostId, container: &str) -> Result<Container> {
    let wanted = container.trim();
    if wanted.is_empty() || wanted.len() > 255 {
        return Err(Invalid::new("container", "Write the name of a Neo4j container on this Docker host.").into());
    }
    let engine = cx.ports().engines.of(host)?;
    let found = match engine.inspect(&ContainerId(wanted.into())).await {
        Err(EngineError::NotFound(_)) => {
            return Err(Invalid::new(
                "container",
                format!("There is no container {wanted} on this Docker host. Check the list of found containers."),
            )
            .into());
        }
        other => other?,
    };
    if !found.is_neo4j() {
        return Err(Invalid::new(
            "container",
            format!(
                "{} runs the image {}, which is not Neo4j. Label it neo4j-console.neo4j=true if it is.",
                found.name, found.image
            ),
        )
        .into());
    }
    if found.run == RunState::Restarting {
        let log = engine.logs(&found.id, 20).await.unwrap_or_default();
        return Err(Invalid::new(
            "container",
            format!("{} keeps restarting. Last log line: {}", found.name, last_line(&log)),
        )
        .into());
    }
    if !found.run.is_running() {
        return Err(Invalid::new(
            "container",
            format!("{} is stopped. Start it first, so that the password can be checked.", found.name),
        )
        .into());
    }
    Ok(found)
}

pub(super) async fn try_credentials(
    cx: &Context<'_>,
    host: &HostId,
    container: &Container,
    user: &str,
    password: &str,
) -> Result<()> {
    if user.trim().is_empty() || user.len() > 255 {
        return Err(Invalid::new("user", "Write the Neo4j user, usually neo4j.").into());
    }
    if password.is_empty() || password.len() > 1024 {
        return Err(Invalid::new("password", "Write the Neo4j password of this user.").into());
    }
    let server = graph::server(cx.ports().engines.of(host)?.as_ref(), container, user.trim(), password).await;
    match cx.ports().graph.query(&server, "system", &[statements::IDENTITY], SIGN_IN).await {
        Ok(_) => Ok(()),
        Err(error @ (GraphError::Unauthorized | GraphError::RateLimited | GraphError::PasswordChangeRequired)) => {
            let mut problem = error.problem();
            problem.kind = ProblemKind::Invalid;
            problem.fields.push(Invalid::new("password", problem.title.clone()));
            Err(problem.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// New credentials for an adopted deployment, tried once.
pub struct RenewCredentials {
    pub deployment: DeploymentName,
    pub user: String,
    pub password: String,
}

impl Change for RenewCredentials {
    const NAME: &'static str = "renew credentials";
    const NEEDS: &'static [Permission] = &[Permission::DeploymentAdopt];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        self.deployment.to_string()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        let row = cx.store().deployment(&self.deployment).await?;
        let container = running(cx, &row.host, &row.container).await?;
        try_credentials(cx, &row.host, &container, &self.user, &self.password).await?;
        let sealed = cx.seal().seal(&seal_context(&row.name), &self.password)?;
        cx.store().set_credentials(&row.name, self.user.trim(), &sealed).await?;
        let row = cx.store().deployment(&self.deployment).await?;
        cx.observer().refresh(&row, cx.seal()).await;
        Ok(())
    }
}
