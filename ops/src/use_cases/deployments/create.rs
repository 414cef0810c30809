//! Makes a new deployment.

use crate::console::context::{Change, Context, Query};
use crate::engine::credentials::seal_context;
use crate::error::Result;
use crate::jobs::create_deployment::{Params, may_be_made};
use crate::jobs::name_in_use;
use crate::jobs::queue;
use crate::store::DeploymentRow;
use domain::Invalid;
use domain::compose::compose_file;
use domain::deployment::DeploymentName;
use domain::host::HostId;
use domain::image::Release;
use domain::job::JobId;
use domain::new_deployment::{AUTH, NewDeployment, first_password};
use domain::permission::Permission;
use domain::scope::Subject;
use domain::text::Reason;
use serde::{Deserialize, Serialize};

/// The Neo4j user that a first password is for.
const FIRST_USER: &str = "neo4j";

/// What would be made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewDeploymentPlan {
    /// The same as a Compose file, without the password.
    pub compose: String,
    pub warnings: Vec<String>,
    /// Whether the engine has the image already.
    pub image_here: bool,
}

/// What a new deployment would be. Nothing is made or kept of it.
pub struct PreviewDeployment {
    pub host: HostId,
    pub wanted: NewDeployment,
}

impl Query for PreviewDeployment {
    const NEEDS: &'static [Permission] = &[Permission::DeploymentAdopt];
    type Answer = NewDeploymentPlan;
    fn subject(&self) -> Subject {
        Subject::Host(self.host.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<NewDeploymentPlan> {
        let release = is_possible(cx, &self.host, &self.wanted).await?;
        let host = cx.ports().engines.of(&self.host)?.host_memory().await.ok();
        let mut planned = self.wanted.plan(release, host)?;
        planned.container.env.push((AUTH.into(), String::new()));
        Ok(NewDeploymentPlan {
            compose: compose_file(&planned.container),
            warnings: planned.plan.warnings,
            image_here: release.is_some(),
        })
    }
}

/// Of the image, where it is there.
async fn is_possible(cx: &Context<'_>, host: &HostId, wanted: &NewDeployment) -> Result<Option<Release>> {
    if let Some(why) = name_in_use::container(cx.state(), host, &wanted.name).await? {
        return Err(Invalid::new("name", format!("{why} Choose another name.")).into());
    }
    let engine = cx.ports().engines.of(host)?;
    may_be_made(engine.as_ref(), wanted).await?;
    Ok(engine.find_image(wanted.image.as_str()).await?.and_then(|found| found.release()))
}

/// Makes a deployment, with a first password for the Neo4j user `neo4j`, which the console signs in as.
pub struct CreateDeployment {
    /// On whose engine.
    pub host: HostId,
    pub wanted: NewDeployment,
    pub password: String,
    pub reason: Reason,
}

impl Change for CreateDeployment {
    const NAME: &'static str = "create deployment";
    const NEEDS: &'static [Permission] = &[Permission::DeploymentAdopt];
    type Outcome = JobId;
    fn subject(&self) -> Subject {
        Subject::Host(self.host.clone())
    }
    fn target(&self) -> String {
        format!("{} with {}", self.wanted.name, self.wanted.image.as_str())
    }
    fn reason(&self) -> String {
        self.reason.as_str().into()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<JobId> {
        first_password(&self.password)?;
        let release = is_possible(cx, &self.host, &self.wanted).await?;
        self.wanted.plan(release, cx.ports().engines.of(&self.host)?.host_memory().await.ok())?;
        let name: DeploymentName = self.wanted.name.clone();
        let row = DeploymentRow {
            name: name.clone(),
            host: self.host,
            container: name.to_string(),
            neo4j_user: FIRST_USER.into(),
            sealed_password: cx.seal().seal(&seal_context(&name), &self.password)?,
            environment: self.wanted.environment,
        };
        let params = Params { wanted: self.wanted };
        let job = queue::new(cx, &name, &params, self.reason.as_str())?;
        let id = cx.store().insert_deployment_with_job(&row, &job).await?;
        cx.wake_runner();
        Ok(id)
    }
}
