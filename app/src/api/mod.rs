//! Server functions by subject: who, parse, perform or ask, reply. Each is a public endpoint under `/api/fn`; the
//! permission check and the audit entry are in `ops`. The only place of this package that knows whether it runs on the
//! server.

#![allow(clippy::too_many_arguments, reason = "the arguments of a server function are the fields of its form")]

pub mod account;
pub mod audit;
pub mod backups;
pub mod call;
pub mod deployments;
pub mod drills;
pub mod frame;
pub mod jobs;
pub mod members;
pub mod notifications;
pub mod question;
#[cfg(feature = "ssr")]
mod request;
pub mod restores;
pub mod schedules;
pub mod status;
pub mod targets;
pub mod tokens;

use chrono::{DateTime, Utc};
use domain::Problem;
use serde::{Deserialize, Serialize};
use status::note_status;

#[cfg(feature = "ssr")]
pub use request::{Visitor, cookie, cookie_name};

/// An answer with the server's clock, from which ages are counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timed<T> {
    pub value: T,
    pub now: DateTime<Utc>,
}

#[cfg(feature = "ssr")]
pub use request::{me, take_refusal};

/// In the browser these two are known from the page, or not at all.
#[cfg(not(feature = "ssr"))]
pub fn me() -> crate::visitor::Me {
    crate::visitor::Me::default()
}

/// In the browser there is none: it comes with the page.
#[cfg(not(feature = "ssr"))]
pub fn take_refusal() -> Option<crate::visitor::Refusal> {
    None
}

/// Sets the page's own status, for pages that are a problem by themselves.
pub fn not_found() -> Problem {
    let problem = Problem::new(domain::problem::ProblemKind::NotFound, "There is no such page.")
        .means("The address is mistyped, or the page has moved.")
        .next_step("Go to the list of deployments and find it from there.");
    note_status(&problem);
    problem
}

/// Whether this is the server's half; for the one part that must write differently there (`components/text_area.rs`).
pub const ON_SERVER: bool = cfg!(feature = "ssr");
