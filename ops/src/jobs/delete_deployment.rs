//! The end of a deployment: its container goes and, where it was asked for, its data. The job does what can fail and be
//! undone; the removal has no way back, so it comes when the job has succeeded ([`super::ended`]). Its backups stay.

use super::context::StepContext;
use super::job::{Direction, Job, Planned, looks, nothing, touches};
use super::offline;
use super::server;
use crate::console::state::AppState;
use crate::engine::replaced::replaced;
use crate::error::{Error, Result};
use crate::store::JobRow;
use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use domain::Problem;
use domain::backup::Brief;
use domain::container::{Container, ContainerId, Mount, MountSource, Owner, VolumeName};
use domain::job::{Kind, Outcome};
use domain::problem::ProblemKind;
use domain::storage;
use domain::text::Tone;
use ports::{ContainerEngine, EngineError};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use strum::{EnumString, IntoStaticStr};

/// How old the newest verified backup may be when data is deleted.
pub const FRESH: TimeDelta = TimeDelta::hours(24);
/// What goes with the data. Others (plugins, imports, configuration) were filled by somebody else.
const WITH_DATA: [&str; 2] = ["/data", "/logs"];

/// Its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Step {
    Check,
    Stop,
}

/// Its steps in their order.
pub const PLAN: [Planned<Step>; 2] = [
    looks(Step::Check, "Check the newest backup and who else uses the volumes"),
    touches(Step::Stop, "Stop Neo4j cleanly, for good").begins_outage(),
];

/// What it was asked for.
#[derive(Serialize, Deserialize)]
pub struct Params {
    pub with_data: bool,
}

/// What `check` found: after the removal nothing tells it any more.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Saved {
    container: Option<ContainerId>,
    volumes: Vec<VolumeName>,
}

/// The volumes that are deleted with a container.
pub(crate) fn volumes(container: &Container) -> Vec<VolumeName> {
    let of = |at: &&str| match &container.mount_at(at)?.source {
        MountSource::Volume(volume) => Some(volume.clone()),
        MountSource::Bind(_) | MountSource::Other(_) => None,
    };
    WITH_DATA.iter().filter_map(of).collect()
}

/// Fails where somebody else would make the container again.
pub(crate) fn may_be_removed(container: &Container) -> Result<()> {
    let (title, next) = match container.owner() {
        Owner::Console | Owner::Docker => return Ok(()),
        Owner::Compose(project) => (
            format!("This container belongs to the compose project {project}."),
            "Remove the service from its compose file and run docker compose up -d --remove-orphans, then forget the \
             deployment here.",
        ),
        Owner::Coolify(name) => (
            format!("This container belongs to Coolify ({name})."),
            "Delete it in Coolify, then forget the deployment here.",
        ),
    };
    Err(Problem::new(ProblemKind::Conflict, title)
        .means("It would be made again from there. The console does not remove it.")
        .next_step(next)
        .into())
}

/// Fails unless the data of now is in a backup that was verified and is new. `newest`: the newest verified one.
pub(crate) fn is_backed_up(newest: Option<&Brief>, now: DateTime<Utc>) -> Result<()> {
    if newest.is_some_and(|brief| now - brief.made_at <= FRESH) {
        return Ok(());
    }
    Err(Problem::new(ProblemKind::Conflict, "There is no verified backup of the last 24 hours.")
        .means("Deleted data comes back only from a backup. Nothing was deleted.")
        .next_step("Take a backup, then try again.")
        .next_step("Or delete the container only: its volumes stay.")
        .into())
}

impl Params {
    async fn check(&self, cx: &StepContext) -> Result<String> {
        let Some(container) = cx.find_container().await? else {
            return Ok("The container is gone already.".into());
        };
        may_be_removed(&container)?;
        // With `--rm` the stop itself would remove it, and volumes without a name with it.
        server::may_be_stopped(&container)?;
        let volumes = if self.with_data { volumes(&container) } else { vec![] };
        if self.with_data {
            let (store, name) = (&cx.state.store, &cx.deployment.name);
            let seen = cx.state.observer.refresh(&cx.deployment, &cx.state.seal).await;
            if let Some(other) = replaced(store, name, Some(&seen)).await? {
                return Err(Error::conflict(format!("{} Nothing was deleted.", other.what())));
            }
            is_backed_up(store.last_verified(name).await?.as_ref(), cx.state.ports.clock.now())?;
            for volume in &volumes {
                self.alone_on(cx, &container, volume).await?;
            }
        } else {
            // Data that lies in the container itself, or in a volume that has no name, would go with it.
            storage::data(&container).map_err(|why| super::helpers::unusable(&container, &why))?;
        }
        let stay = container.mounts.iter().map(Mount::source_name);
        let stay: Vec<&str> = stay.filter(|name| volumes.iter().all(|volume| volume.as_str() != *name)).collect();
        let says = if stay.is_empty() {
            String::new()
        } else {
            format!("These stay on the Docker host: {}.", stay.join(", "))
        };
        cx.save(&Saved { container: Some(container.id), volumes }).await?;
        Ok(says)
    }

    async fn alone_on(&self, cx: &StepContext, container: &Container, volume: &VolumeName) -> Result<()> {
        let on = cx.engine.running_on(volume.as_str()).await?;
        match on.into_iter().find(|name| *name != container.name) {
            None => Ok(()),
            Some(other) => Err(Error::conflict(format!(
                "{other} uses the volume {volume}, too. Nothing was deleted. Stop it, or delete the container only."
            ))),
        }
    }

    async fn stop(cx: &StepContext) -> Result<String> {
        let Some(container) = cx.find_container().await? else { return nothing() };
        if storage::data(&container).is_ok() {
            offline::note(cx, &container).await?;
        }
        Ok(server::ended(&server::stop(cx).await?))
    }
}

/// After the job. By the id of the check: another container of the name is somebody else's. A volume that somebody uses
/// by now stays, and the job's log says so. Safe to repeat.
pub(super) async fn remove(state: &AppState, engine: &dyn ContainerEngine, job: &JobRow) -> Result<()> {
    let saved: Saved = serde_json::from_str(&job.saved)?;
    if let Some(container) = &saved.container {
        // A restart of Docker may have started it again.
        match engine.stop(container, state.timeouts.stop).await {
            Ok(()) | Err(EngineError::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
        engine.remove_stopped(container).await?;
    }
    for volume in saved.volumes {
        match engine.remove_foreign_volume(&volume).await {
            Err(EngineError::Conflict(why)) => {
                let says = format!("The volume {volume} stays on the Docker host: {why}");
                state.store.log(job.brief.id, Some(Tone::Warn), &says, state.ports.clock.now()).await?;
            }
            other => other?,
        }
    }
    Ok(())
}

#[async_trait]
impl Job for Params {
    const KIND: Kind = Kind::DeleteDeployment;
    type Step = Step;

    fn plan(_saved: &str) -> &'static [Planned<Step>] {
        &PLAN
    }

    async fn act(&self, step: Step, direction: Direction, cx: &Arc<StepContext>) -> Result<String> {
        match (step, direction) {
            (Step::Check, Direction::Run) => self.check(cx).await,
            (Step::Stop, Direction::Run) => Self::stop(cx).await,
            (Step::Stop, Direction::Undo) => offline::close(cx).await,
            (Step::Check, Direction::Undo) => nothing(),
        }
    }

    async fn outcome(&self, _cx: &Arc<StepContext>) -> Result<Outcome> {
        Ok(Outcome::default())
    }
}
