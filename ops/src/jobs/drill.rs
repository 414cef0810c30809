//! A drill: a backup is restored into a scratch server without a network, to the point where it was counted. Neo4j runs
//! on and is never touched; its steps are those of a restore up to the proof.

use super::context::StepContext;
use super::helpers;
use super::job::{Direction, Planned, looks, nothing};
use super::restore::{self, HELPERS, VOLUMES};
use crate::error::{Error, Result};
use crate::jobs::job::Job;
use async_trait::async_trait;
use domain::Problem;
use domain::backup::{BackupId, Manifest};
use domain::container::Container;
use domain::gate::room_for_copy;
use domain::helper::{BESIDE, FREE_MEMORY, MEASURE, parse_measure};
use domain::job::Kind as JobKind;
use domain::job::Outcome;
use domain::problem::ProblemKind;
use domain::text::file_size;
use ports::ContainerEngine;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;
use strum::{EnumString, IntoStaticStr};

/// Its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Step {
    Check,
    Read,
    Fetch,
    Candidate,
    Consistency,
    Prove,
    Clean,
}

/// Its steps in their order.
pub const PLAN: [Planned<Step>; 7] = [
    looks(Step::Check, "Check free space for a copy"),
    looks(Step::Read, "Read the backup and compare every sha256"),
    looks(Step::Fetch, "Copy the dumps to the Docker host"),
    looks(Step::Candidate, "Load them into a scratch server"),
    looks(Step::Consistency, "Check the copy for damage"),
    looks(Step::Prove, "Start the copy and count what is in it"),
    looks(Step::Clean, "Clean up"),
];

const MEASURE_LIMIT: Duration = Duration::from_secs(60);

/// What it was asked for.
#[derive(Serialize, Deserialize)]
pub struct Params {
    pub backup: BackupId,
}

impl Params {
    /// With the users, from a remote target where there is one: what a drill proves is the worst day's restore.
    fn rehearsal(&self) -> restore::Params {
        restore::Params {
            backup: self.backup.clone(),
            include_users: true,
            prefer_remote: true,
            sealed_identity: None,
            volume: None,
            trial: None,
        }
    }

    /// One started by hand does not wait: it would hold up the next backup.
    async fn check(&self, cx: &StepContext) -> Result<String> {
        enough(cx, &self.backup).await
    }
}

/// That the Docker host has enough for a scratch server with this backup.
pub(super) async fn enough(cx: &StepContext, backup: &BackupId) -> Result<String> {
    let container = cx.container().await?;
    let manifest = cx.state.store.backup(backup).await?.manifest;
    let found = HostResources::on_host(cx.engine.as_ref(), &container, &manifest).await?;
    match found.shortage() {
        Some(problem) => Err(problem.into()),
        None => Ok(format!(
            "{} free, up to {} needed; {} of memory available.",
            file_size(found.disk),
            file_size(found.needed),
            file_size(found.memory)
        )),
    }
}

/// What the Docker host has for a scratch server, in bytes. It must never take the live server's disk or memory.
pub(crate) struct HostResources {
    disk: u64,
    needed: u64,
    memory: u64,
}

impl HostResources {
    /// Fails where it cannot be measured, because the server is stopped.
    pub(crate) async fn on_host(
        engine: &dyn ContainerEngine,
        container: &Container,
        manifest: &Manifest,
    ) -> Result<Self> {
        let disk = measure(engine, container).await?;
        Ok(Self { disk, needed: room_for_copy(manifest, 0), memory: free_memory(engine, container).await? })
    }

    /// The problem that disk or memory is too short for it; disk first.
    pub(crate) fn shortage(&self) -> Option<Problem> {
        if self.disk < self.needed {
            return Some(
                Problem::new(
                    ProblemKind::Conflict,
                    "There is not enough space for a scratch server on the Docker host.",
                )
                .means(format!(
                    "The copy may need {}, {} are free. Neo4j was not touched.",
                    file_size(self.needed),
                    file_size(self.disk)
                ))
                .next_step("Free some space, then start it again."),
            );
        }
        (self.memory < BESIDE).then(|| {
            Problem::new(ProblemKind::Conflict, "There is not enough memory for a scratch server on the Docker host.")
                .means(format!(
                    "The scratch server may need {}, {} are available. Neo4j was not touched.",
                    file_size(BESIDE),
                    file_size(self.memory)
                ))
                .next_step("Start it again when less runs there.")
        })
    }
}

async fn measure(engine: &dyn ContainerEngine, container: &Container) -> Result<u64> {
    let unknown = || {
        Problem::new(ProblemKind::Conflict, "The free space of the Docker host is not known.")
            .means("It is measured inside the running server.")
            .next_step("Start the server, then start the drill again.")
    };
    if !container.run.is_running() {
        return Err(unknown().into());
    }
    let done = engine.exec(&container.id, &["/bin/bash", "-c", MEASURE], MEASURE_LIMIT).await?;
    Ok(parse_measure(&done.output).ok_or_else(unknown)?.free_in_docker())
}

async fn free_memory(engine: &dyn ContainerEngine, container: &Container) -> Result<u64> {
    let done = engine.exec(&container.id, &["/bin/bash", "-c", FREE_MEMORY], MEASURE_LIMIT).await?;
    let unknown = || Error::conflict("The free memory of the Docker host is not known. Start the drill again.");
    done.output.trim().parse().map_err(|_| unknown())
}

#[async_trait]
impl Job for Params {
    const KIND: JobKind = JobKind::Drill;
    type Step = Step;

    fn plan(_saved: &str) -> &'static [Planned<Step>] {
        &PLAN
    }

    async fn act(&self, step: Step, direction: Direction, cx: &Arc<StepContext>) -> Result<String> {
        match (step, direction) {
            (Step::Check, Direction::Run) => self.check(cx).await,
            (Step::Check, Direction::Undo) => nothing(),
            (Step::Read, direction) => self.rehearsal().act(restore::Step::Read, direction, cx).await,
            (Step::Fetch, direction) => self.rehearsal().act(restore::Step::Fetch, direction, cx).await,
            (Step::Candidate, direction) => self.rehearsal().act(restore::Step::Candidate, direction, cx).await,
            (Step::Consistency, direction) => self.rehearsal().act(restore::Step::Consistency, direction, cx).await,
            (Step::Prove, direction) => self.rehearsal().act(restore::Step::Prove, direction, cx).await,
            (Step::Clean, Direction::Run) => {
                helpers::remove_or_leave(cx, &HELPERS, &VOLUMES).await;
                Ok("Nothing of the drill is left.".into())
            }
            (Step::Clean, Direction::Undo) => nothing(),
        }
    }

    async fn outcome(&self, cx: &Arc<StepContext>) -> Result<Outcome> {
        let done = self.rehearsal().outcome(cx).await?;
        Ok(Outcome { neo4j_users: Vec::new(), ..done })
    }

    fn backup(&self) -> Option<&BackupId> {
        Some(&self.backup)
    }
}
