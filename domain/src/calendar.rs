//! A month of backups: what was made, what failed, what was missed, day by day. Days are those of UTC, as all times of
//! the console.

use crate::Invalid;
use crate::backup::{Brief, State};
use crate::job::JobId;
use crate::text::{Tone, plural};
use chrono::{DateTime, Datelike, Days, Months, NaiveDate, NaiveTime, Utc, Weekday};
use serde::{Deserialize, Serialize};

/// Its first day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Month(NaiveDate);

impl Month {
    /// The month of a moment, in UTC.
    pub fn of(at: DateTime<Utc>) -> Self {
        let day = at.date_naive();
        Self(day.with_day(1).unwrap_or(day))
    }

    /// From `2026-11`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let first = NaiveDate::parse_from_str(&format!("{}-01", text.trim()), "%Y-%m-%d").ok();
        let first = first.filter(|day| (2000..=9000).contains(&day.year()));
        first.map(Self).ok_or_else(|| Invalid::new("month", "Write a month as year and number, for example 2026-11."))
    }

    /// The month after.
    pub fn next(self) -> Self {
        Self(self.0 + Months::new(1))
    }

    /// The month before.
    pub fn previous(self) -> Self {
        Self(self.0 - Months::new(1))
    }

    /// Its first moment, in UTC.
    pub fn begins(self) -> DateTime<Utc> {
        self.0.and_time(NaiveTime::MIN).and_utc()
    }

    /// `November 2026`.
    pub fn words(self) -> String {
        self.0.format("%B %Y").to_string()
    }

    /// Whole weeks from Monday on; days of the neighbouring months are absent.
    pub fn weeks(self) -> Vec<[Option<NaiveDate>; 7]> {
        let mut monday = self.0.week(Weekday::Mon).first_day();
        let mut weeks = Vec::new();
        while monday < self.next().0 {
            weeks.push(std::array::from_fn(|n| {
                Some(monday + Days::new(n as u64)).filter(|day| Self(day.with_day(1).unwrap_or(*day)) == self)
            }));
            monday = monday + Days::new(7);
        }
        weeks
    }
}

impl std::fmt::Display for Month {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0.format("%Y-%m"))
    }
}

/// What is known of a month: in no order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonthRecords {
    pub month: Month,
    pub backups: Vec<Brief>,
    /// Backup jobs that ended without a backup.
    pub failed: Vec<(JobId, DateTime<Utc>)>,
    /// Planned runs that were not made.
    pub missed: Vec<DateTime<Utc>>,
    /// Runs to come.
    pub planned: Vec<DateTime<Utc>>,
}

/// One day of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Day {
    pub verified: u32,
    /// Not whole any more.
    pub broken: u32,
    pub failed: u32,
    pub missed: u32,
    /// Of those that are kept.
    pub bytes: u64,
    /// The first run to come.
    pub planned: Option<DateTime<Utc>>,
}

impl MonthRecords {
    /// What is known of one day of the month.
    pub fn day(&self, date: NaiveDate) -> Day {
        let that = |at: &DateTime<Utc>| at.date_naive() == date;
        let mut day = Day::default();
        for backup in self.backups.iter().filter(|b| that(&b.made_at)) {
            match backup.state {
                State::Verified => day.verified += 1,
                State::Broken => day.broken += 1,
                // Neither may be said of it before it was read.
                State::Unread => {}
            }
            day.bytes += backup.bytes;
        }
        day.failed = self.failed.iter().filter(|(_, at)| that(at)).count() as u32;
        day.missed = self.missed.iter().filter(|at| that(at)).count() as u32;
        day.planned = self.planned.iter().filter(|at| that(at)).min().copied();
        day
    }
}

impl Day {
    /// None when nothing happened. A failure followed by a success on the same day is only a notice.
    pub fn tone(self) -> Option<Tone> {
        let trouble = self.failed + self.missed + self.broken > 0;
        match (self.verified > 0, trouble) {
            (true, false) => Some(Tone::Good),
            (true, true) => Some(Tone::Warn),
            (false, true) => Some(Tone::Bad),
            (false, false) => self.planned.map(|_| Tone::Idle),
        }
    }

    /// `2 verified, 1 failed`; empty when nothing happened.
    pub fn words(self) -> String {
        let said =
            [(self.verified, "verified"), (self.broken, "broken"), (self.failed, "failed"), (self.missed, "missed")];
        let said = said.iter().filter(|(n, _)| *n > 0).map(|(n, word)| plural(u64::from(*n), word, word));
        said.chain(self.planned.map(|at| format!("planned {}", at.format("%H:%M")))).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::BackupId;

    fn month(text: &str) -> Month {
        Month::parse(text).expect("a month")
    }

    fn date(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    #[test]
    fn weeks_begin_on_monday_and_hold_each_day_once() {
        for (text, weeks, days) in [("2026-11", 6, 30), ("2026-02", 5, 28), ("2024-02", 5, 29), ("2027-02", 4, 28)] {
            let found = month(text).weeks();
            let all: Vec<_> = found.iter().flatten().flatten().collect();
            assert_eq!((found.len(), all.len()), (weeks, days), "{text}");
            assert!(found.iter().all(|week| week[0].is_none_or(|day| day.weekday() == Weekday::Mon)));
        }
    }

    #[test]
    fn months_follow_each_other_over_the_year() {
        assert_eq!(month("2026-12").next().to_string(), "2027-01");
        assert_eq!(month("2026-01").previous().words(), "December 2025");
        for bad in ["", "2026", "2026-13", "26-1", "2026-11-01", "99999-01", "<script>"] {
            assert_eq!(Month::parse(bad).expect_err("wrong").field, "month", "{bad}");
        }
    }

    #[test]
    fn a_day_says_the_worst_that_was_not_made_good() {
        let at = |hour: u32| date("2026-11-03").and_hms_opt(hour, 0, 0).expect("a time").and_utc();
        let made = Brief {
            id: BackupId::parse("sales-20261103-030000-0a1b").expect("an id"),
            made_at: at(3),
            state: State::Verified,
            bytes: 7,
            nodes: None,
            store: String::new(),
        };
        let mut found = MonthRecords {
            month: month("2026-11"),
            backups: vec![made.clone()],
            failed: vec![],
            missed: vec![],
            planned: vec![at(3)],
        };
        assert_eq!(found.day(date("2026-11-03")).tone(), Some(Tone::Good));
        assert_eq!(found.day(date("2026-11-04")), Day::default());
        let planned = MonthRecords { backups: vec![], ..found.clone() }.day(date("2026-11-03"));
        assert_eq!((planned.tone(), planned.words()), (Some(Tone::Idle), "planned 03:00".into()));
        found.planned.clear();
        found.failed.push((JobId(1), at(2)));
        assert_eq!(
            (found.day(date("2026-11-03")).tone(), found.day(date("2026-11-03")).words()),
            (Some(Tone::Warn), "1 verified, 1 failed".into())
        );
        found.backups.clear();
        found.missed.push(at(4));
        assert_eq!(
            (found.day(date("2026-11-03")).tone(), found.day(date("2026-11-03")).words()),
            (Some(Tone::Bad), "1 failed, 1 missed".into())
        );
        found.failed.clear();
        found.missed.clear();
        found.backups.push(Brief { state: State::Broken, ..made });
        assert_eq!(found.day(date("2026-11-03")).tone(), Some(Tone::Bad));
    }
}
