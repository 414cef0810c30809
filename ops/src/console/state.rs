//! What all parts of the console share. Use cases see it through a [`super::context::Context`], jobs and background
//! loops directly.

use super::loops::Loops;
use super::postponed_drills::PostponedDrills;
use super::running_steps::RunningSteps;
use crate::crypto::hashing::Hashing;
use crate::crypto::seal::Seal;
use crate::engine::audit_log::AuditLog;
use crate::engine::observer::Observer;
use crate::engine::registry_tags::RegistryTags;
use crate::engine::{registry_sign_ins, storage};
use crate::error::Result;
use crate::store::Store;
use crate::timeouts::Timeouts;
use domain::encryption::Recipient;
use domain::image::ImageReference;
use domain::registry_sign_in::RegistrySignIn;
use domain::target::TargetName;
use ports::{Ports, Target};
use std::sync::Arc;

/// What all parts of the console share. Private: use cases see it through a [`Context`], the runner through
/// `crate::jobs`.
pub(crate) struct AppState {
    pub(crate) store: Store,
    pub(crate) ports: Ports,
    pub(crate) seal: Seal,
    pub(crate) observer: Observer,
    pub(crate) registry_tags: RegistryTags,
    pub(crate) wake: tokio::sync::Notify,
    /// Marks helpers and volumes as this console's, so that two consoles on one engine leave each other alone.
    pub(crate) instance: String,
    /// Of the deployment's stop and of waiting for Neo4j.
    pub(crate) timeouts: Timeouts,
    /// Held by the one upload at a time: two of the same backup would write into each other, two large ones both count
    /// the same room.
    pub(crate) uploading: tokio::sync::Mutex<()>,
    pub(crate) postponed_drills: PostponedDrills,
    pub(crate) running_steps: RunningSteps,
    pub(crate) loops: Loops,
    pub(crate) hashing: Hashing,
    #[cfg(feature = "fault-points")]
    pub(crate) hold_at: std::sync::OnceLock<super::fault_point::HoldAt>,
}

impl AppState {
    /// The log of acts, written with the console's key.
    pub(crate) fn audit_log(&self) -> AuditLog<'_> {
        AuditLog { store: &self.store, seal: &self.seal, clock: self.ports.clock.as_ref() }
    }

    /// A target by name, ready to be written and read. Connects to nothing yet.
    pub(crate) async fn open_target(&self, name: &TargetName) -> Result<Arc<dyn Target>> {
        storage::open(&self.store, &self.ports, &self.seal, name).await
    }

    /// The sign-in for the registry that this image is from; none where nobody saved one.
    pub(crate) async fn registry_sign_in(&self, image: &ImageReference) -> Result<Option<RegistrySignIn>> {
        registry_sign_ins::of(&self.store, &self.seal, image).await
    }

    /// The keys that copies on a target are encrypted to; none: they are not.
    pub(crate) async fn recipients(&self, name: &TargetName) -> Result<Vec<Recipient>> {
        storage::recipients(&self.store, name).await
    }
}
