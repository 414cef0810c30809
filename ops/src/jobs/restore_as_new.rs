//! A restore as a new deployment: the steps of a restore up to the proof, on a volume that stays; then a server of its
//! own beside the one the backup is from. That one is only read: never stopped, never changed. The new server is known
//! to the console last, when it was counted, so whatever fails before leaves nothing to be found.

use super::context::StepContext;
use super::helpers;
use super::job::{Direction, Planned, looks, nothing};
use super::name_in_use;
use super::new_server::{self, Auth, data_volume};
use super::restore::{self, HELPERS, VOLUMES};
use super::restore_check as check;
use crate::engine::credentials::{password, seal_context};
use crate::error::{Error, Result};
use crate::jobs::job::Job;
use crate::store::DeploymentRow;
use async_trait::async_trait;
use domain::Problem;
use domain::backup::BackupId;
use domain::database::DatabaseName;
use domain::deployment::{DeploymentName, Room};
use domain::gate::{GateInput, NewServer, gates_as_new};
use domain::helper::{DATA, HelperCommand, parse_measure};
use domain::job::Kind as JobKind;
use domain::job::Outcome;
use domain::problem::ProblemKind;
use ports::HelperMount;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
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
    Create,
    Start,
    Verify,
    Adopt,
    Clean,
}

/// Its steps in their order.
pub const PLAN: [Planned<Step>; 11] = [
    looks(Step::Check, "Check the backup, the name and space for a second server"),
    looks(Step::Read, "Read the backup and compare every sha256"),
    looks(Step::Fetch, "Copy the dumps to the Docker host"),
    looks(Step::Candidate, "Load them into a new volume"),
    looks(Step::Consistency, "Check the new volume for damage"),
    looks(Step::Prove, "Start it without a network and count what is in it"),
    looks(Step::Create, "Create the new server"),
    looks(Step::Start, "Start the new server"),
    looks(Step::Verify, "Count what the new server has"),
    looks(Step::Adopt, "Add it to the deployments"),
    looks(Step::Clean, "Clean up"),
];

/// The measuring helper of memory; that of room is in [`HELPERS`].
const MEMORY: &str = "free-memory";

/// What it was asked for.
#[derive(Serialize, Deserialize)]
pub struct Params {
    pub backup: BackupId,
    /// As in a restore. Without it the new server has one user, `neo4j`, with the console's password of the other.
    pub include_users: bool,
    pub name: DeploymentName,
    /// As in a restore.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sealed_identity: Option<String>,
}

impl Params {
    /// The steps up to the proof, on the volume that stays.
    fn rehearsal(&self) -> restore::Params {
        let volume = Some(data_volume(&self.name));
        restore::Params {
            backup: self.backup.clone(),
            include_users: self.include_users,
            prefer_remote: false,
            sealed_identity: self.sealed_identity.clone(),
            volume,
            trial: None,
        }
    }

    /// As the console will know it. The password is that of the other server: either it came with the users, or it is
    /// the first one.
    fn row(&self, cx: &StepContext) -> Result<DeploymentRow> {
        let password = cx.state.seal.open(&seal_context(&cx.deployment.name), &cx.deployment.sealed_password)?;
        let neo4j_user = if self.include_users { cx.deployment.neo4j_user.clone() } else { "neo4j".into() };
        let sealed_password = cx.state.seal.seal(&seal_context(&self.name), &password)?;
        let (name, host, container) = (self.name.clone(), cx.deployment.host.clone(), self.name.to_string());
        let environment = cx.deployment.environment;
        Ok(DeploymentRow { name, host, container, neo4j_user, sealed_password, environment })
    }

    /// The same job, looking at the new server.
    fn beside(&self, cx: &StepContext) -> Result<Arc<StepContext>> {
        Ok(Arc::new(StepContext { deployment: self.row(cx)?, ..cx.clone() }))
    }

    async fn check(&self, cx: &StepContext) -> Result<String> {
        let row = cx.state.store.backup(&self.backup).await?;
        let container = cx.container().await?;
        let seen = cx.state.observer.refresh(&cx.deployment, &cx.state.seal).await;
        let (edition, version) = check::edition_and_version(&row, Some(&container), &seen);
        let new = NewServer {
            name: Some(&self.name),
            name_in_use: name_in_use::with_volume(&cx.state, &cx.deployment.host, &self.name).await?,
            include_users: Some(self.include_users),
            memory: seen.server.memory,
            free_memory: Some(free_memory(cx).await?),
        };
        let used = seen.room.map_or(0, |r| r.used);
        let room = Some(Room { used, ..room(cx).await? });
        let identity_need = check::identity_need_of_job(cx, &self.backup, self.sealed_identity.is_some()).await?;
        let deployment = &cx.deployment.name;
        let s = GateInput {
            manifest: &row.manifest,
            state: row.state,
            origin: row.origin,
            deployment,
            container: Some(&container),
            version,
            edition,
            room,
            identity_need,
        };
        check::judge(&gates_as_new(&s, &new), "Nothing was made.")
    }

    async fn candidate(&self, cx: &Arc<StepContext>) -> Result<String> {
        new_server::make_volume(cx, &data_volume(&self.name)).await?;
        self.rehearsal().act(restore::Step::Candidate, Direction::Run, cx).await
    }

    /// The server of the proof made a `system` of its own where none was restored, with users nobody wants.
    async fn prove(&self, cx: &Arc<StepContext>) -> Result<String> {
        // Of a run that was cut short, and which may still be at it.
        helpers::remove(cx, &["aside"], &[]).await?;
        let says = self.rehearsal().act(restore::Step::Prove, Direction::Run, cx).await?;
        if !self.include_users {
            let image = cx.container().await?.image_id;
            let data = HelperMount { source: data_volume(&self.name).0, at: DATA.into(), writable: true };
            helpers::run_once(
                cx,
                "aside",
                &image,
                HelperCommand::Remove { databases: vec![DatabaseName::system()] },
                vec![data],
                "prove",
            )
            .await?;
        }
        Ok(says)
    }

    async fn create(&self, cx: &StepContext) -> Result<String> {
        let source = cx.container().await?;
        let auth = match self.include_users {
            true => Auth::Restored,
            false => Auth::Password(password(&cx.deployment, &cx.state.seal)?),
        };
        let spec = new_server::spec(&source, &self.name, &auth, new_server::labels(cx));
        // From before a crash, and perhaps not yet on all networks.
        new_server::remove_server(cx, &self.name).await?;
        cx.engine.create_server(&spec).await?;
        Ok(format!(
            "{} with the volume {}, published on 127.0.0.1 only.{}",
            self.name,
            data_volume(&self.name),
            new_server::left_out(&source, &spec)
        ))
    }

    async fn adopted(&self, cx: &StepContext) -> Result<bool> {
        Ok(cx
            .state
            .store
            .deployments()
            .await?
            .iter()
            .any(|row| row.name == self.name && row.container == self.name.as_str()))
    }

    async fn adopt(&self, cx: &StepContext) -> Result<String> {
        if !self.adopted(cx).await? {
            let row = self.row(cx)?;
            cx.state.store.insert_deployment(&row, cx.state.ports.clock.now()).await?;
            cx.state.observer.refresh(&row, &cx.state.seal).await;
        }
        Ok(String::new())
    }

    async fn forget(&self, cx: &StepContext) -> Result<String> {
        if self.adopted(cx).await? {
            cx.state.store.delete_deployment(&self.name).await?;
            cx.state.observer.forget(&self.name);
        }
        Ok(String::new())
    }
}

/// Measured on a volume of the job's own: the new one will lie beside it, wherever the present data is.
async fn room(cx: &StepContext) -> Result<Room> {
    cx.engine.create_volume(&cx.volume("staging"), &cx.labels()).await?;
    let image = cx.container().await?.image_id;
    let new = HelperMount { source: cx.name("staging"), at: DATA.into(), writable: false };
    let output = helpers::run_once(cx, "measure", &image, HelperCommand::Measure, vec![new], "check").await?;
    parse_measure(&output).ok_or_else(|| Error::conflict("The free space could not be measured."))
}

async fn free_memory(cx: &StepContext) -> Result<u64> {
    let image = cx.container().await?.image_id;
    let output = helpers::run_once(cx, MEMORY, &image, HelperCommand::FreeMemory, vec![], "check").await?;
    output.trim().parse().map_err(|_| Error::conflict("The free memory could not be measured."))
}

/// What `NEO4J_AUTH` can carry: it parts user and password at a slash (docs/neo4j-facts.md: First password).
pub(crate) fn first_password(password: &str) -> Result<()> {
    if password.contains('/') || password.chars().count() < 8 || password == "neo4j" {
        return Err(Problem::new(
            ProblemKind::Conflict,
            "The stored password is not valid as an initial Neo4j password.",
        )
        .means("Neo4j takes no first password with a slash, or shorter than 8 characters. Nothing was made.")
        .next_step("Choose to bring back the Neo4j users too: then their passwords come from the backup.")
        .next_step("Or change the password of the console's Neo4j user, and enter it here.")
        .into());
    }
    Ok(())
}

#[async_trait]
impl Job for Params {
    const KIND: JobKind = JobKind::RestoreAsNew;
    type Step = Step;

    fn plan(_saved: &str) -> &'static [Planned<Step>] {
        &PLAN
    }

    async fn act(&self, step: Step, direction: Direction, cx: &Arc<StepContext>) -> Result<String> {
        let rehearsal = self.rehearsal();
        match (step, direction) {
            (Step::Check, Direction::Run) => self.check(cx).await,
            (Step::Check, Direction::Undo) => {
                helpers::remove(cx, &["measure", MEMORY], &["staging"]).await.and_then(|()| nothing())
            }
            (Step::Read, direction) => rehearsal.act(restore::Step::Read, direction, cx).await,
            (Step::Fetch, direction) => rehearsal.act(restore::Step::Fetch, direction, cx).await,
            (Step::Candidate, Direction::Run) => self.candidate(cx).await,
            (Step::Candidate, Direction::Undo) => {
                rehearsal.act(restore::Step::Candidate, direction, cx).await?;
                new_server::remove_volume(cx, &data_volume(&self.name)).await.and_then(|()| nothing())
            }
            (Step::Consistency, direction) => rehearsal.act(restore::Step::Consistency, direction, cx).await,
            (Step::Prove, Direction::Run) => self.prove(cx).await,
            (Step::Prove, Direction::Undo) => {
                helpers::remove(cx, &["serve", "aside"], &[]).await.and_then(|()| nothing())
            }
            (Step::Create, Direction::Run) => self.create(cx).await,
            (Step::Create, Direction::Undo) => new_server::remove_server(cx, &self.name).await.and_then(|()| nothing()),
            (Step::Start, Direction::Run) => rehearsal.act(restore::Step::Start, direction, &self.beside(cx)?).await,
            (Step::Verify, Direction::Run) => rehearsal.act(restore::Step::Verify, direction, &self.beside(cx)?).await,
            // Goes with the server itself.
            (Step::Start | Step::Verify, Direction::Undo) => nothing(),
            (Step::Adopt, Direction::Run) => self.adopt(cx).await,
            (Step::Adopt, Direction::Undo) => self.forget(cx).await,
            (Step::Clean, Direction::Run) => {
                helpers::remove_or_leave(cx, &HELPERS, &VOLUMES).await;
                Ok(format!("{} stays, with its volume.", self.name))
            }
            (Step::Clean, Direction::Undo) => nothing(),
        }
    }

    async fn outcome(&self, cx: &Arc<StepContext>) -> Result<Outcome> {
        Ok(Outcome { deployment: Some(self.name.clone()), ..self.rehearsal().outcome(cx).await? })
    }

    fn backup(&self) -> Option<&BackupId> {
        Some(&self.backup)
    }

    /// The identity was given for this job alone.
    fn without_secrets(&self) -> Option<Self> {
        self.sealed_identity.is_some().then(|| Self {
            backup: self.backup.clone(),
            name: self.name.clone(),
            sealed_identity: None,
            ..*self
        })
    }
}
