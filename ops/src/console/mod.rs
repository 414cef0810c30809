//! The single entry point of all use cases. Nothing changes without a permission check and an audit entry, because only
//! [`Console`] makes a [`Context`] and only a context reaches the store and the engine for a change.

pub mod context;
#[cfg(feature = "fault-points")]
pub mod fault_point;
pub mod loops;
pub(crate) mod postponed_drills;
pub(crate) mod running_steps;
pub(crate) mod state;

use crate::actor::Actor;
use crate::crypto::hashing::Hashing;
use crate::crypto::seal::Seal;
use crate::engine::audit_log::New;
use crate::engine::observer::Observer;
use crate::engine::registry_tags::RegistryTags;
use crate::error::{Error, Result};
use crate::store::Store;
use crate::timeouts::Timeouts;
use context::{Change, Context, Query};
use domain::audit::Outcome;
use domain::scope::{Scope, Subject};
use loops::{Loop, LoopState, Loops};
use ports::Ports;
use postponed_drills::PostponedDrills;
use running_steps::RunningSteps;
use state::AppState;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The console. Cheap to clone.
#[derive(Clone)]
pub struct Console {
    pub(crate) state: Arc<AppState>,
}

impl Console {
    /// Puts the console together; the store is already migrated. Starts nothing: see [`crate::background::start`].
    pub async fn new(store: Store, seal: Seal, ports: Ports, timeouts: Timeouts) -> Result<Self> {
        let instance = store.instance().await?;
        let observer = Observer::new(ports.clone());
        let state = AppState {
            store,
            ports,
            seal,
            observer,
            registry_tags: RegistryTags::default(),
            wake: tokio::sync::Notify::new(),
            instance,
            timeouts,
            uploading: tokio::sync::Mutex::default(),
            postponed_drills: PostponedDrills::default(),
            running_steps: RunningSteps::default(),
            loops: Loops::default(),
            hashing: Hashing::default(),
            #[cfg(feature = "fault-points")]
            hold_at: std::sync::OnceLock::new(),
        };
        Ok(Self { state: Arc::new(state) })
    }

    /// Does a change: audit begin → permission → apply → audit finish. A begun entry without an end is the trace of a
    /// crash.
    pub async fn perform<C: Change>(&self, actor: &Actor, change: C) -> Result<C::Outcome> {
        let entry = New { actor, act: C::NAME, target: change.target(), detail: change.reason() };
        if let Some(needs) = actor.lacks(C::NEEDS, &self.scope(change.subject()).await?) {
            self.state.audit_log().record(&entry, Outcome::Denied, needs.name()).await?;
            return Err(Error::Denied { needs });
        }
        // If this cannot be written, nothing is done.
        let id = self.state.audit_log().begin(&entry).await?;
        let result = change.apply(&Context { state: &self.state, actor }).await;
        let (outcome, detail) = match &result {
            Ok(_) => (Outcome::Done, None),
            Err(error) => (Outcome::Failed, Some(error.to_string())),
        };
        self.state.audit_log().finish(id, outcome, detail.as_deref()).await;
        result
    }

    /// Answers a question. A refused one is in the audit log, as a refused change is.
    pub async fn ask<Q: Query>(&self, actor: &Actor, query: Q) -> Result<Q::Answer> {
        if let Some(needs) = actor.lacks(Q::NEEDS, &self.scope(query.subject()).await?) {
            let entry = New { actor, act: "read", target: String::new(), detail: String::new() };
            self.state.audit_log().record(&entry, Outcome::Denied, needs.name()).await?;
            return Err(Error::Denied { needs });
        }
        query.answer(&Context { state: &self.state, actor }).await
    }

    /// Scope of a subject. Unknown subjects get the whole console; the use case then answers "not found".
    pub async fn scope(&self, subject: Subject) -> Result<Scope> {
        let deployment = match subject {
            Subject::Console => return Ok(Scope::everywhere()),
            Subject::Host(host) => return Ok(Scope { host: Some(host), deployment: None }),
            Subject::Deployment(name) => Some(name),
            Subject::Backup(id) => self.state.store.deployment_of_backup(&id).await?,
            Subject::Job(id) => self.state.store.deployment_of_job(id).await?,
        };
        let adopted = self.state.store.deployments().await?;
        let host = adopted.into_iter().find(|row| Some(&row.name) == deployment.as_ref()).map(|row| row.host);
        Ok(Scope { host, deployment })
    }

    /// Before [`crate::background::start`]: where a job is to wait for its console's end.
    #[cfg(feature = "fault-points")]
    pub fn hold_at(&self, hold_at: fault_point::HoldAt) {
        self.state.hold_at.get_or_init(|| hold_at);
    }

    /// The background loops that were started, and how they fare.
    pub fn loops(&self) -> BTreeMap<Loop, LoopState> {
        self.state.loops.all()
    }

    /// The console's own database; the server asks it whether it answers.
    pub fn store(&self) -> &Store {
        &self.state.store
    }
}
