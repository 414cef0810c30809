//! The audit log: every act and every refused act. Begun before the act, finished after it; each entry signed
//! ([`chain`]), and written to the console's own log as well.

use crate::actor::Actor;
use crate::crypto::chain::Signed;
use crate::crypto::seal::Seal;
use crate::error::Result;
use crate::store::Store;
use chrono::{DateTime, Utc};
use domain::audit::{Entry, Outcome};
use ports::Clock;

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

/// Writes the entries.
pub(crate) struct AuditLog<'a> {
    pub store: &'a Store,
    pub seal: &'a Seal,
    pub clock: &'a dyn Clock,
}

impl AuditLog<'_> {
    /// Records an act that is over at once, such as a denied one.
    pub(crate) async fn record(&self, new: &New<'_>, outcome: Outcome, detail: &str) -> Result<()> {
        let entry = entry(self.clock.now(), new, outcome, detail);
        tell(&self.store.insert_audit(self.seal, entry).await?);
        Ok(())
    }

    /// Fails when it cannot be written; then the act must not be done.
    pub(crate) async fn begin(&self, new: &New<'_>) -> Result<i64> {
        let entry = entry(self.clock.now(), new, Outcome::Begun, &new.detail);
        let begun = self.store.insert_audit(self.seal, entry).await?;
        tell(&begun);
        Ok(begun.entry.id)
    }

    /// Retried three times, then logged: the change is done and cannot be taken back for it.
    pub(crate) async fn finish(&self, id: i64, outcome: Outcome, detail: Option<&str>) {
        for attempt in 1..=3 {
            match self.store.finish_audit(self.seal, id, outcome, detail).await {
                Ok(ended) => return tell(&ended),
                Err(error) => tracing::error!(id, attempt, %error, "could not finish an audit entry"),
            }
        }
    }
}

/// To the console's own log, which usually leaves the host: what is changed in the database later can be told by it.
fn tell(Signed { entry, link, .. }: &Signed) {
    match serde_json::to_string(entry) {
        Ok(entry) => tracing::info!(target: "audit", link, "{entry}"),
        Err(error) => tracing::error!(%error, "could not serialise an audit entry"),
    }
}
