//! What somebody changed on a container outside of the console.

use crate::crypto::seal::Seal;
use crate::error::Result;
use crate::store::{DeploymentRow, Store};
use chrono::{DateTime, Utc};
use domain::change::{Configuration, Drift, drift};
use domain::container::Container;
use domain::deployment::{DeploymentName, Observation};
use domain::finding::Finding;
use domain::text::Tone;

const PURPOSE: &str = "configuration";

/// Keeps what the container is set to as what the console knows.
pub(crate) async fn know(
    store: &Store,
    seal: &Seal,
    name: &DeploymentName,
    container: &Container,
    at: DateTime<Utc>,
) -> Result<()> {
    let sign = |key: &str, value: &str| seal.sign(&[PURPOSE, name.as_str(), key, value]);
    store.set_configuration(name, &Configuration::of(container, sign), at).await
}

/// The first look at an adopted container is what is known of it.
pub(crate) async fn know_at_first(
    store: &Store,
    seal: &Seal,
    row: &DeploymentRow,
    seen: &Observation,
    at: DateTime<Utc>,
) -> Result<()> {
    let Some(container) = &seen.container else { return Ok(()) };
    if store.configuration(&row.name).await?.is_some() || store.live_job(&row.name).await?.is_some() {
        return Ok(());
    }
    know(store, seal, &row.name, container, at).await
}

/// Nothing while a job is at work there, or where the container is gone.
pub(crate) async fn found(
    store: &Store,
    seal: &Seal,
    name: &DeploymentName,
    container: Option<&Container>,
) -> Result<Vec<Drift>> {
    let (Some(container), Some(known)) = (container, store.configuration(name).await?) else { return Ok(vec![]) };
    if store.live_job(name).await?.is_some() {
        return Ok(vec![]);
    }
    let is_signed =
        |key: &str, value: &str, signature: &str| seal.has_signed(&[PURPOSE, name.as_str(), key, value], signature);
    Ok(drift(&known, container, is_signed))
}

/// As a finding of the overview.
pub(crate) fn finding(drift: &[Drift]) -> Option<Finding> {
    const NAMED: usize = 3;
    if drift.is_empty() {
        return None;
    }
    let named: Vec<&str> = drift.iter().take(NAMED).map(|one| one.what.as_str()).collect();
    let more = drift.len().saturating_sub(NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    Some(Finding {
        code: "drift".into(),
        tone: Tone::Warn,
        what: "The container was changed outside of the console.".into(),
        why: format!("Changed: {}{rest}. Accept it, or revert it.", named.join(", ")),
    })
}
