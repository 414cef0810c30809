//! Deployments that are no more: those whose creation failed, and those that were deleted. Their removal is no step of
//! a job, because it could not be undone. It is done when the job is over, again and again until it is done.

use super::delete_deployment;
use crate::console::state::AppState;
use crate::error::Result;
use domain::deployment::DeploymentName;
use domain::job::{JobId, Kind};

/// Removes what is to be deleted, and forgets them. What cannot be done now is done at the next look.
pub async fn remove_ended(state: &AppState) {
    let ended = match state.store.ended_deployments().await {
        Ok(ended) => ended,
        Err(error) => return tracing::warn!(%error, "could not read which deployments are no more"),
    };
    for (deployment, job) in ended {
        if let Err(error) = settle(state, &deployment, job).await {
            tracing::warn!(%deployment, %error, "could not remove a deployment that is no more");
        }
    }
}

async fn settle(state: &AppState, deployment: &DeploymentName, job: JobId) -> Result<()> {
    let row = state.store.job(job).await?;
    if row.brief.kind == Kind::DeleteDeployment {
        let host = state.store.deployment(deployment).await?.host;
        delete_deployment::remove(state, state.ports.engines.of(&host)?.as_ref(), &row).await?;
    }
    // Two looks at once may both find it, and its name be taken again between them.
    state.store.delete_ended_deployment(deployment, job).await?;
    state.observer.forget(deployment);
    Ok(())
}

#[cfg(test)]
mod tests {
    use crate::jobs::stage::{Stage, sales};
    use crate::testing::actor;
    use crate::use_cases::deployments::DeleteDeployment;
    use domain::container::RunState;
    use domain::job::{JobId, State};
    use domain::member::Role;
    use domain::text::Reason;

    async fn queued(stage: &Stage, with_data: bool) -> JobId {
        let (deployment, confirm, reason) = (sales(), "sales".into(), Reason::default());
        let delete = DeleteDeployment { deployment, with_data, confirm, reason };
        stage.test.console.perform(&actor(Role::Admin), delete).await.expect("queued")
    }

    #[tokio::test]
    async fn without_its_data_the_volumes_stay_and_are_told() {
        let stage = Stage::new().await;
        let view = stage.finish(queued(&stage, false).await).await;
        assert_eq!(view.brief.state, State::Succeeded, "{:?}", view.problem);
        let says = &view.steps[0].detail;
        assert!(says.contains("sales-data"), "{says}");
        assert_eq!((stage.test.world.run_state("sales"), stage.nodes()), (None, 3));
    }

    /// The stop alone would remove it, with volumes that have no name.
    #[tokio::test]
    async fn a_container_that_its_stop_removes_is_left_alone() {
        let stage = Stage::new().await;
        stage.test.world.change("sales", |container| container.auto_remove = true);
        let view = stage.finish(queued(&stage, false).await).await;
        assert_eq!(view.brief.state, State::Failed, "{:?}", view.problem);
        assert!(stage.test.world.run_state("sales").is_some_and(|run| run.is_running()));
    }

    #[tokio::test]
    async fn one_that_docker_started_again_before_its_removal_is_stopped_and_removed() {
        let stage = Stage::new().await;
        let job = queued(&stage, false).await;
        assert!(!stage.test.drive(job, 1_000).await.expect("the store works"), "it ends");
        stage.test.world.change("sales", |container| container.run = RunState::Running);
        stage.test.sweep().await;
        assert_eq!(stage.test.world.run_state("sales"), None);
        assert!(stage.test.console.state.store.deployments().await.expect("read").is_empty());
    }

    #[tokio::test]
    async fn whoever_took_the_name_again_meanwhile_is_not_forgotten() {
        let stage = Stage::new().await;
        let job = queued(&stage, false).await;
        stage.finish(job).await;
        stage.test.clock.forward(chrono::TimeDelta::seconds(1));
        let store = &stage.test.console.state.store;
        let row = crate::store::DeploymentRow {
            name: sales(),
            host: domain::host::HostId::local(),
            container: "another".into(),
            neo4j_user: "neo4j".into(),
            sealed_password: String::new(),
            environment: Default::default(),
        };
        store.insert_deployment(&row, stage.now()).await.expect("adopted anew");
        store.delete_ended_deployment(&sales(), job).await.expect("a late look");
        stage.test.sweep().await;
        assert_eq!(store.deployments().await.expect("read").len(), 1);
    }
}
