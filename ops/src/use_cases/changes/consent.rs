//! What a plan asks for before it is applied: a rehearsal, or why not; a typed name where data goes out of service.

use super::rehearse::is_unrehearsed;
use crate::console::context::Context;
use crate::error::Result;
use crate::store::DeploymentRow;
use crate::use_cases::confirm::typed;
use domain::change::{Plan, WITHOUT_REHEARSAL};
use domain::container::Container;
use domain::problem::ProblemKind;
use domain::text::Reason;
use domain::{Invalid, Problem};

/// What somebody says to that; each is empty where the plan does not ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consent {
    /// Why an upgrade is applied that was not rehearsed.
    pub without_rehearsal: Reason,
    /// The deployment's name, where the data from before an upgrade comes back.
    pub confirm: String,
}

impl Consent {
    /// As typed.
    ///
    /// # Errors
    /// With the field of the reason, where that cannot be kept.
    pub fn parse(without_rehearsal: &str, confirm: &str) -> std::result::Result<Self, Invalid> {
        let without_rehearsal = Reason::optional_in(WITHOUT_REHEARSAL, without_rehearsal)?;
        Ok(Self { without_rehearsal, confirm: confirm.into() })
    }

    /// For the audit log.
    pub(super) fn words(&self) -> Option<String> {
        let why = Some(self.without_rehearsal.as_str()).filter(|why| !why.is_empty())?;
        Some(format!("Without a rehearsal: {why}"))
    }

    /// Refuses a plan that asks for more. Whoever may change an image may also undo a restore (`domain::permission`).
    pub(super) async fn suffices(
        &self,
        cx: &Context<'_>,
        row: &DeploymentRow,
        container: &Container,
        plan: &Plan,
    ) -> Result<()> {
        if plan.brings_back.is_some() {
            return typed(&row.name, &self.confirm);
        }
        if !self.without_rehearsal.as_str().is_empty() || !is_unrehearsed(cx, row, container, plan).await? {
            return Ok(());
        }
        Err(not_rehearsed().into())
    }
}

fn not_rehearsed() -> Problem {
    let mut problem = Problem::new(ProblemKind::Conflict, "This upgrade was not rehearsed in the last seven days.")
        .means(
            "The new version changes the data at its first start. A rehearsal shows on a copy what comes of it, without \
             an outage.",
        )
        .next_step("Rehearse it on a copy, then apply it.")
        .next_step("Or write why it is applied without a rehearsal.");
    problem.fields.push(Invalid::new(WITHOUT_REHEARSAL, "Write why, or rehearse the upgrade first."));
    problem
}
