//! What a use case is, and what it may reach.

use super::postponed_drills::PostponedDrills;
use super::state::AppState;
use crate::actor::Actor;
use crate::crypto::hashing::Hashing;
use crate::crypto::seal::Seal;
use crate::engine::containers::with_container;
use crate::engine::observer::Observer;
use crate::engine::registry_tags::RegistryTags;
use crate::error::Result;
use crate::store::{DeploymentRow, Store};
use crate::timeouts::Timeouts;
use chrono::{DateTime, Utc};
use domain::container::Container;
use domain::deployment::DeploymentName;
use domain::permission::Permission;
use domain::scope::Subject;
use domain::target::TargetName;
use ports::{Ports, Target};
use std::sync::Arc;

/// A use case that alters something. Permissions, subject and audit name stand on it; the compiler demands them.
pub trait Change: Send {
    /// Verb first, as the audit log and the button say it: `start backup`.
    const NAME: &'static str;
    /// All of them.
    const NEEDS: &'static [Permission];
    type Outcome: Send;
    /// Subject whose scope the permissions are checked in.
    fn subject(&self) -> Subject;
    /// What the change applies to, for the audit log. Never a secret.
    fn target(&self) -> String;
    /// Why, for the audit log; empty when none was asked for.
    fn reason(&self) -> String {
        String::new()
    }
    fn apply(self, cx: &Context<'_>) -> impl Future<Output = Result<Self::Outcome>> + Send;
}

/// A use case that only reads. Same permission check, no audit entry.
pub trait Query: Send {
    /// All of them.
    const NEEDS: &'static [Permission];
    type Answer: Send;
    /// As of a change.
    fn subject(&self) -> Subject;
    fn answer(self, cx: &Context<'_>) -> impl Future<Output = Result<Self::Answer>> + Send;
}

/// What a use case may reach. Only [`super::Console`] makes one.
pub struct Context<'a> {
    pub(super) state: &'a AppState,
    pub actor: &'a Actor,
}

impl Context<'_> {
    /// The console's own database.
    pub fn store(&self) -> &Store {
        &self.state.store
    }

    /// Docker, Neo4j, targets, messages and the clock.
    pub fn ports(&self) -> &Ports {
        &self.state.ports
    }

    /// The key for stored secrets and signatures.
    pub fn seal(&self) -> &Seal {
        &self.state.seal
    }

    /// How long a stop, a start and the like may take.
    pub(crate) fn timeouts(&self) -> &Timeouts {
        &self.state.timeouts
    }

    /// For what jobs share with use cases.
    pub(crate) fn state(&self) -> &AppState {
        self.state
    }

    /// Why drills that are due wait.
    pub(crate) fn postponed_drills(&self) -> &PostponedDrills {
        &self.state.postponed_drills
    }

    /// What was last seen of each deployment, and a new look.
    pub fn observer(&self) -> &Observer {
        &self.state.observer
    }

    /// What registries told of their tags, and new questions.
    pub(crate) fn registry_tags(&self) -> &RegistryTags {
        &self.state.registry_tags
    }

    /// The time, by the clock port.
    pub fn now(&self) -> DateTime<Utc> {
        self.state.ports.clock.now()
    }

    /// As [`AppState::open_target`].
    pub(crate) async fn open_target(&self, name: &TargetName) -> Result<Arc<dyn Target>> {
        self.state.open_target(name).await
    }

    /// The row and the container of a deployment, or the problem that the container is gone.
    pub(crate) async fn with_container(&self, name: &DeploymentName) -> Result<(DeploymentRow, Container)> {
        with_container(self.store(), self.ports(), name).await
    }

    /// Password hashes, a few at a time.
    pub(crate) fn hashing(&self) -> &Hashing {
        &self.state.hashing
    }

    /// The lock of uploads; none while another upload runs.
    pub(crate) fn uploading(&self) -> Option<tokio::sync::MutexGuard<'_, ()>> {
        self.state.uploading.try_lock().ok()
    }

    /// Tells the runner that a job was queued or asked to stop.
    pub fn wake_runner(&self) {
        self.state.wake.notify_one();
    }
}
