//! Drills: starting one, and the results. A result is the job itself; nothing is kept twice.

use crate::console::context::{Change, Context, Query};
use crate::error::{Error, Result};
use crate::jobs::queue::queue;
use crate::jobs::{drill, restore_check};
use domain::Problem;
use domain::backup::BackupId;
use domain::deployment::DeploymentName;
use domain::drill::{DrillInterval, DrillPlan, DrillResult};
use domain::gate::IdentityNeed;
use domain::job::JobId;
use domain::permission::Permission;
use domain::problem::ProblemKind;
use domain::scope::Subject;
use serde::{Deserialize, Serialize};

/// Queues a drill.
#[derive(Serialize, Deserialize)]
pub struct StartDrill {
    pub deployment: DeploymentName,
    /// The newest verified one that can be read without an identity when absent.
    pub backup: Option<BackupId>,
}

impl Change for StartDrill {
    const NAME: &'static str = "start drill";
    const NEEDS: &'static [Permission] = &[Permission::BackupRun];
    type Outcome = JobId;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        self.deployment.to_string()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<JobId> {
        cx.with_container(&self.deployment).await?;
        let backup = match self.backup {
            Some(id) => {
                let row = cx.store().backup(&id).await?;
                if restore_check::identity_need(cx.store(), &id).await? == IdentityNeed::Missing {
                    return Err(locked(&format!("{id} has only encrypted copies")));
                }
                if !row.origin.may_be_loaded() {
                    return Err(Problem::new(
                        ProblemKind::Conflict,
                        format!("{id} is from outside, and nobody has accepted it."),
                    )
                    .means("A drill would open its data with Neo4j on this host.")
                    .next_step("Check the backup's page, accept it there, then start the drill.")
                    .into());
                }
                if row.manifest.deployment != self.deployment {
                    return Err(Error::conflict(format!(
                        "{id} is a backup of {}, not of {}.",
                        row.manifest.deployment, self.deployment
                    )));
                }
                id
            }
            None => newest_drillable(cx, &self.deployment).await?,
        };
        queue(cx, &self.deployment, &drill::Params { backup }, "").await
    }
}

/// The newest verified backup that can be read without an identity.
pub(super) async fn newest_drillable(cx: &Context<'_>, name: &DeploymentName) -> Result<BackupId> {
    match (cx.store().newest_drillable(name).await?, cx.store().last_verified(name).await?) {
        (Some(id), _) => Ok(id),
        (None, Some(_)) => Err(locked(&format!("The backups of {name} have only encrypted copies"))),
        (None, None) => Err(Error::conflict(format!("{name} has no verified backup yet. Back up first."))),
    }
}

/// No alarm: nothing is wrong with the backups. But nobody proves them.
fn locked(what: &str) -> Error {
    Problem::new(ProblemKind::Conflict, "This needs an unencrypted copy of a backup.")
        .means(format!("{what}, and the console has no identity to read them with."))
        .next_step(
            "Also keep an unencrypted copy, or test a restore by hand: RESTORE.md in the copy lists every command.",
        )
        .into()
}

/// How often drills run by themselves.
#[derive(Serialize, Deserialize)]
pub struct PlanDrills {
    pub deployment: DeploymentName,
    pub every: DrillInterval,
}

impl Change for PlanDrills {
    const NAME: &'static str = "plan drills";
    const NEEDS: &'static [Permission] = &[Permission::ScheduleManage];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        self.deployment.to_string()
    }
    fn reason(&self) -> String {
        format!("every {} days", self.every.as_days())
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        cx.store().deployment(&self.deployment).await?;
        cx.store().set_drill_interval(&self.deployment, self.every).await?;
        // The next look finds out whether one waits by the new plan.
        cx.postponed_drills().set(&self.deployment, None);
        Ok(())
    }
}

/// How often a deployment is drilled, and why a drill that is due waits.
pub struct GetDrillPlan {
    pub deployment: DeploymentName,
}

impl Query for GetDrillPlan {
    const NEEDS: &'static [Permission] = &[Permission::BackupView];
    type Answer = DrillPlan;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<DrillPlan> {
        cx.store().deployment(&self.deployment).await?;
        let every = cx.store().drill_interval(&self.deployment).await?;
        let all_encrypted = cx.store().drill_status(&self.deployment).await?.all_encrypted;
        Ok(DrillPlan { every, postponed: cx.postponed_drills().of(&self.deployment), all_encrypted })
    }
}

/// Newest first, at most a hundred.
pub struct ListDrills {
    pub deployment: DeploymentName,
}

impl Query for ListDrills {
    const NEEDS: &'static [Permission] = &[Permission::BackupView];
    type Answer = Vec<DrillResult>;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Vec<DrillResult>> {
        cx.store().deployment(&self.deployment).await?;
        cx.store().drills(&self.deployment, 100).await
    }
}
