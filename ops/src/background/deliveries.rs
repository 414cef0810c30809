//! Delivers what waits. Each recipient by itself, so a slow one holds up only its own; at least once: a crash between
//! the answer and its record sends again, with the same number.

use super::alarms::logged;
use crate::console::state::AppState;
use crate::engine::messages::send::{ping, send};
use crate::engine::messages::{self, after};
use crate::error::{Error, Result};
use crate::store::DeploymentRow;
use chrono::{DateTime, Timelike, Utc};
use domain::alarm::policy::{Minute, Quiet};
use domain::channel::{Delivery, Destination, Recipient, WebAddress};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const DELIVER_EVERY: Duration = Duration::from_secs(5);
/// To one recipient in one round: a round must end soon, the next one goes on.
const AT_ONCE: usize = 5;

/// Ends by itself after `stop`: a message under way is brought to its end and written down, or the next start would
/// send it again.
pub(crate) async fn deliver_forever(state: Arc<AppState>, stop: CancellationToken) {
    while !stop.is_cancelled() {
        logged(round(&state, &stop).await);
        stop.run_until_cancelled(state.ports.clock.sleep(DELIVER_EVERY)).await;
    }
}

/// Where a recipient's messages go now.
enum Route {
    Channel(Destination, Option<Quiet>),
    Ping(WebAddress),
    /// They wait.
    Paused,
    /// The channel, the ping or the deployment was removed meanwhile.
    Gone,
}

/// After `stop` no message is begun; those under way are waited for.
pub(crate) async fn round(state: &AppState, stop: &CancellationToken) -> Result<()> {
    let due = state.store.due_deliveries(state.ports.clock.now()).await?;
    let groups = due.chunk_by(|a, b| a.recipient == b.recipient);
    let done = futures::future::join_all(groups.map(|group| deliver_to(state, group, stop))).await;
    done.into_iter().collect()
}

/// Oldest first, until one fails: the others would wait as long for the same answer.
async fn deliver_to(state: &AppState, due: &[Delivery], stop: &CancellationToken) -> Result<()> {
    let Some(first) = due.first() else { return Ok(()) };
    let route = match route(state, &first.recipient).await {
        Ok(Route::Paused) => return Ok(()),
        Err(error @ Error::Unavailable { .. }) => return Err(error),
        other => other.map_err(|error| error.problem().to_string()),
    };
    let now = local(route.as_ref().ok(), state.ports.clock.now());
    let quiet = |d: &&Delivery| matches!(&route, Ok(Route::Channel(_, Some(quiet))) if quiet.holds(d.event.level, now));
    for delivery in due.iter().filter(|d| !quiet(d)).take(AT_ONCE) {
        if stop.is_cancelled() {
            break;
        }
        let sent = match &route {
            Ok(route) => attempt(state, route, delivery).await,
            Err(why) => Err(why.clone()),
        };
        let failed = sent.is_err();
        state.store.set_delivery(&after(delivery, sent, state.ports.clock.now())).await?;
        if failed {
            break;
        }
    }
    Ok(())
}

async fn attempt(state: &AppState, route: &Route, delivery: &Delivery) -> Result<(), String> {
    let sent = match route {
        Route::Channel(destination, _) => {
            send(&state.ports, &state.instance, destination, &delivery.event, delivery.id).await
        }
        Route::Ping(url) => ping(&state.ports, url).await,
        Route::Paused => return Ok(()),
        Route::Gone => return Err("It was removed before the message was sent.".into()),
    };
    sent.map_err(|error| {
        tracing::warn!(recipient = %delivery.recipient, event = delivery.event.kind.as_str(), %error, "could not deliver a message");
        error.line()
    })
}

async fn route(state: &AppState, recipient: &Recipient) -> Result<Route> {
    match recipient {
        Recipient::Channel(name) => match state.store.channel(name).await {
            Ok(row) if row.terms.paused => Ok(Route::Paused),
            Ok(row) => Ok(Route::Channel(messages::destination(&row, &state.seal)?, row.terms.quiet)),
            Err(Error::NotFound { .. }) => Ok(Route::Gone),
            Err(error) => Err(error),
        },
        Recipient::Ping(name) => match state.store.deployment(name).await {
            Ok(DeploymentRow { name, .. }) => match state.store.alarm_settings(&name).await?.ping {
                Some(ping) => Ok(Route::Ping(messages::open_ping(&state.seal, &name, &ping)?)),
                None => Ok(Route::Gone),
            },
            Err(Error::NotFound { .. }) => Ok(Route::Gone),
            Err(error) => Err(error),
        },
    }
}

/// The time of day where the channel's people are. A zone that is not known any more counts as UTC.
fn local(route: Option<&Route>, now: DateTime<Utc>) -> Minute {
    let zone = match route {
        Some(Route::Channel(_, Some(quiet))) => quiet.time_zone.parse().unwrap_or(chrono_tz::UTC),
        _ => chrono_tz::UTC,
    };
    let there = now.with_timezone(&zone);
    Minute::of(there.hour(), there.minute())
}
