//! How a failure travels: from a server function to the page that asked.

use domain::Problem;
use domain::problem::ProblemKind;
use leptos::server_fn::codec::JsonEncoding;
use leptos::server_fn::error::{FromServerFnError, ServerFnErrorErr};
use serde::{Deserialize, Serialize};

/// What every server function answers when it cannot do what it was asked. Serialises as the problem itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApiError(pub Box<Problem>);

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self(Box::new(problem))
    }
}

impl ApiError {
    /// The console is silent, or says what cannot be read.
    pub fn no_answer() -> Self {
        let problem = Problem::new(ProblemKind::Unavailable, "The console did not answer.")
            .means("It may be restarting, or the connection is gone. Running jobs go on by themselves.")
            .next_step("Try again in a moment.");
        problem.into()
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    /// Failures of the transport. Their texts may quote what was sent, so they are replaced by fixed ones.
    #[expect(clippy::wildcard_enum_match_arm, reason = "an enum of leptos that may grow")]
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let problem = match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => {
                Problem::new(ProblemKind::Invalid, "The form could not be read.")
                    .next_step("Load the page again and fill the form in once more.")
            }
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Deserialization(_) | ServerFnErrorErr::ServerError(_) => {
                *Self::no_answer().0
            }
            _ => Problem::new(ProblemKind::Internal, "Internal error.").next_step("Load the page again."),
        };
        crate::api::status::note_status(&problem);
        problem.into()
    }
}
