//! Who is there: turns the session into a [`Visitor`] for every page and server function. Asks the console each time,
//! so a member who was disabled or changed their password is out at once.

use super::errors::bare;
use super::session::{self, Ticket};
use super::{access_log, address};
use crate::site::Site;
use app::api::{Visitor, cookie, cookie_name};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use ops::{Actor, Error};
use tower_sessions::Session;

/// Finds out who asks, for everything behind it.
pub async fn authenticate(State(site): State<Site>, session: Session, mut request: Request, next: Next) -> Response {
    let address = address::of(request.extensions(), request.headers(), &site.config.trusted_proxies);
    let actor = match signed_in(&site, &session, &address).await {
        Ok(actor) => actor,
        Err(error) => return bare(error.problem()),
    };
    // Only the two words the style sheet knows; everything else is "as the system has it".
    let https = site.config.url.is_https();
    let theme = cookie(request.headers(), &cookie_name("theme", https))
        .filter(|theme| ["light", "dark"].contains(&theme.as_str()))
        .unwrap_or_default();
    request.extensions_mut().insert(Visitor { actor, address, theme, https, now: site.ports.clock.now() });
    let before = session.id();
    let response = next.run(request).await;
    match begin_if_new(&site, &session, before).await {
        Ok(()) => response,
        Err(error) => bare(Error::internal(error).problem()),
    }
}

async fn signed_in(site: &Site, session: &Session, address: &str) -> Result<Option<Actor>, Error> {
    let now = site.ports.clock.now();
    if session.id().is_none() {
        return Ok(None);
    }
    let Some(ticket) = Ticket::read(session).await.map_err(Error::internal)? else { return Ok(None) };
    if ticket.is_over(now, &site.config) {
        session.flush().await.map_err(Error::internal)?;
        return Ok(None);
    }
    let Some(actor) = site.console.actor_of_session(ticket.member, ticket.epoch, address).await? else {
        session.flush().await.map_err(Error::internal)?;
        return Ok(None);
    };
    access_log::member(&actor.name);
    if let (true, Some(id)) = (ticket.is_due(now), session.id()) {
        site.sessions.touch(id, session::SEEN, now.timestamp()).await;
    }
    Ok(Some(actor))
}

/// A sign-in gives the session a new id; its life is counted from there.
async fn begin_if_new(
    site: &Site,
    session: &Session,
    before: Option<tower_sessions::session::Id>,
) -> Result<(), tower_sessions::session::Error> {
    if session.is_modified()
        && (before.is_none() || session.id() != before)
        && session.get::<i64>(session::MEMBER).await?.is_some()
    {
        session::begin(session, site.ports.clock.now()).await?;
    }
    Ok(())
}
