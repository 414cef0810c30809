//! Whether a deployment still has the data of its backups.

use crate::error::Result;
use crate::store::Store;
use domain::deployment::{DeploymentName, Health, Observation};
use domain::replaced::{MUCH_LESS, Replaced};

/// From what was last seen of the server, or else from its newest backup.
pub(crate) async fn replaced(
    store: &Store,
    name: &DeploymentName,
    seen: Option<&Observation>,
) -> Result<Option<Replaced>> {
    let Some(newest) = store.last_verified(name).await? else { return Ok(None) };
    let answers = seen.filter(|seen| seen.health == Health::Answers);
    let present = answers
        .map(|seen| seen.server.store())
        .filter(|store| !store.is_empty())
        .unwrap_or_else(|| newest.store.clone());
    // Of several databases only the default one is counted by a look.
    let one = answers.filter(|seen| seen.server.databases.iter().filter(|d| d.name != "system").count() == 1);
    let nodes_now = one.and_then(|seen| seen.server.nodes).or(newest.nodes);
    let much = nodes_now.map_or(u64::MAX, |nodes| nodes.saturating_mul(MUCH_LESS).saturating_add(1));
    let former = store.former(name, &present, much).await?;
    // It was found for the one reason or the other.
    Ok(former.map(|former| Replaced {
        other_store: !present.is_empty() && !former.store.is_empty() && former.store != present,
        former,
        nodes_now,
    }))
}
