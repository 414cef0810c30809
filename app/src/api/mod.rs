//! Server functions by subject: who, parse, perform or ask, reply. Each is a public endpoint under `/api/fn`; the
//! permission check and the audit entry are in `ops`.

#![allow(clippy::too_many_arguments, reason = "the arguments of a server function are the fields of its form")]

pub mod account;
pub mod audit;
pub mod backups;
pub mod changes;
pub mod deployments;
pub mod drills;
pub mod frame;
pub mod images;
pub mod jobs;
pub mod members;
pub mod new_deployments;
pub mod notifications;
pub mod probe_queries;
mod refusals;
pub mod registries;
mod request;
pub mod restores;
pub mod schedules;
pub mod status;
pub mod targets;
pub mod tokens;

use crate::problem::ApiError;
use chrono::{DateTime, Utc};
use domain::Problem;
use serde::{Deserialize, Serialize};
use status::note_status;

pub use refusals::Refusals;
pub use request::{Visitor, cookie, cookie_name};

/// An answer with the server's clock, from which ages are counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Timed<T> {
    pub value: T,
    pub now: DateTime<Utc>,
}

pub use request::{me, take_refusal};

/// A problem that a page finds by itself: it becomes the status of the answer.
pub fn failed(problem: Problem) -> ApiError {
    note_status(&problem);
    problem.into()
}

/// For an address that no page has.
pub fn not_found() -> ApiError {
    let problem = Problem::new(domain::problem::ProblemKind::NotFound, "There is no such page.")
        .means("The address is mistyped, or the page has moved.")
        .next_step("Go to the list of deployments and find it from there.");
    failed(problem)
}
