//! The audit log: every act and every refused act. Begun before the act, finished after it; each entry signed ([`chain`]), and written to
//! the console's own log as well.

pub mod chain;

use crate::console::{Actor, Inner, Query, Scene};
use crate::error::Result;
use chain::Signed;
use chrono::{DateTime, Utc};
use domain::audit::{Entry, Outcome};
use domain::page::Page;
use domain::permission::Permission;

/// What is about to be done.
pub(crate) struct New<'a> {
    pub actor: &'a Actor,
    pub act: &'static str,
    pub target: String,
    pub detail: String,
}

fn entry(at: DateTime<Utc>, new: &New<'_>, outcome: Outcome, detail: &str) -> Entry {
    let bounded = |text: &str| text.chars().take(600).collect::<String>();
    Entry {
        id: 0,
        at,
        who: new.actor.name.clone(),
        via: new.actor.via.words(),
        address: new.actor.address.clone(),
        act: new.act.into(),
        target: bounded(&new.target),
        outcome,
        detail: bounded(detail),
    }
}

/// Records an act that is over at once, such as a denied one.
pub(crate) async fn record(inner: &Inner, new: &New<'_>, outcome: Outcome, detail: &str) -> Result<()> {
    let entry = entry(inner.ports.clock.now(), new, outcome, detail);
    tell(&inner.store.insert_audit(&inner.seal, entry).await?);
    Ok(())
}

/// Fails when it cannot be written; then the act must not be done.
pub(crate) async fn begin(inner: &Inner, new: &New<'_>) -> Result<i64> {
    let entry = entry(inner.ports.clock.now(), new, Outcome::Begun, &new.detail);
    let begun = inner.store.insert_audit(&inner.seal, entry).await?;
    tell(&begun);
    Ok(begun.entry.id)
}

/// Tried three times, then logged: the act is done and cannot be taken back for it.
pub(crate) async fn finish(inner: &Inner, id: i64, outcome: Outcome, detail: Option<&str>) {
    for attempt in 1..=3 {
        match inner.store.finish_audit(&inner.seal, id, outcome, detail).await {
            Ok(ended) => return tell(&ended),
            Err(error) => tracing::error!(id, attempt, %error, "an audit entry could not be finished"),
        }
    }
}

/// To the console's own log, which usually leaves the host: what is changed in the database later can be told by it.
fn tell(Signed { entry, link, .. }: &Signed) {
    match serde_json::to_string(entry) {
        Ok(entry) => tracing::info!(target: "audit", link, "{entry}"),
        Err(error) => tracing::error!(%error, "an audit entry has no words"),
    }
}

/// The log, newest first.
pub struct ListAudit {
    /// Looked for in who, act, target, outcome and detail; empty finds all.
    pub find: String,
    pub page: u32,
}

impl Query for ListAudit {
    const NEEDS: Permission = Permission::AuditView;
    type Answer = Page<Entry>;
    async fn answer(self, scene: &Scene<'_>) -> Result<Page<Entry>> {
        scene.store().audit_page(self.find.trim(), self.page).await
    }
}
