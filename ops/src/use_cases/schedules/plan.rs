//! Adds the schedules of the three-tier plan (daily, weekly, monthly) in one step.

use super::view::read;
use super::view::view;
use crate::console::context::{Change, Context};
use crate::error::Result;
use domain::Invalid;
use domain::deployment::DeploymentName;
use domain::permission::Permission;
use domain::schedule::{self, View};
use domain::scope::Subject;
use domain::target::TargetName;
use serde::{Deserialize, Serialize};

/// The three schedules of the plan at once: all of them or none.
#[derive(Serialize, Deserialize)]
pub struct AddPlan {
    pub deployment: DeploymentName,
    pub time_zone: String,
    /// Targets of the weekly and the monthly ones.
    pub external: Vec<TargetName>,
}

impl Change for AddPlan {
    const NAME: &'static str = "add the guideline's schedules";
    const NEEDS: &'static [Permission] = &[Permission::ScheduleManage];
    type Outcome = Vec<View>;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        self.deployment.to_string()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<Vec<View>> {
        cx.store().deployment(&self.deployment).await?;
        let plan = schedule::plan(&self.deployment, &self.time_zone, &self.external);
        let present = cx.store().schedules(Some(&self.deployment)).await?;
        for one in &plan {
            read(cx, one).await?;
            if present.iter().any(|row| row.schedule.name == one.name) {
                return Err(Invalid::new(
                    "name",
                    format!("There is already a schedule {}. Remove it first, or add the others one by one.", one.name),
                )
                .into());
            }
        }
        let mut views = Vec::new();
        for one in plan {
            cx.store().insert_schedule(&one, cx.now()).await?;
            views.push(view(cx, one).await?);
        }
        Ok(views)
    }
}
