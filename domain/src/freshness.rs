//! Whether the last verified backup of a deployment is young enough: a function of its time, what is allowed and now.
//! Evaluated independently of jobs, so it also holds when none ever ran.

use crate::Invalid;
use crate::text::{THIN, ago};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use strum::IntoStaticStr;

/// How old the last verified backup of a deployment may be, in whole hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Allowance(u32);

impl Default for Allowance {
    /// A daily backup, and two hours for it to run.
    fn default() -> Self {
        Self(26)
    }
}

impl Allowance {
    /// Monthly backups, and some days.
    pub const MAX: u32 = 40 * 24;

    /// Refused unless it is 1 to [`Allowance::MAX`].
    pub fn hours(hours: u32) -> Result<Self, Invalid> {
        let why = || {
            Invalid::new(
                "allowance_hours",
                format!("Write how old the last verified backup may be: 1 to {} hours.", Self::MAX),
            )
        };
        if (1..=Self::MAX).contains(&hours) { Ok(Self(hours)) } else { Err(why()) }
    }

    /// How old the last verified backup may be, in hours.
    pub const fn as_hours(self) -> u32 {
        self.0
    }

    fn span(self) -> TimeDelta {
        TimeDelta::hours(i64::from(self.0))
    }

    /// The last thirteenth: two hours of the default, so that a backup each 24 h is never due soon.
    fn soon(self) -> TimeDelta {
        self.span() / 13
    }
}

/// From best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, IntoStaticStr)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Age {
    Ok,
    DueSoon,
    Overdue,
    /// There is no verified backup at all.
    Never,
}

impl Age {
    /// The stored and serialised form.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// As people read it.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Ok => "Backed up",
            Self::DueSoon => "Backup due soon",
            Self::Overdue => "Backup overdue",
            Self::Never => "Never backed up",
        }
    }
}

/// The age of the last verified backup beside what is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Freshness {
    pub age: Age,
    pub last_verified: Option<DateTime<Utc>>,
    pub allowance: Allowance,
    /// Time of evaluation.
    pub now: DateTime<Utc>,
}

impl Freshness {
    /// `last_verified` is when the newest backup that still counts as verified was made. One from the future, after the
    /// clock was set back, is as good as one made now.
    pub fn compute(last_verified: Option<DateTime<Utc>>, allowance: Allowance, now: DateTime<Utc>) -> Self {
        let age = match last_verified.map(|at| allowance.span() - (now - at)) {
            None => Age::Never,
            Some(left) if left < TimeDelta::zero() => Age::Overdue,
            Some(left) if left < allowance.soon() => Age::DueSoon,
            Some(_) => Age::Ok,
        };
        Self { age, last_verified, allowance, now }
    }

    /// There is no verified backup as young as allowed.
    pub fn is_overdue(&self) -> bool {
        self.age >= Age::Overdue
    }

    /// Of the last verified backup, never negative.
    pub fn age_seconds(&self) -> Option<u64> {
        self.last_verified.map(|at| (self.now - at).num_seconds().max(0).unsigned_abs())
    }

    /// When it becomes, or became, overdue.
    pub fn due_at(&self) -> Option<DateTime<Utc>> {
        self.last_verified.map(|at| at + self.allowance.span())
    }

    /// Older than twice what is allowed: nobody has looked.
    pub fn is_long_overdue(&self) -> bool {
        self.last_verified.is_some_and(|at| self.now - at > self.allowance.span() * 2)
    }

    /// One sentence, the same on the page, in the finding and in the message.
    pub fn sentence(&self) -> String {
        match self.last_verified {
            None => "There is no verified backup.".into(),
            Some(at) if self.is_overdue() => {
                format!(
                    "The last verified backup was made {}; {}{THIN}h are allowed.",
                    ago(at, self.now),
                    self.allowance.as_hours()
                )
            }
            Some(at) => format!("The last verified backup was made {}.", ago(at, self.now)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(hours: i64, minutes: i64) -> Freshness {
        let made = DateTime::UNIX_EPOCH;
        Freshness::compute(
            Some(made),
            Allowance::default(),
            made + TimeDelta::hours(hours) + TimeDelta::minutes(minutes),
        )
    }

    #[test]
    fn a_daily_backup_is_never_due_soon_and_a_missed_one_is_overdue_after_26_hours() {
        assert_eq!(after(24, 0).age, Age::Ok);
        assert_eq!(after(24, 1).age, Age::DueSoon);
        assert_eq!((after(26, 0).age, after(26, 0).is_overdue()), (Age::DueSoon, false));
        assert_eq!((after(26, 1).age, after(26, 1).is_overdue()), (Age::Overdue, true));
        assert_eq!((after(52, 0).is_long_overdue(), after(52, 1).is_long_overdue()), (false, true));
        assert_eq!(after(27, 0).sentence(), "The last verified backup was made 1 day ago; 26\u{202f}h are allowed.");
    }

    #[test]
    fn without_any_backup_it_is_overdue_from_the_start() {
        let never = Freshness::compute(None, Allowance::default(), DateTime::UNIX_EPOCH);
        assert_eq!(
            (never.age, never.is_overdue(), never.age_seconds(), never.due_at()),
            (Age::Never, true, None, None)
        );
        assert!(!never.is_long_overdue());
    }

    #[test]
    fn a_clock_that_was_set_back_raises_no_alarm() {
        let now = DateTime::UNIX_EPOCH;
        let future = Freshness::compute(Some(now + TimeDelta::days(3)), Allowance::default(), now);
        assert_eq!((future.age, future.age_seconds()), (Age::Ok, Some(0)));
    }

    #[test]
    fn an_allowance_is_an_hour_to_forty_days() {
        assert!(Allowance::hours(0).is_err() && Allowance::hours(961).is_err());
        let weekly = Allowance::hours(170).expect("fine");
        let made = DateTime::UNIX_EPOCH;
        assert_eq!(Freshness::compute(Some(made), weekly, made + TimeDelta::days(7)).age, Age::DueSoon);
        assert_eq!(Freshness::compute(Some(made), weekly, made + TimeDelta::hours(171)).age, Age::Overdue);
    }
}
