//! The calendar of a schedule: cron in a time zone. Pure; the only place that knows croner and chrono-tz.
//!
//! Cron is read on the clock on the wall, and each time there is turned into one moment: a time in the hour that
//! daylight saving skips is the moment right after it, a time in the doubled hour is its first pass. So each planned
//! time runs exactly once.

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use domain::Invalid;
use domain::schedule::NextRun;
use std::str::FromStr;

/// Longest gap in any zone: Samoa left out a whole day in 2011.
const LONGEST_GAP_MINUTES: i64 = 25 * 60;
const FORM: &str = "Write five fields: minute, hour, day of the month, month, day of the week. For example 15 3 * * * \
    for each night at 03:15.";

/// A cron expression and a zone that were read and have a next run.
#[derive(Debug, Clone)]
pub struct Timetable {
    cron: Cron,
    zone: Tz,
}

impl Timetable {
    /// Refuses an unknown zone, what is no cron expression, and one whose day never comes.
    pub fn parse(cron: &str, time_zone: &str) -> Result<Self, Invalid> {
        let zone = Tz::from_str(time_zone.trim()).map_err(|_| {
            Invalid::new(
                "time_zone",
                format!("There is no time zone {}. Write one like Europe/Berlin or UTC.", short(time_zone)),
            )
        })?;
        let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
        let cron = parser
            .parse(cron.trim())
            .map_err(|e| Invalid::new("cron", format!("{} is not a cron expression ({e}). {FORM}", short(cron))))?;
        let table = Self { cron, zone };
        match table.next(DateTime::UNIX_EPOCH) {
            Some(_) => Ok(table),
            None => {
                Err(Invalid::new("cron", "It names a day that never comes, such as 30 February. Choose another day."))
            }
        }
    }

    /// The first planned moment after the given one.
    pub fn next(&self, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut wall = after.with_timezone(&self.zone).naive_local();
        // During the repeated hour of a DST change, local times may already be in the past; they are skipped.
        loop {
            wall = self.cron.find_next_occurrence(&wall.and_utc(), false).ok()?.naive_utc();
            if let Some(at) = self.moment(wall).filter(|at| *at > after) {
                return Some(at);
            }
        }
    }

    /// The next `count` runs after a moment.
    pub fn runs(&self, after: DateTime<Utc>, count: usize) -> Vec<DateTime<Utc>> {
        std::iter::successors(self.next(after), |at| self.next(*at)).take(count).collect()
    }

    /// With the clock on the wall there, which shows daylight saving by its name: `03:15 CEST`.
    pub fn shown(&self, at: DateTime<Utc>) -> NextRun {
        NextRun { at, local: at.with_timezone(&self.zone).format("%a %-d %b %Y, %H:%M %Z").to_string() }
    }

    fn moment(&self, wall: NaiveDateTime) -> Option<DateTime<Utc>> {
        (0..=LONGEST_GAP_MINUTES).find_map(|minutes| {
            let there =
                self.zone.from_local_datetime(&wall.checked_add_signed(TimeDelta::minutes(minutes))?).earliest()?;
            // A time in the gap is the gap's end, not so many minutes after it.
            Some(there.with_timezone(&Utc))
        })
    }
}

/// What was typed, as far as it belongs in a sentence.
fn short(text: &str) -> String {
    let text: String = text.trim().chars().filter(|c| !c.is_control()).take(60).collect();
    if text.is_empty() { "(nothing)".into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> DateTime<Utc> {
        DateTime::parse_from_rfc3339(text).expect("a time").with_timezone(&Utc)
    }

    fn berlin(cron: &str) -> Timetable {
        Timetable::parse(cron, "Europe/Berlin").expect("a timetable")
    }

    fn shown(table: &Timetable, after: &str, count: usize) -> Vec<String> {
        table.runs(utc(after), count).into_iter().map(|at| table.shown(at).local).collect()
    }

    #[test]
    fn a_run_in_the_skipped_hour_runs_once_right_after_it() {
        let says = shown(&berlin("30 2 * * *"), "2026-03-28T00:00:00Z", 3);
        assert_eq!(says, ["Sat 28 Mar 2026, 02:30 CET", "Sun 29 Mar 2026, 03:00 CEST", "Mon 30 Mar 2026, 02:30 CEST"]);
        let each_quarter = shown(&berlin("*/15 2,3 29 3 *"), "2026-03-29T00:30:00Z", 3);
        assert_eq!(
            each_quarter,
            ["Sun 29 Mar 2026, 03:00 CEST", "Sun 29 Mar 2026, 03:15 CEST", "Sun 29 Mar 2026, 03:30 CEST"]
        );
    }

    #[test]
    fn a_run_in_the_doubled_hour_runs_once_in_its_first_pass() {
        let table = berlin("30 2 * * *");
        let says = shown(&table, "2026-10-24T12:00:00Z", 2);
        assert_eq!(says, ["Sun 25 Oct 2026, 02:30 CEST", "Mon 26 Oct 2026, 02:30 CET"]);
        // Asked from within the second pass, 02:10 CET.
        assert_eq!(shown(&table, "2026-10-25T01:10:00Z", 1), ["Mon 26 Oct 2026, 02:30 CET"]);
        assert_eq!(
            berlin("30 * * * *").runs(utc("2026-10-25T00:00:00Z"), 2),
            [utc("2026-10-25T00:30:00Z"), utc("2026-10-25T02:30:00Z")]
        );
    }

    #[test]
    fn a_zone_may_leave_out_a_whole_day_or_half_an_hour() {
        let samoa = Timetable::parse("0 12 * * *", "Pacific/Apia").expect("a timetable");
        // 30 December 2011 did not exist there: its run is the first moment of the 31st, which has its own at noon.
        let says = shown(&samoa, "2011-12-29T00:00:00Z", 3);
        assert_eq!(says, ["Thu 29 Dec 2011, 12:00 -10", "Sat 31 Dec 2011, 00:00 +14", "Sat 31 Dec 2011, 12:00 +14"]);
        let howe = Timetable::parse("15 2 * * *", "Australia/Lord_Howe").expect("a timetable");
        assert_eq!(shown(&howe, "2026-10-03T00:00:00Z", 1), ["Sun 4 Oct 2026, 02:30 +11"]);
    }

    #[test]
    fn a_year_has_as_many_nights_in_every_zone() {
        for zone in [
            "UTC",
            "Europe/Berlin",
            "America/New_York",
            "Africa/Casablanca",
            "Asia/Kathmandu",
            "America/Santiago",
            "Pacific/Chatham",
        ] {
            for hour in 0..24 {
                let table = Timetable::parse(&format!("30 {hour} * * *"), zone).expect("a timetable");
                let runs = table.runs(utc("2026-01-02T00:00:00Z"), 365);
                assert!(runs.windows(2).all(|w| w[0] < w[1]), "{zone} {hour}");
                let days = (runs[364] - runs[0]).num_minutes() as f64 / 1440.0;
                assert!((days - 364.0).abs() < 0.1, "{zone} {hour}: {days}");
            }
        }
    }

    #[test]
    fn what_cannot_be_read_is_said_with_an_example() {
        for bad in [
            "",
            "x",
            "* * * *",
            "0 15 3 * * *",
            "61 * * * *",
            "* 25 * * *",
            "0 0 32 * *",
            "15 3 * * * 2027",
            "🚀 * * * *",
        ] {
            let invalid = Timetable::parse(bad, "UTC").expect_err(bad);
            assert!(invalid.field == "cron" && invalid.why.contains("For example 15 3 * * *"), "{bad}: {invalid}");
        }
        assert!(Timetable::parse("0 0 30 2 *", "UTC").expect_err("never").why.contains("never comes"));
        for bad in ["", "Berlin", "Mars/Olympus", "+02:00"] {
            let invalid = Timetable::parse("15 3 * * *", bad).expect_err(bad);
            assert!(invalid.field == "time_zone" && invalid.why.contains("Europe/Berlin"), "{bad}: {invalid}");
        }
    }

    #[test]
    fn presets_can_be_read() {
        for preset in domain::schedule::Preset::ALL {
            assert!(Timetable::parse(preset.cron(), "Europe/Berlin").is_ok(), "{preset:?}");
        }
    }
}
