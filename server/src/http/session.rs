//! The session cookie and what a session holds. The member and the epoch are put in by the sign-in of `app`; when it
//! began and when it was last used are noted here.

use super::session_store::Sessions;
use crate::config::Config;
use app::api::cookie_name;
use chrono::{DateTime, Utc};
use domain::member::MemberId;
use tower_sessions::cookie::SameSite;
use tower_sessions::session::Error;
use tower_sessions::{Expiry, Session, SessionManagerLayer};

/// Who signed in, by number.
pub const MEMBER: &str = "member";
/// Of the member's password at sign-in.
pub const EPOCH: &str = "epoch";
/// Seconds since 1970 at sign-in.
pub const SINCE: &str = "since";
/// Seconds since 1970 at the last visit, noted at most once a minute.
pub const SEEN: &str = "seen";

/// Seconds between two notes of a visit: a busy visitor costs one write a minute.
pub const NOTE_EVERY: i64 = 60;

/// The cookie lives as long as a session can; idle time is checked on the server.
pub fn layer(config: &Config, sessions: Sessions) -> SessionManagerLayer<Sessions> {
    let https = config.url.is_https();
    SessionManagerLayer::new(sessions)
        .with_name(cookie_name("session", https))
        .with_secure(https)
        .with_http_only(true)
        .with_same_site(SameSite::Strict)
        .with_path("/")
        .with_expiry(Expiry::OnInactivity(time::Duration::seconds(config.session_life.as_secs() as i64)))
}

/// What a signed-in session says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticket {
    pub member: MemberId,
    pub epoch: i64,
    pub since: i64,
    pub seen: i64,
}

impl Ticket {
    /// `None` when nobody signed in with it.
    pub async fn read(session: &Session) -> Result<Option<Self>, Error> {
        let (Some(member), Some(epoch)) = (session.get(MEMBER).await?, session.get(EPOCH).await?) else {
            return Ok(None);
        };
        // Missing notes count as "long ago": such a session is over.
        let since = session.get(SINCE).await?.unwrap_or(0);
        Ok(Some(Self { member: MemberId(member), epoch, since, seen: session.get(SEEN).await?.unwrap_or(since) }))
    }

    /// Whether it is too long ago that the session began or was last used.
    pub fn is_over(&self, now: DateTime<Utc>, config: &Config) -> bool {
        let now = now.timestamp();
        now - self.since >= config.session_life.as_secs() as i64
            || now - self.seen >= config.session_idle.as_secs() as i64
    }

    /// Whether the last visit is to be noted: the last note is at least [`NOTE_EVERY`] seconds old.
    pub fn is_due(&self, now: DateTime<Utc>) -> bool {
        now.timestamp() - self.seen >= NOTE_EVERY
    }
}

/// Notes the beginning of a session.
pub async fn begin(session: &Session, now: DateTime<Utc>) -> Result<(), Error> {
    session.insert(SINCE, now.timestamp()).await?;
    session.insert(SEEN, now.timestamp()).await
}
