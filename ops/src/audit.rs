//! The audit log: every act and every refused act. Begun before the act, finished after it.

use crate::console::{Actor, Query, Scene};
use crate::error::Result;
use crate::store::Store;
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
pub(crate) async fn record(store: &Store, at: DateTime<Utc>, new: &New<'_>, outcome: Outcome, detail: &str) -> Result<()> {
    store.insert_audit(&entry(at, new, outcome, detail)).await?;
    Ok(())
}

/// Fails when it cannot be written; then the act must not be done.
pub(crate) async fn begin(store: &Store, at: DateTime<Utc>, new: &New<'_>) -> Result<i64> {
    store.insert_audit(&entry(at, new, Outcome::Begun, &new.detail)).await
}

/// Tried three times, then logged: the act is done and cannot be taken back for it.
pub(crate) async fn finish(store: &Store, id: i64, outcome: Outcome, detail: Option<&str>) {
    for attempt in 1..=3 {
        match store.finish_audit(id, outcome, detail).await {
            Ok(()) => return,
            Err(error) => tracing::error!(id, attempt, %error, "an audit entry could not be finished"),
        }
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
