//! Errors of use cases. Sources stay here and go to the log once, whole; people get a [`Problem`].

use domain::job::JobId;
use domain::permission::Permission;
use domain::problem::ProblemKind;
use domain::{Invalid, Problem};
use ports::{EngineError, GraphError, MessageError, TargetError, error_chain};
use std::any::Any;
use std::sync::atomic::{AtomicBool, Ordering};

/// The result of everything in this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;
type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why a use case or a step did not do what it was asked for.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("{0}")]
    Invalid(#[from] Invalid),
    #[error("nobody is signed in")]
    SignInNeeded,
    #[error("needs the permission {}", .needs.name())]
    Denied { needs: Permission },
    /// `what` as in "There is no {what} {name}".
    #[error("there is no {what} {name}")]
    NotFound { what: &'static str, name: String },
    #[error("job {job} runs")]
    Busy { job: JobId },
    /// The sentence says why and what to do.
    #[error("{0}")]
    Conflict(String),
    /// Something the console depends on did not answer or refused.
    #[error("{what} {why}")]
    Unavailable { what: &'static str, why: String },
    /// Docker did not answer. In the offline window of a job it is waited for, because giving up would need Docker,
    /// too.
    #[error("Docker did not answer: {0}")]
    Away(String),
    /// A ready problem, for example of an adapter or a failed step.
    #[error("{0}")]
    Problem(Box<Problem>),
    /// A fault of the console itself.
    #[error("internal: {0}")]
    Internal(#[source] Incident),
}

impl Error {
    /// A fault of the console itself.
    pub fn internal(source: impl Into<Source>) -> Self {
        Self::Internal(Incident::new(source))
    }

    /// A panic that was caught.
    pub fn panicked(panic: &(dyn Any + Send)) -> Self {
        let text =
            panic.downcast_ref::<&str>().map(ToString::to_string).or_else(|| panic.downcast_ref::<String>().cloned());
        Self::internal(format!("a panic: {}", text.unwrap_or_else(|| "without a message".into())))
    }

    /// The state of things forbids it; `why` is a sentence that says what to do.
    pub fn conflict(why: impl Into<String>) -> Self {
        Self::Conflict(why.into())
    }

    /// `what` as in "There is no {what} {name}".
    pub fn not_found(what: &'static str, name: impl Into<String>) -> Self {
        Self::NotFound { what, name: name.into() }
    }

    /// As people read it. An internal cause goes to the log at the first call, under the number of its incident.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Invalid(invalid) => invalid.clone().into(),
            Self::SignInNeeded => {
                Problem::new(ProblemKind::SignInNeeded, "You are not signed in.").next_step("Sign in, then try again.")
            }
            Self::Denied { needs } => Problem::new(ProblemKind::Denied, format!("You may not {}.", needs.what()))
                .means(format!(
                    "It needs the permission {}, which the console role {} has. Nothing was changed; the attempt was \
                     recorded in the audit log.",
                    needs.name(),
                    needs.least().as_str()
                ))
                .next_step(format!(
                    "Ask a member with the role {} or higher to do it, or an admin to change your role.",
                    needs.least().as_str()
                )),
            Self::NotFound { what, name } => {
                let name: String = name.chars().take(80).collect();
                Problem::new(ProblemKind::NotFound, format!("There is no {what} {name}."))
                    .means("It was removed, renamed, or the address is mistyped.")
                    .next_step("Go to the list and pick it there.")
            }
            Self::Busy { job } => {
                let mut p = Problem::new(ProblemKind::Busy, format!("Job {job} is running on this deployment."))
                    .means("Two jobs never run on one deployment at once. Nothing was changed.")
                    .next_step("Wait until it has ended, or cancel it, then try again.");
                p.job = Some(job.0);
                p
            }
            Self::Conflict(why) => Problem::new(ProblemKind::Conflict, why.clone()).means("Nothing was changed."),
            Self::Unavailable { what, why } => Problem::new(ProblemKind::Unavailable, format!("{what} {why}")),
            Self::Away(why) => EngineError::Unreachable(why.clone()).problem(),
            Self::Problem(problem) => (**problem).clone(),
            Self::Internal(incident) => {
                let incident = incident.report();
                let mut p = Problem::new(ProblemKind::Internal, "Internal error.")
                    .means("Running jobs continue or are rolled back automatically.")
                    .next_step("Try again.")
                    .next_step(format!(
                        "If it happens again, give the incident number {incident} to whoever runs the \
                        console; its log has the cause."
                    ));
                p.incident = Some(incident.to_owned());
                p
            }
        }
    }
}

/// A fault of the console itself, with the number that people are told and that the log has.
#[derive(Debug)]
pub struct Incident {
    number: String,
    source: Source,
    reported: AtomicBool,
}

impl Incident {
    fn new(source: impl Into<Source>) -> Self {
        Self {
            number: format!("{:08x}", rand::random::<u32>()),
            source: source.into(),
            reported: AtomicBool::new(false),
        }
    }

    /// Writes the cause to the log, once; returns the number.
    pub fn report(&self) -> &str {
        if !self.reported.swap(true, Ordering::Relaxed) {
            tracing::error!(incident = self.number, error = %error_chain(self.source.as_ref()), "internal error");
        }
        &self.number
    }
}

impl std::fmt::Display for Incident {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&error_chain(self.source.as_ref()))
    }
}

impl std::error::Error for Incident {}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Problem(Box::new(problem))
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(error)
    }
}

impl From<EngineError> for Error {
    fn from(error: EngineError) -> Self {
        match error {
            EngineError::Unreachable(why) => Self::Away(why),
            EngineError::Denied(_)
            | EngineError::NotFound(_)
            | EngineError::Conflict(_)
            | EngineError::DiskFull(_)
            | EngineError::PortTaken(_)
            | EngineError::NoProgram(_)
            | EngineError::Failed(_) => Self::Problem(Box::new(error.problem())),
        }
    }
}

impl From<GraphError> for Error {
    fn from(error: GraphError) -> Self {
        Self::Problem(Box::new(error.problem()))
    }
}

impl From<TargetError> for Error {
    fn from(error: TargetError) -> Self {
        Self::Problem(Box::new(error.problem()))
    }
}

impl From<MessageError> for Error {
    fn from(error: MessageError) -> Self {
        Self::Problem(Box::new(error.problem()))
    }
}
