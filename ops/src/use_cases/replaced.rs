//! Accepting data that is not that of the backups.

use crate::console::context::{Change, Context};
use crate::engine::replaced::replaced;
use crate::error::{Error, Result};
use crate::use_cases::confirm::typed;
use domain::deployment::DeploymentName;
use domain::permission::Permission;
use domain::scope::Subject;
use serde::{Deserialize, Serialize};

/// The present data is the right one: what earlier backups hold beside it may go as their schedules say.
#[derive(Serialize, Deserialize)]
pub struct AcceptData {
    pub deployment: DeploymentName,
    /// The deployment's name, typed.
    pub confirm: String,
}

impl Change for AcceptData {
    const NAME: &'static str = "accept data";
    const NEEDS: &'static [Permission] = &[Permission::BackupDelete];
    type Outcome = ();
    fn subject(&self) -> Subject {
        Subject::Deployment(self.deployment.clone())
    }
    fn target(&self) -> String {
        self.deployment.to_string()
    }
    async fn apply(self, cx: &Context<'_>) -> Result<()> {
        typed(&self.deployment, &self.confirm)?;
        cx.store().deployment(&self.deployment).await?;
        let seen = cx.observer().last(&self.deployment);
        if replaced(cx.store(), &self.deployment, seen.as_deref()).await?.is_none() {
            return Err(Error::conflict("There is nothing to accept: the data is that of the backups."));
        }
        cx.store().accept_data(&self.deployment, cx.now()).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jobs::stage::{Stage, graph, sales};
    use crate::testing::actor;
    use crate::use_cases::alarms::GetAlarms;
    use crate::use_cases::deployments::{GetOverview, RefreshDeployment};
    use crate::use_cases::schedules::AddSchedule;
    use chrono::TimeDelta;
    use domain::alarm::event;
    use domain::container::{Mount, MountSource, VolumeName};
    use domain::job::Kind;
    use domain::member::Role;
    use domain::overview::Overview;
    use fakes::FakeStore;

    async fn overview(stage: &Stage) -> Overview {
        stage.test.console.ask(&actor(Role::Viewer), RefreshDeployment { deployment: sales() }).await.expect("looked");
        stage.test.console.ask(&actor(Role::Viewer), GetOverview { deployment: sales() }).await.expect("an overview")
    }

    async fn alarms(stage: &Stage) -> usize {
        stage.test.notify().await.expect("looked");
        let alarms =
            stage.test.console.ask(&actor(Role::Viewer), GetAlarms { deployment: sales() }).await.expect("the alarms");
        alarms.open.iter().filter(|open| open.kind == event::Kind::DataReplaced).count()
    }

    /// The schedule keeps one backup.
    async fn with_a_backup() -> Stage {
        let stage = Stage::new().await;
        let [mut schedule, ..] = domain::schedule::plan(&sales(), "Europe/Berlin", &[]);
        schedule.keep = domain::schedule::Keep::parse(None, Some(1)).expect("a rule");
        stage.test.console.perform(&actor(Role::Lead), AddSchedule { schedule }).await.expect("a schedule");
        stage
    }

    #[tokio::test]
    async fn a_container_made_anew_on_an_empty_volume_raises_an_alarm_and_keeps_the_backup_of_what_was() {
        let stage = with_a_backup().await;
        let real = stage.scheduled_backup().await;
        assert_eq!((overview(&stage).await.replaced, alarms(&stage).await), (None, 0));
        stage.test.world.write_store(
            "shop_sales-data",
            "neo4j",
            &FakeStore { nodes: 0, relationships: 0, users: [].into() },
        );
        stage.test.world.set_password("shop_sales-data", "correct horse");
        stage.test.world.change("sales", |c| {
            c.mounts = vec![Mount {
                source: MountSource::Volume(VolumeName("shop_sales-data".into())),
                at: "/data".into(),
                writable: true,
            }];
        });
        let seen = overview(&stage).await;
        assert_eq!(seen.findings[0].code, "data_replaced", "{:?}", seen.findings);
        assert!(seen.replaced.as_ref().is_some_and(|r| r.other_store && r.former.id == real), "{:?}", seen.replaced);
        assert_eq!(alarms(&stage).await, 1);

        // Two nights later there are backups of nothing, and the only one with data is still there.
        for _ in 0..2 {
            stage.test.clock.forward(TimeDelta::days(1));
            stage.scheduled_backup().await;
            stage.finish(stage.queue(Kind::Prune).await).await;
        }
        let left = stage.test.console.state.store.stored_backups(&sales()).await.expect("backups");
        assert!(left.len() == 2 && left.iter().any(|b| b.id == real), "{left:?}");
        assert_eq!(
            (overview(&stage).await.replaced.map(|r| r.former.id), alarms(&stage).await),
            (Some(real.clone()), 1)
        );

        let accept = |confirm: &str| AcceptData { deployment: sales(), confirm: confirm.into() };
        assert!(
            stage.test.console.perform(&actor(Role::Operator), accept("sales")).await.is_err(),
            "it may cost a backup"
        );
        assert!(stage.test.console.perform(&actor(Role::Lead), accept("sale")).await.is_err());
        stage.test.console.perform(&actor(Role::Lead), accept("sales")).await.expect("accepted");
        assert_eq!((overview(&stage).await.replaced, alarms(&stage).await), (None, 0));
        assert!(stage.test.console.perform(&actor(Role::Lead), accept("sales")).await.is_err(), "once");
        stage.finish(stage.queue(Kind::Prune).await).await;
        let left = stage.test.console.state.store.stored_backups(&sales()).await.expect("backups");
        assert!(left.iter().all(|b| b.id != real), "{left:?}");
    }

    #[tokio::test]
    async fn nearly_all_data_gone_from_the_same_store_is_noticed_and_a_shrinking_graph_is_not() {
        let stage = with_a_backup().await;
        stage.test.world.write_store("sales-data", "neo4j", &graph(5_000));
        stage.scheduled_backup().await;
        stage.test.world.write_store("sales-data", "neo4j", &graph(2_000));
        assert_eq!(overview(&stage).await.replaced, None);
        stage.test.world.write_store("sales-data", "neo4j", &graph(3));
        let replaced = overview(&stage).await.replaced.expect("noticed");
        assert_eq!((replaced.other_store, replaced.nodes_now), (false, Some(3)));
        // It comes back by a restore.
        stage.test.world.write_store("sales-data", "neo4j", &graph(5_000));
        assert_eq!(overview(&stage).await.replaced, None);
    }
}
