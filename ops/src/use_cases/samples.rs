//! Figures of a deployment over time.

use crate::console::context::{Context, Query};
use crate::error::Result;
use chrono::{DateTime, Utc};
use domain::deployment::DeploymentName;
use domain::permission::Permission;
use domain::sample::{Metric, Sample};
use domain::scope::Subject;

/// One metric, oldest first: a sample a minute for two days, one in fifteen minutes before.
pub struct ListSamples {
    pub deployment: DeploymentName,
    pub metric: Metric,
    /// Included.
    pub from: DateTime<Utc>,
    /// Not included.
    pub to: DateTime<Utc>,
}

impl Query for ListSamples {
    const NEEDS: &'static [Permission] = &[Permission::DeploymentView];
    type Answer = Vec<Sample>;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Vec<Sample>> {
        cx.store().samples(&self.deployment, self.metric, (self.from, self.to)).await
    }
}
