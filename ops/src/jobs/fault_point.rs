//! Where a test kills the console. The job tells by a file that it is there, and waits for ever. Compiled
//! with the feature `fault-points` only.

use super::job::Planned;
use super::registry::plan_of;
use crate::console::fault_point::{FaultPoint, HoldAt, Moment};
use crate::console::state::AppState;
use domain::job::Kind;

/// The names of the steps of a kind's own plan, in their order.
pub fn plan_steps(kind: Kind) -> Vec<&'static str> {
    plan_of(kind, "{}").iter().map(|step| step.name).collect()
}

/// The steps of a kind, those of all its plans.
fn steps_of(kind: Kind) -> Vec<&'static str> {
    let mut steps = plan_steps(kind);
    if kind == Kind::Backup {
        let short = super::backup::SHORT_PLAN.iter().map(Planned::name);
        steps.extend(short.filter(|name| !plan_steps(kind).contains(name)));
    }
    steps
}

/// A fault point as [`FaultPoint`] writes it; `None`: there is no such moment.
pub fn parse(text: &str) -> Option<FaultPoint> {
    let mut words = text.split('.');
    let (kind, step, moment) = (words.next()?, words.next()?, words.next()?);
    let kind = Kind::parse(kind)?;
    let moment = moment.parse().ok()?;
    let known = steps_of(kind).contains(&step) && words.next().is_none();
    known.then(|| FaultPoint { kind, step: step.into(), moment })
}

/// A step is marked as begun.
pub(super) async fn begun(state: &AppState, kind: Kind, step: &str, undo: bool) {
    pass(state, kind, step, if undo { Moment::UndoBegun } else { Moment::Begun }).await;
    if !undo {
        pass(state, kind, step, Moment::Acting).await;
    }
}

/// A step has acted with success.
pub(super) async fn acted(state: &AppState, kind: Kind, step: &str, undo: bool) {
    pass(state, kind, step, if undo { Moment::UndoActed } else { Moment::Acted }).await;
}

async fn pass(state: &AppState, kind: Kind, step: &str, moment: Moment) {
    let Some(HoldAt { point, tell }) = state.hold_at.get() else { return };
    if *point != (FaultPoint { kind, step: step.into(), moment }) {
        return;
    }
    tracing::warn!(%point, "reached a fault point");
    std::fs::write(tell, "").expect("the data directory can be written");
    if moment != Moment::Acting {
        std::future::pending::<()>().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_read_as_they_are_written_and_others_are_refused() {
        for &kind in Kind::ALL {
            for step in steps_of(kind) {
                for &moment in Moment::ALL {
                    let point = FaultPoint { kind, step: step.into(), moment };
                    assert_eq!(parse(&point.to_string()), Some(point));
                }
            }
        }
        for wrong in [
            "",
            "backup",
            "backup.dump",
            "backup.dance.begun",
            "backup.dump.later",
            "backup.dump.begun.x",
            "party.dump.begun",
        ] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
        assert!(parse("backup.clone.acted").is_some(), "a step of the short outage");
    }
}
