//! Drills: starting one, and the verdicts. A verdict is the job itself; nothing is kept twice.

use crate::console::{Change, Query, Scene};
use crate::error::{Error, Result};
use crate::jobs::{self, drill};
use domain::backup::BackupId;
use domain::deployment::DeploymentName;
use domain::drill::{Every, Plan, Verdict};
use domain::job::{JobId, Kind};
use domain::permission::Permission;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

pub struct StartDrill {
    pub deployment: DeploymentName,
    /// The newest verified one when absent.
    pub backup: Option<BackupId>,
}

impl Change for StartDrill {
    const NAME: &'static str = "start drill";
    const NEEDS: Permission = Permission::BackupRun;
    type Outcome = JobId;
    fn target(&self) -> String {
        self.deployment.to_string()
    }
    async fn apply(self, scene: &Scene<'_>) -> Result<JobId> {
        crate::deployments::with_container(scene, &self.deployment).await?;
        let backup = match self.backup {
            Some(id) => {
                let row = scene.store().backup(&id).await?;
                if row.manifest.deployment != self.deployment {
                    return Err(Error::conflict(format!("{id} is a backup of {}, not of {}.", row.manifest.deployment, self.deployment)));
                }
                id
            }
            None => {
                let newest = scene.store().last_verified(&self.deployment).await?;
                newest.ok_or_else(|| Error::conflict(format!("{} has no verified backup yet. Back up first.", self.deployment)))?.id
            }
        };
        jobs::queue(scene, Kind::Drill, &self.deployment, &drill::Params { backup }, "").await
    }
}

/// How often it is drilled by itself.
pub struct PlanDrills {
    pub deployment: DeploymentName,
    pub every: Every,
}

impl Change for PlanDrills {
    const NAME: &'static str = "plan drills";
    const NEEDS: Permission = Permission::ScheduleManage;
    type Outcome = ();
    fn target(&self) -> String {
        self.deployment.to_string()
    }
    fn reason(&self) -> String {
        format!("every {} days", self.every.as_days())
    }
    async fn apply(self, scene: &Scene<'_>) -> Result<()> {
        scene.store().deployment(&self.deployment).await?;
        scene.store().set_drill_every(&self.deployment, self.every).await
    }
}

pub struct GetDrillPlan {
    pub deployment: DeploymentName,
}

impl Query for GetDrillPlan {
    const NEEDS: Permission = Permission::BackupView;
    type Answer = Plan;
    async fn answer(self, scene: &Scene<'_>) -> Result<Plan> {
        scene.store().deployment(&self.deployment).await?;
        let every = scene.store().drill_every(&self.deployment).await?;
        Ok(Plan { every, waits: scene.drills_waiting().of(&self.deployment) })
    }
}

/// Why drills that are due wait, by deployment. Not stored: the next look, ten minutes after a start at the latest, finds it again.
#[derive(Default)]
pub(crate) struct Waiting(Mutex<BTreeMap<DeploymentName, String>>);

impl Waiting {
    pub(crate) fn set(&self, deployment: &DeploymentName, why: Option<String>) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match why {
            Some(why) => all.insert(deployment.clone(), why),
            None => all.remove(deployment),
        };
    }

    fn of(&self, deployment: &DeploymentName) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(deployment).cloned()
    }
}

/// Newest first, at most a hundred.
pub struct ListDrills {
    pub deployment: DeploymentName,
}

impl Query for ListDrills {
    const NEEDS: Permission = Permission::BackupView;
    type Answer = Vec<Verdict>;
    async fn answer(self, scene: &Scene<'_>) -> Result<Vec<Verdict>> {
        scene.store().deployment(&self.deployment).await?;
        scene.store().drills(&self.deployment, 100).await
    }
}
