//! Deployments: discovering, adopting, looking, starting and stopping, forgetting.

use crate::console::context::{Change, Context, Query};
use crate::engine::credentials::seal_about;
use crate::engine::freshness::freshness;
use crate::engine::graph;
use crate::engine::replaced::replaced;
use crate::error::{Error, Result};
use crate::jobs::operate;
use crate::jobs::queue::queue;
use crate::ports::{EngineError, GraphError};
use crate::store::DeploymentRow;
use domain::Invalid;
use domain::container::{Container, ContainerId, RunState};
use domain::deployment::{DeploymentName, Found, Observation};
use domain::finding::findings;
use domain::host::HostId;
use domain::job::JobId;
use domain::job::Operation;
use domain::overview::{Overview, State, Summary};
use domain::permission::Permission;
use domain::problem::ProblemKind;
use domain::replaced::Replaced;
use domain::scope::Subject;
use domain::text::{Reason, Tone, last_line};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// For the one try of a password.
const SIGN_IN: Duration = Duration::from_secs(10);
const RECENT_JOBS: u32 = 5;

/// Takes a running container into the console's care. Its Neo4j credentials are tried once.
pub struct AdoptDeployment {
    /// Whose engine runs the container.
    pub host: HostId,
    pub container: String,
    pub user: String,
    pub password: String,
    /// Made from the container's name when absent.
    pub name: Option<DeploymentName>,
}

impl Change for AdoptDeployment {
    const NAME: &'static str = "adopt deployment";
    const NEEDS: &'static [Permission] = &[Permission::DeploymentAdopt];
    type Outcome = DeploymentName;
    fn subject(&self) -> Subject {
        Subject::Host(self.host.clone())
    }
    fn target(&self) -> String {
        self.container.clone()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<DeploymentName> {
        let container = running(cx, &self.host, &self.container).await?;
        let name = match self.name {
            Some(name) => name,
            None => DeploymentName::parse(&proposed(&container.name))?,
        };
        free(cx, &name, &self.host, &container).await?;
        try_credentials(cx, &self.host, &container, &self.user, &self.password).await?;
        let sealed_password = cx.seal().seal(&seal_about(&name), &self.password)?;
        let row = DeploymentRow {
            name: name.clone(),
            host: self.host,
            container: container.name,
            neo4j_user: self.user.trim().into(),
            sealed_password,
        };
        cx.store().insert_deployment(&row, cx.now()).await?;
        cx.observer().look(&row, cx.seal()).await;
        Ok(name)
    }
}

/// The container, if it is a running Neo4j; else a sentence for each case.
async fn running(cx: &Context<'_>, host: &HostId, container: &str) -> Result<Container> {
    let wanted = container.trim();
    if wanted.is_empty() || wanted.len() > 255 {
        return Err(Invalid::new("container", "Write the name of a Neo4j container on this Docker host.").into());
    }
    let engine = cx.ports().engines.of(host)?;
    let found = match engine.inspect(&ContainerId(wanted.into())).await {
        Err(EngineError::NotFound(_)) => {
            return Err(Invalid::new(
                "container",
                format!("There is no container {wanted} on this Docker host. Look at the list of found containers."),
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
            format!("{} keeps restarting. Its last words: {}", found.name, last_line(&log)),
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

/// Refused before the password is tried, so that a typing mistake in the name costs no try.
async fn free(cx: &Context<'_>, name: &DeploymentName, host: &HostId, container: &Container) -> Result<()> {
    let rows = cx.store().deployments().await?;
    if let Some(row) = rows.iter().find(|r| &r.host == host && r.container == container.name) {
        return Err(Error::conflict(format!("The container {} is already adopted as {}.", container.name, row.name)));
    }
    if rows.iter().any(|r| &r.name == name) {
        return Err(Invalid::new("name", "There is already a deployment with this name. Choose another one.").into());
    }
    Ok(())
}

async fn try_credentials(
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
    match cx.ports().graph.query(&server, "system", &[graph::IDENTITY], SIGN_IN).await {
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
        let sealed = cx.seal().seal(&seal_about(&row.name), &self.password)?;
        cx.store().set_credentials(&row.name, self.user.trim(), &sealed).await?;
        let row = cx.store().deployment(&self.deployment).await?;
        cx.observer().look(&row, cx.seal()).await;
        Ok(())
    }
}

/// The console only: container, data and backups stay as they are.
#[derive(Serialize, Deserialize)]
pub struct ForgetDeployment {
    pub deployment: DeploymentName,
}

impl Change for ForgetDeployment {
    const NAME: &'static str = "forget deployment";
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
        if let Some(job) = cx.store().live_job(&row.name).await? {
            return Err(Error::Busy { job: job.id });
        }
        cx.store().delete_deployment(&row.name).await?;
        cx.observer().forget(&row.name);
        Ok(())
    }
}

/// Starts, stops or restarts with the clean-stop guard, as a job.
#[derive(Serialize, Deserialize)]
pub struct OperateDeployment {
    pub deployment: DeploymentName,
    pub operation: Operation,
    pub reason: Reason,
}

impl Change for OperateDeployment {
    const NAME: &'static str = "operate deployment";
    const NEEDS: &'static [Permission] = &[Permission::DeploymentOperate];
    type Outcome = JobId;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        format!("{} {}", self.operation.kind().as_str(), self.deployment)
    }
    fn reason(&self) -> String {
        self.reason.as_str().into()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<JobId> {
        match self.operation {
            Operation::Start => queue(cx, &self.deployment, &operate::Start {}, self.reason.as_str()).await,
            Operation::Stop => queue(cx, &self.deployment, &operate::Stop {}, self.reason.as_str()).await,
            Operation::Restart => queue(cx, &self.deployment, &operate::Restart {}, self.reason.as_str()).await,
        }
    }
}

/// Adopted deployments, as last seen.
pub struct ListDeployments {}

impl Query for ListDeployments {
    const NEEDS: &'static [Permission] = &[Permission::DeploymentView];
    type Answer = Vec<Summary>;
    fn subject(&self) -> Subject {
        Subject::Console
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Vec<Summary>> {
        let jobs = cx.store().live_jobs().await?;
        let mut all = Vec::new();
        for row in cx.store().deployments().await? {
            let seen = seen(cx, &row).await;
            let (freshness, last_verified) = freshness(cx.store(), &row.name, cx.now()).await?;
            let job = jobs.iter().find(|j| j.deployment == row.name).cloned();
            let mut found = findings(&seen, &freshness);
            found.splice(..0, replaced(cx.store(), &row.name, Some(&seen)).await?.map(|r| r.finding()));
            all.push(Summary {
                state: State::of(&seen, &found, job.as_ref().is_some_and(|j| j.state != domain::job::State::Stuck)),
                health: seen.health.clone(),
                version: seen.server.version,
                edition: seen.server.edition,
                image: seen.container.as_ref().map(|c| c.image.clone()).unwrap_or_default(),
                owner: seen.container.as_ref().map(Container::owner),
                worst: found.first().filter(|f| f.tone >= Tone::Warn).map(|f| f.what.clone()),
                last_verified,
                freshness,
                drills: cx.store().standing(&row.name).await?,
                job,
                seen_at: Some(seen.at),
                name: row.name,
            });
        }
        Ok(all)
    }
}

/// From memory; only right after a start of the console is there nothing yet.
async fn seen(cx: &Context<'_>, row: &DeploymentRow) -> Arc<Observation> {
    match cx.observer().last(&row.name) {
        Some(seen) => seen,
        None => cx.observer().look(row, cx.seal()).await,
    }
}

/// The overview of a deployment, as last seen.
pub struct GetOverview {
    pub deployment: DeploymentName,
}

impl Query for GetOverview {
    const NEEDS: &'static [Permission] = &[Permission::DeploymentView];
    type Answer = Overview;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Overview> {
        let row = cx.store().deployment(&self.deployment).await?;
        let seen = seen(cx, &row).await;
        let (freshness, last_verified) = freshness(cx.store(), &row.name, cx.now()).await?;
        let job = cx.store().live_job(&row.name).await?;
        let replaced = replaced(cx.store(), &row.name, Some(&seen)).await?;
        let findings = replaced.iter().map(Replaced::finding).chain(findings(&seen, &freshness)).collect::<Vec<_>>();
        Ok(Overview {
            state: State::of(&seen, &findings, job.as_ref().is_some_and(|j| j.state != domain::job::State::Stuck)),
            findings,
            replaced,
            owner: seen.container.as_ref().map(Container::owner),
            seen: (*seen).clone(),
            last_verified,
            freshness,
            drills: cx.store().standing(&row.name).await?,
            backups: cx.store().backup_count(Some(&row.name)).await?,
            restorable: cx.store().restorable_count(&row.name).await?,
            job,
            recent_jobs: cx.store().job_page(Some(&row.name), 1, RECENT_JOBS).await?.items,
            now: cx.now(),
            container_name: row.container,
            neo4j_user: row.neo4j_user,
            name: row.name,
        })
    }
}

/// Looks again now, for "Try again".
pub struct RefreshDeployment {
    pub deployment: DeploymentName,
}

impl Query for RefreshDeployment {
    const NEEDS: &'static [Permission] = &[Permission::DeploymentView];
    type Answer = ();
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<()> {
        let row = cx.store().deployment(&self.deployment).await?;
        cx.observer().look(&row, cx.seal()).await;
        Ok(())
    }
}

/// Neo4j containers that are not adopted.
pub struct Discover {
    /// Asks the engine now; else what it said in the last seconds will do.
    pub now: bool,
}

impl Query for Discover {
    const NEEDS: &'static [Permission] = &[Permission::DeploymentAdopt];
    type Answer = Vec<Found>;
    fn subject(&self) -> Subject {
        Subject::Console
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Vec<Found>> {
        let adopted = cx.store().deployments().await?;
        let mut found = vec![];
        for (host, _) in cx.ports().engines.all() {
            let observer = cx.observer();
            let listed = if self.now { observer.containers_now(host).await } else { observer.containers(host).await };
            let free = |c: &Container| !adopted.iter().any(|a| &a.host == host && a.container == c.name);
            found.extend(listed?.into_iter().filter(free).map(|c| Found {
                host: host.clone(),
                running: c.run.is_running(),
                owner: c.owner(),
                proposed_name: proposed(&c.name),
                container: c.name,
                image: c.image,
            }));
        }
        found.sort_by(|a, b| a.container.cmp(&b.container));
        Ok(found)
    }
}

/// A deployment's name made from a container's.
fn proposed(container: &str) -> String {
    let clean: String = container
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-'))
        .take(DeploymentName::MAX)
        .collect();
    let clean = clean.trim_start_matches(['.', '_', '-']);
    if clean.is_empty() { "neo4j".into() } else { clean.into() }
}
