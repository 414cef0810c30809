//! Moments of a job at which a test wants to kill the console. The job tells by a file that it is there, and waits for ever. Compiled
//! with the feature `fault-points` only.

use super::plan_of;
use crate::console::Inner;
use domain::job::Kind;
use std::path::PathBuf;

/// When, in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// It is marked as begun and has not acted.
    Begun,
    /// It acts: told, but not waited at.
    Acting,
    /// It has acted, and that is not marked yet.
    Acted,
    /// The same two of its undo.
    UndoBegun,
    UndoActed,
}

impl Moment {
    pub const ALL: [Self; 5] = [Self::Begun, Self::Acting, Self::Acted, Self::UndoBegun, Self::UndoActed];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Begun => "begun",
            Self::Acting => "acting",
            Self::Acted => "acted",
            Self::UndoBegun => "undo_begun",
            Self::UndoActed => "undo_acted",
        }
    }
}

/// `restore.load.acted`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultPoint {
    pub kind: Kind,
    pub step: String,
    pub moment: Moment,
}

impl std::fmt::Display for FaultPoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.kind.as_str(), self.step, self.moment.as_str())
    }
}

/// The names of the steps of a kind's own plan, in their order.
pub fn plan_steps(kind: Kind) -> Vec<&'static str> {
    plan_of(kind, "{}").iter().map(|step| step.name).collect()
}

/// The steps of a kind, those of all its plans.
fn steps_of(kind: Kind) -> Vec<&'static str> {
    let other = if kind == Kind::Backup { &super::backup::SHORT_PLAN[..] } else { &[] };
    let steps = plan_steps(kind);
    let more = other.iter().map(|step| step.name).filter(|name| !steps.contains(name)).collect::<Vec<_>>();
    [steps, more].concat()
}

impl FaultPoint {
    /// `None`: there is no such moment.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split('.');
        let (kind, step, moment) = (words.next()?, words.next()?, words.next()?);
        let kind = Kind::parse(kind)?;
        let moment = Moment::ALL.into_iter().find(|m| m.as_str() == moment)?;
        let known = steps_of(kind).contains(&step) && words.next().is_none();
        known.then(|| Self { kind, step: step.into(), moment })
    }
}

/// Where to wait, and the file that tells of it.
#[derive(Debug, Clone)]
pub struct HoldAt {
    pub point: FaultPoint,
    pub tell: PathBuf,
}

/// A step is marked as begun.
pub(super) async fn begun(inner: &Inner, kind: Kind, step: &str, undo: bool) {
    pass(inner, kind, step, if undo { Moment::UndoBegun } else { Moment::Begun }).await;
    if !undo {
        pass(inner, kind, step, Moment::Acting).await;
    }
}

/// A step has acted with success.
pub(super) async fn acted(inner: &Inner, kind: Kind, step: &str, undo: bool) {
    pass(inner, kind, step, if undo { Moment::UndoActed } else { Moment::Acted }).await;
}

async fn pass(inner: &Inner, kind: Kind, step: &str, moment: Moment) {
    let Some(HoldAt { point, tell }) = inner.hold_at.get() else { return };
    if *point != (FaultPoint { kind, step: step.into(), moment }) {
        return;
    }
    tracing::warn!(%point, "a fault point of a test");
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
        for kind in Kind::ALL {
            for step in steps_of(kind) {
                for moment in Moment::ALL {
                    let point = FaultPoint { kind, step: step.into(), moment };
                    assert_eq!(FaultPoint::parse(&point.to_string()), Some(point));
                }
            }
        }
        for wrong in ["", "backup", "backup.dump", "backup.dance.begun", "backup.dump.later", "backup.dump.begun.x", "party.dump.begun"] {
            assert_eq!(FaultPoint::parse(wrong), None, "{wrong}");
        }
        assert!(FaultPoint::parse("backup.clone.acted").is_some(), "a step of the short outage");
    }
}
