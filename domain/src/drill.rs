//! Drills: when one is due, and what the last ones showed.

use crate::backup::BackupId;
use crate::job::{JobId, State};
use crate::{Invalid, Problem};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// Days between two drills of a deployment; 0: no automatic drills.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DrillInterval(u32);

impl DrillInterval {
    /// Where nobody set another one: a drill a week.
    pub const DEFAULT: Self = Self(7);

    /// Refused above 365.
    pub fn days(days: u32) -> Result<Self, Invalid> {
        let wrong = || Invalid::new("every_days", "Enter 1 to 365 days between drills, or 0 for manual drills only.");
        if days <= 365 { Ok(Self(days)) } else { Err(wrong()) }
    }

    /// Days between two drills; 0 for none.
    pub const fn as_days(self) -> u32 {
        self.0
    }

    /// Whether it is time for the next one. `last` is the last drill; one that failed is tried again the next day. A
    /// deployment without any waits until its oldest backup is a day old: so that the first evening is left for manual
    /// set-up.
    pub fn is_due(
        self,
        last: Option<(State, DateTime<Utc>)>,
        oldest_backup: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> bool {
        let days = i64::from(self.0);
        let (since, wait) = match last {
            Some((State::Succeeded, at)) => (at, days),
            Some((_, at)) => (at, days.min(1)),
            None => (oldest_backup, 1),
        };
        // A time in the future comes from a wrong clock.
        days > 0 && (now - since).abs() >= TimeDelta::days(wait)
    }
}

/// How drills of a deployment are planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillPlan {
    pub every: DrillInterval,
    /// One is due: why it was not begun yet.
    pub postponed: Option<String>,
    /// No backup has a copy that is not encrypted: none can be run.
    pub all_encrypted: bool,
}

/// What drills have shown of a deployment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillStatus {
    /// The last that passed.
    pub last_passed: Option<DrillResult>,
    /// The last one, where it failed after that.
    pub last_failed: Option<DrillResult>,
    /// There are verified backups, and none has a copy that is not encrypted: no drill can be run.
    #[serde(default)]
    pub all_encrypted: bool,
}

/// How one drill ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DrillResult {
    pub job: JobId,
    pub backup: Option<BackupId>,
    pub state: State,
    pub started_at: DateTime<Utc>,
    pub ended_at: Option<DateTime<Utc>>,
    /// Counted on the copy, when it passed.
    pub nodes: Option<u64>,
    pub relationships: Option<u64>,
    pub problem: Option<Problem>,
}

impl DrillResult {
    /// Loaded, checked, started and counted as the backup says.
    pub fn passed(&self) -> bool {
        self.state == State::Succeeded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drill_is_due_after_a_week_a_failed_one_the_next_day_and_never_when_left_to_people() {
        let at = |day: i64| DateTime::UNIX_EPOCH + TimeDelta::days(day);
        let made = at(0);
        assert!(!DrillInterval::DEFAULT.is_due(None, made, at(0)) && DrillInterval::DEFAULT.is_due(None, made, at(1)));
        assert!(
            !DrillInterval::DEFAULT.is_due(Some((State::Succeeded, at(1))), made, at(7))
                && DrillInterval::DEFAULT.is_due(Some((State::Succeeded, at(1))), made, at(8))
        );
        assert!(DrillInterval::DEFAULT.is_due(Some((State::Failed, at(1))), made, at(2)));
        assert!(!DrillInterval::days(0).expect("fine").is_due(None, made, at(400)));
        assert!(
            DrillInterval::DEFAULT.is_due(Some((State::Succeeded, at(90))), made, at(1)),
            "a clock that was ahead stops nothing"
        );
        assert_eq!(DrillInterval::days(366).expect_err("too long").field, "every_days");
    }
}
