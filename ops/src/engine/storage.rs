//! Opens the targets that backups are copied to.

use crate::crypto::seal::Seal;
use crate::error::Result;
use crate::store::Store;
use domain::encryption::Recipient;
use domain::target::TargetName;
use ports::{Ports, Target};
use std::sync::Arc;

/// What the keys of a target are bound to when sealed.
pub(crate) fn seal_context(name: &TargetName) -> String {
    format!("target {name}")
}

/// A target of the console by name, ready to be written and read. Connects to nothing yet.
pub(crate) async fn open(store: &Store, ports: &Ports, seal: &Seal, name: &TargetName) -> Result<Arc<dyn Target>> {
    if name.is_local() {
        return Ok(ports.target.clone());
    }
    let row = store.target(name).await?;
    let keys = match &row.sealed_keys {
        Some(sealed) => Some(serde_json::from_str(&seal.open(&seal_context(name), sealed)?)?),
        None => None,
    };
    Ok(ports.targets.open(&row.place, keys.as_ref())?)
}

/// The keys that copies on a target are encrypted to; none: they are not.
pub(crate) async fn recipients(store: &Store, name: &TargetName) -> Result<Vec<Recipient>> {
    if name.is_local() { Ok(Vec::new()) } else { Ok(store.target(name).await?.recipients) }
}
