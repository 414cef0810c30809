//! Deployments: discovering, adopting, looking, starting and stopping, forgetting.

use crate::console::{Change, Query, Scene};
use crate::error::{Error, Result};
use crate::graph;
use crate::jobs::{self, operate};
use crate::notifications::freshness;
use crate::observe::seal_about;
use crate::ports::{EngineError, GraphError};
use crate::replaced::replaced;
use crate::store::DeploymentRow;
use domain::container::{Container, ContainerId, RunState};
use domain::deployment::{DeploymentName, Found, Observation, Overview, State, Summary};
use domain::finding::findings;
use domain::job::JobId;
use domain::permission::Permission;
use domain::problem::ProblemKind;
use domain::replaced::Replaced;
use domain::text::{Reason, Tone, last_line};
use domain::{Invalid, Problem};
use std::sync::Arc;
use std::time::Duration;

/// For the one try of a password.
const SIGN_IN: Duration = Duration::from_secs(10);
const RECENT_JOBS: u32 = 5;

/// Takes a running container into the console's care. Its Neo4j credentials are tried once.
pub struct AdoptDeployment {
    pub container: String,
    pub user: String,
    pub password: String,
    /// Made from the container's name when absent.
    pub name: Option<DeploymentName>,
}

impl Change for AdoptDeployment {
    const NAME: &'static str = "adopt deployment";
    const NEEDS: Permission = Permission::DeploymentAdopt;
    type Outcome = DeploymentName;
    fn target(&self) -> String {
        self.container.clone()
    }
    async fn apply(self, scene: &Scene<'_>) -> Result<DeploymentName> {
        let container = running(scene, &self.container).await?;
        let name = match self.name {
            Some(name) => name,
            None => DeploymentName::parse(&proposed(&container.name))?,
        };
        free(scene, &name, &container).await?;
        try_credentials(scene, &container, &self.user, &self.password).await?;
        let sealed_password = scene.seal().seal(&seal_about(&name), &self.password)?;
        let row = DeploymentRow { name: name.clone(), container: container.name, neo4j_user: self.user.trim().into(), sealed_password };
        scene.store().insert_deployment(&row, scene.now()).await?;
        scene.observer().look(&row, scene.seal()).await;
        Ok(name)
    }
}

/// The container, if it is a running Neo4j; else a sentence for each case.
async fn running(scene: &Scene<'_>, container: &str) -> Result<Container> {
    let wanted = container.trim();
    if wanted.is_empty() || wanted.len() > 255 {
        return Err(Invalid::new("container", "Write the name of a Neo4j container on this Docker host.").into());
    }
    let found = match scene.ports().engine.inspect(&ContainerId(wanted.into())).await {
        Err(EngineError::NotFound(_)) => {
            return Err(Invalid::new("container", format!("There is no container {wanted} on this Docker host. Look at the list of found containers.")).into());
        }
        other => other?,
    };
    if !found.is_neo4j() {
        return Err(Invalid::new(
            "container",
            format!("{} runs the image {}, which is not Neo4j. Label it neo4j-console.neo4j=true if it is.", found.name, found.image),
        )
        .into());
    }
    if found.run == RunState::Restarting {
        let log = scene.ports().engine.logs(&found.id, 20).await.unwrap_or_default();
        return Err(Invalid::new("container", format!("{} keeps restarting. Its last words: {}", found.name, last_line(&log))).into());
    }
    if !found.run.is_running() {
        return Err(Invalid::new("container", format!("{} is stopped. Start it first, so that the password can be checked.", found.name)).into());
    }
    Ok(found)
}

/// Refused before the password is tried, so that a typing mistake in the name costs no try.
async fn free(scene: &Scene<'_>, name: &DeploymentName, container: &Container) -> Result<()> {
    let rows = scene.store().deployments().await?;
    if let Some(row) = rows.iter().find(|r| r.container == container.name) {
        return Err(Error::conflict(format!("The container {} is already adopted as {}.", container.name, row.name)));
    }
    if rows.iter().any(|r| &r.name == name) {
        return Err(Invalid::new("name", "There is already a deployment with this name. Choose another one.").into());
    }
    Ok(())
}

async fn try_credentials(scene: &Scene<'_>, container: &Container, user: &str, password: &str) -> Result<()> {
    if user.trim().is_empty() || user.len() > 255 {
        return Err(Invalid::new("user", "Write the Neo4j user, usually neo4j.").into());
    }
    if password.is_empty() || password.len() > 1024 {
        return Err(Invalid::new("password", "Write the Neo4j password of this user.").into());
    }
    let server = graph::server(scene.ports().engine.as_ref(), container, user.trim(), password).await;
    match scene.ports().graph.query(&server, "system", &[graph::IDENTITY], SIGN_IN).await {
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
    const NEEDS: Permission = Permission::DeploymentAdopt;
    type Outcome = ();
    fn target(&self) -> String {
        self.deployment.to_string()
    }
    async fn apply(self, scene: &Scene<'_>) -> Result<()> {
        let row = scene.store().deployment(&self.deployment).await?;
        let container = running(scene, &row.container).await?;
        try_credentials(scene, &container, &self.user, &self.password).await?;
        let sealed = scene.seal().seal(&seal_about(&row.name), &self.password)?;
        scene.store().set_credentials(&row.name, self.user.trim(), &sealed).await?;
        let row = scene.store().deployment(&self.deployment).await?;
        scene.observer().look(&row, scene.seal()).await;
        Ok(())
    }
}

/// The console only: container, data and backups stay as they are.
pub struct ForgetDeployment {
    pub deployment: DeploymentName,
}

impl Change for ForgetDeployment {
    const NAME: &'static str = "forget deployment";
    const NEEDS: Permission = Permission::DeploymentAdopt;
    type Outcome = ();
    fn target(&self) -> String {
        self.deployment.to_string()
    }
    async fn apply(self, scene: &Scene<'_>) -> Result<()> {
        let row = scene.store().deployment(&self.deployment).await?;
        if let Some(job) = scene.store().live_job(&row.name).await? {
            return Err(Error::Busy { job: job.id });
        }
        scene.store().delete_deployment(&row.name).await?;
        scene.observer().forget(&row.name);
        Ok(())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    Start,
    Stop,
    Restart,
}

/// Starts, stops or restarts with the clean-stop guard, as a job.
pub struct OperateDeployment {
    pub deployment: DeploymentName,
    pub operation: Operation,
    pub reason: Reason,
}

impl Change for OperateDeployment {
    const NAME: &'static str = "operate deployment";
    const NEEDS: Permission = Permission::DeploymentOperate;
    type Outcome = JobId;
    fn target(&self) -> String {
        format!("{:?} {}", self.operation, self.deployment).to_lowercase()
    }
    fn reason(&self) -> String {
        self.reason.as_str().into()
    }
    async fn apply(self, scene: &Scene<'_>) -> Result<JobId> {
        jobs::queue(scene, operate::kind(self.operation), &self.deployment, &operate::Params {}, self.reason.as_str()).await
    }
}

/// Adopted deployments, as last seen.
pub struct ListDeployments {}

impl Query for ListDeployments {
    const NEEDS: Permission = Permission::DeploymentView;
    type Answer = Vec<Summary>;
    async fn answer(self, scene: &Scene<'_>) -> Result<Vec<Summary>> {
        let jobs = scene.store().live_jobs().await?;
        let mut all = Vec::new();
        for row in scene.store().deployments().await? {
            let seen = seen(scene, &row).await;
            let (freshness, last_verified) = freshness(scene.store(), &row.name, scene.now()).await?;
            let job = jobs.iter().find(|j| j.deployment == row.name).cloned();
            let mut found = findings(&seen, &freshness);
            found.splice(..0, replaced(scene.inner(), &row.name, Some(&seen)).await?.map(|r| r.finding()));
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
                drills: scene.store().standing(&row.name).await?,
                job,
                seen_at: Some(seen.at),
                name: row.name,
            });
        }
        Ok(all)
    }
}

/// From memory; only right after a start of the console is there nothing yet.
async fn seen(scene: &Scene<'_>, row: &DeploymentRow) -> Arc<Observation> {
    match scene.observer().last(&row.name) {
        Some(seen) => seen,
        None => scene.observer().look(row, scene.seal()).await,
    }
}

pub struct GetOverview {
    pub deployment: DeploymentName,
}

impl Query for GetOverview {
    const NEEDS: Permission = Permission::DeploymentView;
    type Answer = Overview;
    async fn answer(self, scene: &Scene<'_>) -> Result<Overview> {
        let row = scene.store().deployment(&self.deployment).await?;
        let seen = seen(scene, &row).await;
        let (freshness, last_verified) = freshness(scene.store(), &row.name, scene.now()).await?;
        let job = scene.store().live_job(&row.name).await?;
        let replaced = replaced(scene.inner(), &row.name, Some(&seen)).await?;
        let findings = replaced.iter().map(Replaced::finding).chain(findings(&seen, &freshness)).collect::<Vec<_>>();
        Ok(Overview {
            state: State::of(&seen, &findings, job.as_ref().is_some_and(|j| j.state != domain::job::State::Stuck)),
            findings,
            replaced,
            owner: seen.container.as_ref().map(Container::owner),
            seen: (*seen).clone(),
            last_verified,
            freshness,
            drills: scene.store().standing(&row.name).await?,
            backups: scene.store().backup_count(Some(&row.name)).await?,
            restorable: scene.store().restorable_count(&row.name).await?,
            job,
            recent_jobs: scene.store().job_page(Some(&row.name), 1, RECENT_JOBS).await?.items,
            now: scene.now(),
            container_name: row.container,
            neo4j_user: row.neo4j_user,
            name: row.name,
        })
    }
}

/// Looks again now, for "Try again".
pub struct LookAgain {
    pub deployment: DeploymentName,
}

impl Query for LookAgain {
    const NEEDS: Permission = Permission::DeploymentView;
    type Answer = ();
    async fn answer(self, scene: &Scene<'_>) -> Result<()> {
        let row = scene.store().deployment(&self.deployment).await?;
        scene.observer().look(&row, scene.seal()).await;
        Ok(())
    }
}

/// Neo4j containers that are not adopted.
pub struct Discover {
    /// Asks the engine now; else what it said in the last seconds will do.
    pub now: bool,
}

impl Query for Discover {
    const NEEDS: Permission = Permission::DeploymentAdopt;
    type Answer = Vec<Found>;
    async fn answer(self, scene: &Scene<'_>) -> Result<Vec<Found>> {
        let adopted = scene.store().deployments().await?;
        let containers = if self.now { scene.observer().containers_now().await? } else { scene.observer().containers().await? };
        let mut found: Vec<Found> = containers
            .into_iter()
            .filter(|c| !adopted.iter().any(|a| a.container == c.name))
            .map(|c| Found { running: c.run.is_running(), owner: c.owner(), proposed_name: proposed(&c.name), container: c.name, image: c.image })
            .collect();
        found.sort_by(|a, b| a.container.cmp(&b.container));
        Ok(found)
    }
}

/// A deployment's name made from a container's.
fn proposed(container: &str) -> String {
    let clean: String = container.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')).take(DeploymentName::MAX).collect();
    let clean = clean.trim_start_matches(['.', '_', '-']);
    if clean.is_empty() { "neo4j".into() } else { clean.into() }
}

/// The row and the container of a deployment, or the sentence that it is gone.
pub(crate) async fn with_container(scene: &Scene<'_>, name: &DeploymentName) -> Result<(DeploymentRow, Container)> {
    let row = scene.store().deployment(name).await?;
    match scene.ports().engine.inspect(&ContainerId(row.container.clone())).await {
        Ok(container) => Ok((row, container)),
        Err(EngineError::NotFound(_)) => Err(gone(&row).into()),
        Err(error) => Err(error.into()),
    }
}

pub(crate) fn gone(row: &DeploymentRow) -> Problem {
    Problem::new(ProblemKind::Conflict, format!("The container {} of {} is gone.", row.container, row.name))
        .means("Docker has no container of this name any more. Its volumes may still be there; nothing was changed.")
        .todo("Start it again where it was created: compose, Coolify, or docker run.")
        .todo("Then try again.")
}
