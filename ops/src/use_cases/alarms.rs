//! What is set for the alarms of a deployment: how old a backup may be, how often the same is told, and the dead-man
//! ping.

use crate::console::context::{Change, Context, Query};
use crate::engine::freshness::freshness;
use crate::engine::messages::sealed_ping;
use crate::error::Result;
use crate::store::AlarmSettingsRow;
use domain::alarm::AlarmOverview;
use domain::alarm::policy::Repeat;
use domain::channel::delivery::findings;
use domain::channel::{Recipient, WebAddress};
use domain::deployment::DeploymentName;
use domain::freshness::{Allowance, Freshness};
use domain::permission::Permission;
use domain::scope::Subject;

/// What becomes of the dead-man ping.
#[derive(Clone)]
pub enum NewPing {
    Keep,
    Remove,
    Set(WebAddress),
}

/// Sets the alarms of a deployment. What is absent stays as it is.
pub struct ChangeAlarms {
    pub deployment: DeploymentName,
    pub allowance: Option<Allowance>,
    pub repeat: Option<Repeat>,
    pub ping: NewPing,
}

impl Change for ChangeAlarms {
    const NAME: &'static str = "set alarms";
    const NEEDS: &'static [Permission] = &[Permission::NotificationManage];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        let hours = self.allowance.map(|a| format!(", allowed {} h", a.as_hours()));
        let repeat = self.repeat.map(|r| format!(", repeated after {} h", r.as_hours()));
        let ping = match &self.ping {
            NewPing::Keep => String::new(),
            NewPing::Remove => ", no ping".into(),
            NewPing::Set(url) => format!(", ping {}", url.shown()),
        };
        format!("{}{}{}{ping}", self.deployment, hours.unwrap_or_default(), repeat.unwrap_or_default())
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        let name = cx.store().deployment(&self.deployment).await?.name;
        let old = cx.store().alarm_settings(&name).await?;
        let changed = !matches!(self.ping, NewPing::Keep);
        let ping = match self.ping {
            NewPing::Keep => old.ping,
            NewPing::Remove => None,
            NewPing::Set(url) => Some(sealed_ping(cx.seal(), &name, &url)?),
        };
        let row = AlarmSettingsRow {
            allowance: self.allowance.unwrap_or(old.allowance),
            repeat: self.repeat.unwrap_or(old.repeat),
            ping,
        };
        cx.store().set_alarm_settings(&name, &row).await?;
        if changed {
            cx.store().delete_deliveries(&Recipient::Ping(name)).await?;
        }
        Ok(())
    }
}

/// What is set for the alarms of a deployment, and what is open.
pub struct GetAlarms {
    pub deployment: DeploymentName,
}

impl Query for GetAlarms {
    const NEEDS: &'static [Permission] = &[Permission::DeploymentView];
    type Answer = AlarmOverview;
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    async fn answer(self, cx: &Context<'_>) -> Result<AlarmOverview> {
        let (store, now) = (cx.store(), cx.now());
        let name = store.deployment(&self.deployment).await?.name;
        let row = store.alarm_settings(&name).await?;
        let log = store.delivery_page(Some(&Recipient::Ping(name.clone())), 1).await?.items;
        Ok(AlarmOverview {
            freshness: freshness(store, &name, now).await?.0,
            repeat: row.repeat,
            findings: if row.ping.is_some() { findings(&log, now) } else { Vec::new() },
            ping: row.ping.map(|p| p.shown),
            open: store.open_alarms().await?.into_iter().filter(|o| o.deployment == name).collect(),
            deployment: name,
        })
    }
}

/// The age of the last verified backup of every deployment, for outside watchers. From the database alone.
pub struct ListFreshness {}

impl Query for ListFreshness {
    const NEEDS: &'static [Permission] = &[Permission::DeploymentView];
    type Answer = Vec<(DeploymentName, Freshness)>;
    fn subject(&self) -> Subject {
        Subject::Console
    }
    async fn answer(self, cx: &Context<'_>) -> Result<Self::Answer> {
        let mut all = Vec::new();
        for row in cx.store().deployments().await? {
            let (freshness, _) = freshness(cx.store(), &row.name, cx.now()).await?;
            all.push((row.name, freshness));
        }
        Ok(all)
    }
}
