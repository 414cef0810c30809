//! What a job does next: a pure function of its plan and the marks it left. Start, resume after a crash
//! and unwinding are the same decision; the runner in `ops` only asks, acts and records.

use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// One mark in a job's append-only trace. `step` is the step's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Mark {
    Started,
    Succeeded,
    Failed,
    UndoStarted,
    UndoFinished,
    UndoFailed,
}

impl Mark {
    /// All of them.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The stored and serialised form.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// The one with this name; none when there is no such.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// A step of a plan. `touches`: it alters the deployment, so a failure after it is a roll-back, not a mere failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    pub name: &'static str,
    pub title: &'static str,
    pub touches: bool,
    pub outage: Option<Outage>,
}

/// What a step does to the time in which Neo4j does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outage {
    /// It begins with the start of the step, and is over when the step was undone.
    Begins,
    /// It is over at the end of the step.
    Ends,
}

/// The name of the step that begins the outage of a plan, or that ends it.
pub fn outage_step(plan: &[Step], outage: Outage) -> Option<&'static str> {
    plan.iter().find(|step| step.outage == Some(outage)).map(|step| step.name)
}

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Index into the plan.
    Run(usize),
    Undo(usize),
    /// The step was cut short `CUT_SHORT` times: the step itself must crash the console.
    GiveUp(usize),
    Done,
    /// All undone; nothing had been touched.
    Failed,
    /// All undone; the deployment is as before.
    RolledBack,
    Cancelled,
    /// The undo of this step failed.
    Stuck(usize),
}

/// The trace of one step, folded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Trace {
    started: bool,
    /// Starts that neither an end nor an undo followed.
    cut_short: usize,
    succeeded: bool,
    failed: bool,
    undone: bool,
    undo_failed: bool,
    undoing: bool,
}

fn fold<'a>(step: &Step, marks: impl Iterator<Item = &'a (String, Mark)>) -> Trace {
    let mut t = Trace::default();
    for (_, mark) in marks.filter(|(name, _)| name == step.name) {
        match mark {
            Mark::Started => (t.started, t.cut_short) = (true, t.cut_short + 1),
            Mark::Succeeded => (t.succeeded, t.cut_short) = (true, 0),
            Mark::Failed => (t.failed, t.cut_short) = (true, 0),
            Mark::UndoStarted => (t.undoing, t.undo_failed) = (true, false),
            Mark::UndoFinished => t.undone = true,
            Mark::UndoFailed => t.undo_failed = true,
        }
    }
    t
}

/// Unfinished starts of one step after which it is given up.
pub const CUT_SHORT: usize = 3;

/// Decides what comes next.
///
/// * A step that was started and neither succeeded nor failed is run again (at least once: steps look before they act),
///   until it was [`CUT_SHORT`] times: what ends the console each time would do so for ever, with Neo4j offline
///   perhaps. An undo is never given up.
/// * After a failure, or a cancel request that came before the last step succeeded, all that was started is undone,
///   last first, the failed step included.
/// * A failed undo is final until a mark `UndoStarted` says somebody tries it again.
pub fn next(plan: &[Step], marks: &[(String, Mark)], cancel: bool) -> Next {
    let traces: Vec<Trace> = plan.iter().map(|s| fold(s, marks.iter())).collect();
    if traces.iter().all(|t| t.succeeded && !t.undoing) {
        return Next::Done;
    }
    let failed = traces.iter().any(|t| t.failed);
    let unwinding = failed || cancel || traces.iter().any(|t| t.undoing || t.undone);
    if !unwinding {
        return match traces.iter().position(|t| !t.succeeded) {
            Some(i) if traces[i].cut_short >= CUT_SHORT => Next::GiveUp(i),
            Some(i) => Next::Run(i),
            None => Next::Done,
        };
    }
    match traces.iter().rposition(|t| t.started && !t.undone) {
        Some(i) if traces[i].undo_failed => Next::Stuck(i),
        Some(i) => Next::Undo(i),
        None if !failed => Next::Cancelled,
        None if plan.iter().zip(&traces).any(|(s, t)| s.touches && t.started) => Next::RolledBack,
        None => Next::Failed,
    }
}

/// Whether the last step that changes the deployment has succeeded: what is left only looks and clears up.
pub fn past_last_change(plan: &[Step], marks: &[(String, Mark)]) -> bool {
    plan.iter().rfind(|s| s.touches).is_some_and(|last| fold(last, marks.iter()).succeeded)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLAN: [Step; 3] = [
        Step { name: "look", title: "", touches: false, outage: None },
        Step { name: "stop", title: "", touches: true, outage: None },
        Step { name: "copy", title: "", touches: false, outage: None },
    ];

    fn at(marks: &[(&str, Mark)], cancel: bool) -> Next {
        let marks: Vec<_> = marks.iter().map(|(s, m)| ((*s).to_string(), *m)).collect();
        next(&PLAN, &marks, cancel)
    }

    use Mark::{Failed, Started, Succeeded, UndoFailed, UndoFinished, UndoStarted};

    #[test]
    fn a_job_runs_its_steps_in_order_and_ends() {
        assert_eq!(at(&[], false), Next::Run(0));
        assert_eq!(at(&[("look", Started), ("look", Succeeded)], false), Next::Run(1));
        let all: Vec<_> = PLAN.iter().flat_map(|s| [(s.name, Started), (s.name, Succeeded)]).collect();
        assert_eq!(at(&all, false), Next::Done);
        assert_eq!(at(&all, true), Next::Done, "too late to cancel");
    }

    #[test]
    fn a_step_cut_short_by_a_crash_is_run_again() {
        assert_eq!(at(&[("look", Started), ("look", Succeeded), ("stop", Started)], false), Next::Run(1));
        assert_eq!(
            at(&[("look", Started), ("look", Succeeded), ("stop", Started), ("stop", Started)], false),
            Next::Run(1)
        );
    }

    #[test]
    fn a_step_that_ends_the_console_three_times_is_given_up_and_undone() {
        let mut marks = vec![("look", Started), ("look", Succeeded), ("stop", Started), ("stop", Started)];
        assert_eq!(at(&marks, false), Next::Run(1));
        marks.push(("stop", Started));
        assert_eq!(at(&marks, false), Next::GiveUp(1));
        assert_eq!(at(&marks, true), Next::Undo(1), "a cancel request undoes it anyway");
        marks.push(("stop", Failed));
        assert_eq!(at(&marks, false), Next::Undo(1));
        marks.extend([("stop", UndoStarted); 5]);
        assert_eq!(at(&marks, false), Next::Undo(1), "an undo is tried for ever");
    }

    #[test]
    fn a_failure_unwinds_last_first_the_failed_step_included() {
        let mut marks = vec![
            ("look", Started),
            ("look", Succeeded),
            ("stop", Started),
            ("stop", Succeeded),
            ("copy", Started),
            ("copy", Failed),
        ];
        for (i, name) in [(2, "copy"), (1, "stop"), (0, "look")] {
            assert_eq!(at(&marks, false), Next::Undo(i));
            marks.push((name, UndoStarted));
            assert_eq!(at(&marks, false), Next::Undo(i), "a crash in mid-undo repeats it");
            marks.push((name, UndoFinished));
        }
        assert_eq!(at(&marks, false), Next::RolledBack);
    }

    #[test]
    fn a_failure_before_anything_was_touched_is_only_a_failure() {
        assert_eq!(
            at(&[("look", Started), ("look", Failed), ("look", UndoStarted), ("look", UndoFinished)], false),
            Next::Failed
        );
    }

    #[test]
    fn cancel_is_an_unwinding_at_the_next_boundary() {
        assert_eq!(at(&[], true), Next::Cancelled);
        let marks = [("look", Started), ("look", Succeeded), ("stop", Started), ("stop", Succeeded)];
        assert_eq!(at(&marks, true), Next::Undo(1));
        let undone: Vec<_> = marks
            .into_iter()
            .chain([("stop", UndoStarted), ("stop", UndoFinished), ("look", UndoStarted), ("look", UndoFinished)])
            .collect();
        assert_eq!(at(&undone, true), Next::Cancelled);
    }

    #[test]
    fn a_plan_knows_when_it_changes_nothing_more() {
        let marks: Vec<_> =
            [("look", Started), ("look", Succeeded), ("stop", Started)].map(|(s, m)| (s.to_string(), m)).into();
        assert!(!past_last_change(&PLAN, &marks));
        let marks = [marks, vec![("stop".to_string(), Succeeded)]].concat();
        assert!(past_last_change(&PLAN, &marks));
        assert!(!past_last_change(&PLAN[..1], &marks), "a plan that changes nothing has no such step");
    }

    #[test]
    fn a_failed_undo_is_stuck_until_somebody_tries_again() {
        let mut marks = vec![("look", Started), ("look", Failed), ("look", UndoStarted), ("look", UndoFailed)];
        assert_eq!(at(&marks, false), Next::Stuck(0));
        marks.push(("look", UndoStarted));
        assert_eq!(at(&marks, false), Next::Undo(0));
        marks.push(("look", UndoFinished));
        assert_eq!(at(&marks, false), Next::Failed);
    }
}
