//! Messages to people: where they go, how they are sent, and what becomes of one after a try.

pub(crate) mod send;
pub mod signature;

use crate::crypto::seal::Seal;
use crate::error::Result;
use crate::store::{ChannelRow, Ping};
use chrono::{DateTime, Utc};
use domain::channel::delivery::backoff;
use domain::channel::{ChannelName, Delivery, DeliveryState, Destination, Terms, WebAddress};
use domain::deployment::DeploymentName;

/// What `channel <name>` in a sealed text is bound to.
fn seal_context(name: &ChannelName) -> String {
    format!("channel {name}")
}

/// Where a channel sends to, opened.
pub(crate) fn destination(row: &ChannelRow, seal: &Seal) -> Result<Destination> {
    Ok(serde_json::from_str(&seal.open(&seal_context(&row.name), &row.sealed)?)?)
}

/// The row of a channel, with its destination sealed.
pub(crate) fn sealed(name: &ChannelName, destination: &Destination, terms: Terms, seal: &Seal) -> Result<ChannelRow> {
    let sealed = seal.seal(&seal_context(name), &serde_json::to_string(destination)?)?;
    Ok(ChannelRow { name: name.clone(), kind: destination.kind(), shown: destination.shown(), sealed, terms })
}

fn ping_seal_context(name: &DeploymentName) -> String {
    format!("ping of {name}")
}

/// The address of the dead-man ping, opened.
pub(crate) fn open_ping(seal: &Seal, name: &DeploymentName, ping: &Ping) -> Result<WebAddress> {
    Ok(WebAddress::parse("ping_url", &seal.open(&ping_seal_context(name), &ping.sealed)?)?)
}

/// The address sealed, beside what may be shown of it.
pub(crate) fn sealed_ping(seal: &Seal, name: &DeploymentName, url: &WebAddress) -> Result<Ping> {
    Ok(Ping { shown: url.shown(), sealed: seal.seal(&ping_seal_context(name), url.expose())? })
}

/// The delivery after one more try.
pub(crate) fn after(before: &Delivery, sent: Result<(), String>, now: DateTime<Utc>) -> Delivery {
    let attempts = before.attempts + 1;
    let (state, problem, next_at) = match sent {
        Ok(()) => (DeliveryState::Delivered, None, None),
        Err(why) => match backoff(attempts) {
            Some(wait) => (DeliveryState::Waiting, Some(why), Some(now + wait)),
            None => (DeliveryState::Failed, Some(why), None),
        },
    };
    Delivery { attempts, state, problem, next_at, tried_at: Some(now), ..before.clone() }
}
