//! What is due: a pure function of the calendar, the last planned run that was settled, and the clock. It holds no
//! state, so a restart, a night without the console and a clock that jumps are the same decision.

use super::Schedule;
use chrono::{DateTime, TimeDelta, Utc};

/// A run this late still counts as on time: the scheduler checks every 30 s, and another job may be ending.
pub const ON_TIME: TimeDelta = TimeDelta::minutes(15);
/// A missed run is caught up within this window; later it is only reported.
pub const WINDOW: TimeDelta = TimeDelta::hours(12);
/// Missed runs counted in one decision; a schedule each minute after a year of silence is reported in several.
const AT_ONCE: u32 = 1_000;

/// What to do now. Asked again after each answer but `Wait`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Due {
    /// Begin the run planned for this time.
    Run(DateTime<Utc>),
    /// As `Run`, but late: the console or the host was down, or another job held the deployment.
    CatchUp(DateTime<Utc>),
    /// To be reported: so many runs, planned from the first to the last time, will not be made.
    Missed { from: DateTime<Utc>, to: DateTime<Utc>, runs: u32 },
    /// Nothing before this time; never, when there is none.
    Wait(Option<DateTime<Utc>>),
}

/// `next` is the calendar: the first planned time after the given one. `last` is the latest planned time not after
/// `now` that was settled, or when the schedule began to count. Of several runs that were missed only the newest is
/// caught up: one backup is as good as three.
pub fn due(
    schedule: &Schedule,
    next: impl Fn(DateTime<Utc>) -> Option<DateTime<Utc>>,
    last: DateTime<Utc>,
    now: DateTime<Utc>,
    window: TimeDelta,
) -> Due {
    let Some(first) = next(last) else { return Due::Wait(None) };
    if schedule.start(first) > now {
        return Due::Wait(Some(schedule.start(first)));
    }
    let (mut before, mut newest, mut runs) = (first, first, 1);
    while let Some(later) = next(newest).filter(|p| runs < AT_ONCE && schedule.start(*p) <= now) {
        (before, newest, runs) = (newest, later, runs + 1);
    }
    let late = now - schedule.start(newest);
    match late {
        _ if runs > 1 => Due::Missed { from: first, to: before, runs: runs - 1 },
        _ if late <= ON_TIME => Due::Run(newest),
        _ if late <= window => Due::CatchUp(newest),
        _ => Due::Missed { from: newest, to: newest, runs: 1 },
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Jitter, plan, tests::sales};
    use super::*;

    const HOUR: i64 = 3_600;

    fn at(hours: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(hours * HOUR, 0).expect("a time")
    }

    /// A calendar of one run a day at 02:00 UTC.
    fn nightly(after: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let hours = after.timestamp().div_euclid(HOUR);
        let day = (hours - 2).div_euclid(24);
        Some(at((day + 1) * 24 + 2))
    }

    fn ask(last: i64, now: i64) -> Due {
        let [daily, ..] = plan(&sales(), "UTC", &[]);
        due(&daily, nightly, at(last), at(now), WINDOW)
    }

    #[test]
    fn a_run_waits_for_its_time_and_begins_at_it() {
        assert_eq!(ask(0, 1), Due::Wait(Some(at(2))));
        assert_eq!(ask(0, 2), Due::Run(at(2)));
        assert_eq!(ask(2, 2), Due::Wait(Some(at(26))), "once it is settled");
    }

    #[test]
    fn a_late_run_is_caught_up_within_the_window_and_reported_after_it() {
        assert_eq!(ask(0, 14), Due::CatchUp(at(2)));
        assert_eq!(ask(0, 15), Due::Missed { from: at(2), to: at(2), runs: 1 });
    }

    #[test]
    fn of_several_missed_runs_only_the_newest_is_made_up_for() {
        // Down from before day 0 until day 3, 08:00.
        assert_eq!(ask(0, 80), Due::Missed { from: at(2), to: at(50), runs: 3 });
        assert_eq!(ask(50, 80), Due::CatchUp(at(74)));
        assert_eq!(ask(74, 80), Due::Wait(Some(at(98))));
    }

    #[test]
    fn a_clock_set_back_runs_nothing_twice() {
        // Settled at 02:00, then the clock says 01:00 again: the caller's last is the day before, but the run at 02:00
        // has its row; until then there is nothing to do.
        assert_eq!(ask(-22, 1), Due::Wait(Some(at(2))));
    }

    #[test]
    fn a_schedule_that_never_runs_again_waits_for_ever() {
        let [daily, ..] = plan(&sales(), "UTC", &[]);
        assert_eq!(due(&daily, |_| None, at(0), at(9), WINDOW), Due::Wait(None));
    }

    #[test]
    fn endless_missed_runs_are_reported_in_portions() {
        let [minutely, ..] = plan(&sales(), "UTC", &[]);
        let each_minute = |after: DateTime<Utc>| Some(after + TimeDelta::minutes(1));
        let Due::Missed { runs, to, .. } = due(&minutely, each_minute, at(0), at(24 * 365), WINDOW) else {
            panic!("missed")
        };
        assert_eq!((i64::from(runs), to), (999, at(0) + TimeDelta::minutes(999)));
    }

    #[test]
    fn jitter_moves_the_beginning_and_not_the_planned_time() {
        let [mut daily, ..] = plan(&sales(), "UTC", &[]);
        daily.jitter = Jitter::parse(60).expect("minutes");
        let begins = daily.start(at(2));
        assert_eq!(due(&daily, nightly, at(0), begins - TimeDelta::seconds(1), WINDOW), Due::Wait(Some(begins)));
        assert_eq!(due(&daily, nightly, at(0), begins, WINDOW), Due::Run(at(2)));
    }
}
