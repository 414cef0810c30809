//! Adds a schedule.

use super::view::read;
use super::view::view;
use super::view::words;
use crate::console::context::{Change, Context};
use crate::error::Result;
use domain::permission::Permission;
use domain::schedule::{Schedule, View};
use domain::scope::Subject;
use serde::{Deserialize, Serialize};

/// Adds a schedule.
#[derive(Serialize, Deserialize)]
pub struct AddSchedule {
    pub schedule: Schedule,
}

impl Change for AddSchedule {
    const NAME: &'static str = "add schedule";
    const NEEDS: &'static [Permission] = &[Permission::ScheduleManage];
    type Outcome = View;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.schedule.deployment.clone())
    }
    fn target(&self) -> String {
        format!("{} {}", self.schedule.deployment, self.schedule.name)
    }
    fn reason(&self) -> String {
        words(&self.schedule)
    }
    async fn apply(self, cx: &Context<'_>) -> Result<View> {
        cx.store().deployment(&self.schedule.deployment).await?;
        read(cx, &self.schedule).await?;
        cx.store().insert_schedule(&self.schedule, cx.now()).await?;
        view(cx, self.schedule).await
    }
}
