//! The time in which a job has Neo4j stopped and works on its store. Nothing else may touch the store then, and nobody
//! stops people or other tools from starting the container: so what was stopped is written down, and compared before
//! and after each act.

use crate::container::{Container, ContainerId, ImageId, RestartPolicy, RunState};
use crate::storage::{self, RunAs, Unusable};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// What the job stopped, and how to leave it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfflineWindow {
    pub container: ContainerId,
    /// Helpers run it, as that user, also when the container is gone.
    pub image: ImageId,
    pub user: RunAs,
    /// Volume, or directory of the host, that is mounted at `/data`.
    pub data: String,
    /// Put back at the end; while the window is open it is `no`, so that a restart of the engine starts nothing.
    pub restart: RestartPolicy,
    /// As the job found it.
    pub before: PriorState,
    /// When it ran last, as the engine told after the stop. Another time means that it was started since.
    pub started_at: Option<DateTime<Utc>>,
    /// Neo4j has run on what this job put in place: clients may have written there, so that is never thrown away.
    pub served: bool,
}

/// What an undo goes back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PriorState {
    Running,
    /// Started by the engine again and again: Neo4j does not come up.
    Restarting,
    Stopped,
}

/// What somebody else did to the server during the offline window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExternalChange {
    Recreated,
    /// Its argument is what it has at `/data` now.
    OtherData(String),
    Started,
    StartedAndStopped,
}

impl PriorState {
    /// From the state the container was in.
    pub const fn of(run: &RunState) -> Self {
        match run {
            RunState::Running | RunState::Paused => Self::Running,
            RunState::Restarting => Self::Restarting,
            RunState::Created | RunState::Stopped { .. } => Self::Stopped,
        }
    }
}

impl OfflineWindow {
    /// Of a container that is about to be stopped.
    ///
    /// # Errors
    /// When its data cannot be worked with.
    pub fn of(container: &Container) -> Result<Self, Unusable> {
        Ok(Self {
            container: container.id.clone(),
            image: container.image_id.clone(),
            user: storage::run_as(&container.user)?,
            data: storage::data(container)?.source_name().into(),
            restart: container.restart,
            before: PriorState::of(&container.run),
            started_at: container.started_at,
            served: false,
        })
    }

    /// Whether the container still mounts the same data.
    pub fn has_same_data(&self, now: &Container) -> bool {
        storage::data(now).is_ok_and(|mount| mount.source_name() == self.data)
    }

    /// What somebody else did to the server since the stop; none when it is as it was.
    pub fn external_change(&self, now: &Container) -> Option<ExternalChange> {
        if !self.has_same_data(now) {
            return Some(ExternalChange::OtherData(
                storage::data(now).map(|m| m.source_name().to_string()).unwrap_or_default(),
            ));
        }
        match now.run {
            RunState::Running | RunState::Restarting | RunState::Paused => Some(ExternalChange::Started),
            RunState::Created | RunState::Stopped { .. } if now.id != self.container => Some(ExternalChange::Recreated),
            RunState::Created | RunState::Stopped { .. } => {
                (now.started_at != self.started_at).then_some(ExternalChange::StartedAndStopped)
            }
        }
    }
}

impl ExternalChange {
    /// As a sentence about the server.
    pub fn says(&self) -> String {
        match self {
            Self::Recreated => "The container was recreated during the job.".into(),
            Self::OtherData(now) if now.is_empty() => {
                "The container was recreated without a volume at /data during the job.".into()
            }
            Self::OtherData(now) => {
                format!("The container was recreated with other data ({now}) during the job.")
            }
            Self::Started => "Neo4j was started during the job.".into(),
            Self::StartedAndStopped => "Neo4j was started and stopped during the job.".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::tests::sample;
    use crate::container::{MountSource, VolumeName};

    fn stopped() -> Container {
        Container {
            run: RunState::Stopped { exit_code: 0, out_of_memory: false },
            started_at: DateTime::from_timestamp(100, 0),
            ..sample()
        }
    }

    fn after(change: impl FnOnce(&mut Container)) -> Option<ExternalChange> {
        let window = OfflineWindow::of(&stopped()).expect("it has data");
        let mut now = stopped();
        change(&mut now);
        window.external_change(&now)
    }

    #[test]
    fn whatever_became_of_a_stopped_server_is_noticed() {
        assert_eq!(after(|_| {}), None);
        assert_eq!(after(|c| c.restart = RestartPolicy::No), None, "the job's own");
        for run in [RunState::Running, RunState::Restarting, RunState::Paused] {
            assert_eq!(after(|c| c.run = run), Some(ExternalChange::Started));
        }
        assert_eq!(after(|c| c.started_at = DateTime::from_timestamp(101, 0)), Some(ExternalChange::StartedAndStopped));
        assert_eq!(after(|c| c.id = ContainerId("another".into())), Some(ExternalChange::Recreated));
        let other = |c: &mut Container| c.mounts[0].source = MountSource::Volume(VolumeName("empty".into()));
        assert_eq!(after(other), Some(ExternalChange::OtherData("empty".into())));
        assert_eq!(after(|c| c.mounts.clear()), Some(ExternalChange::OtherData(String::new())));
    }

    #[test]
    fn an_undo_knows_what_to_go_back_to() {
        let killed = RunState::Stopped { exit_code: 137, out_of_memory: true };
        for (run, before) in [
            (RunState::Running, PriorState::Running),
            (RunState::Restarting, PriorState::Restarting),
            (killed, PriorState::Stopped),
        ] {
            assert_eq!(PriorState::of(&run), before);
        }
    }
}
