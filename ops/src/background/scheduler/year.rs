//! A year on a moving clock: the three-tier plan in Berlin through both daylight-saving changes, two long silences of
//! the console, a clock set forward and back. No run is lost or doubled, and the right backups are left at the end.

use crate::jobs::stage::{Stage, sales};
use crate::testing::actor;
use crate::use_cases::schedules::AddSchedule;
use chrono::{DateTime, TimeDelta, Timelike, Utc};
use domain::job::{JobId, Kind};
use domain::member::Role;
use domain::schedule::{Outcome, Run, ScheduleName, plan};
use std::collections::BTreeSet;

fn utc(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).expect("a time").with_timezone(&Utc)
}

/// A stage and its scheduler, with all jobs run to their end.
struct Year {
    stage: Stage,
}

impl Year {
    async fn begin(at: &str) -> Self {
        let stage = Stage::new().await;
        stage.test.clock.set(utc(at));
        for mut schedule in plan(&sales(), "Europe/Berlin", &[]) {
            // Into the hour that daylight saving skips and doubles.
            schedule.cron = schedule.cron.replace("15 3", "30 2");
            stage.test.console.perform(&actor(Role::Lead), AddSchedule { schedule }).await.expect("a schedule");
        }
        Self { stage }
    }

    fn now(&self) -> DateTime<Utc> {
        ports::Clock::now(&*self.stage.test.clock)
    }

    /// One look, and what it queued runs to its end. Jobs take fake time of their own; the clock is put right after
    /// them.
    async fn look(&mut self) {
        let now = self.now();
        let jobs = self.stage.test.look_at_schedules().await.expect("a look");
        assert!(jobs <= 1, "two jobs meet");
        self.stage.test.clock.set(now);
        if jobs > 0 {
            self.newest_is_there().await;
        }
    }

    /// The newest verified backup always is there, with its bundle: asked after each job.
    async fn newest_is_there(&self) {
        let newest = self.stage.test.console.state.store.last_verified(&sales()).await.expect("asked");
        let newest = newest.unwrap_or_else(|| panic!("no verified backup at {}", self.now()));
        assert!(
            self.stage.target.names().contains(&format!("{}/manifest.json", newest.id)),
            "{} has no bundle",
            newest.id
        );
    }

    /// Looks each half hour in the night, when there is something to do, and each three hours by day.
    async fn until(&mut self, end: &str) {
        while self.now() < utc(end) {
            self.look().await;
            let night = !(6..21).contains(&self.now().hour());
            self.stage.test.clock.forward(if night { TimeDelta::minutes(30) } else { TimeDelta::hours(3) });
        }
    }

    /// The console is down until then.
    fn clock_is_set_by(&self, hours: i64) {
        self.stage.test.clock.set(self.now() + TimeDelta::hours(hours));
    }

    async fn down_until(&mut self, end: &str) {
        self.stage.restart().await;
        self.stage.test.clock.set(utc(end));
    }

    async fn runs(&self, schedule: &str) -> Vec<Run> {
        let name = ScheduleName::parse(schedule).expect("a name");
        self.stage.test.console.state.store.runs(&sales(), &name).await.expect("runs")
    }

    /// Planned times of one outcome.
    async fn planned(&self, schedule: &str, outcome: Outcome) -> Vec<DateTime<Utc>> {
        self.runs(schedule).await.into_iter().filter(|r| r.outcome == outcome).map(|r| r.planned_at).collect()
    }

    /// Days on which the backups of a schedule that are left were made, oldest first.
    async fn left(&self, schedule: &str) -> Vec<String> {
        let stored = self.stage.test.console.state.store.stored_backups(&sales()).await.expect("backups");
        let mut days: Vec<String> = stored
            .iter()
            .filter(|b| b.schedule.as_ref().is_some_and(|s| s.as_str() == schedule))
            .map(|b| b.made_at.format("%m-%d %H:%M").to_string())
            .collect();
        days.sort();
        days
    }

    async fn backup_jobs(&self) -> Vec<JobId> {
        let mut all = Vec::new();
        for page in 1.. {
            let jobs = self.stage.test.console.state.store.job_page(Some(&sales()), page, 200).await.expect("jobs");
            if jobs.items.is_empty() {
                return all;
            }
            all.extend(
                jobs.items.iter().filter(|j| j.kind == Kind::Backup && j.by.starts_with("schedule ")).map(|j| j.id),
            );
        }
        all
    }
}

#[tokio::test]
async fn a_year_of_the_guidelines_schedules() {
    let mut year = Year::begin("2026-01-01T00:00:00Z").await;
    year.until("2026-02-10T12:00:00Z").await;
    // Down for three days and some hours: 11, 12 and 13 February are missed, the 14th is caught up at 09:00.
    year.down_until("2026-02-14T08:00:00Z").await;
    // Through the skipped hour of 29 March.
    year.until("2026-05-05T00:00:00Z").await;
    // The clock is set two hours back, after the run of 02:30 (00:30 UTC): nothing runs twice.
    year.until("2026-05-05T01:00:00Z").await;
    year.clock_is_set_by(-2);
    year.until("2026-06-20T00:00:00Z").await;
    // And five hours forward, over the run of 02:30: it is caught up. Then right again.
    year.clock_is_set_by(5);
    year.look().await;
    year.clock_is_set_by(-5);
    year.until("2026-08-01T20:00:00Z").await;
    // Down for a day and fourteen hours: Sunday 2 August's daily and weekly are missed; on the 3rd the window is just
    // over, too.
    year.down_until("2026-08-03T13:00:00Z").await;
    // Through the doubled hour of 25 October.
    year.until("2027-01-01T00:00:00Z").await;

    every_run_is_settled_once(&year).await;
    each_run_made_one_backup(&year).await;
    daylight_saving_neither_lost_nor_doubled_one(&year).await;
    the_right_backups_are_left(&year).await;
}

async fn every_run_is_settled_once(year: &Year) {
    let missed = year.planned("daily", Outcome::Missed).await;
    let noted: Vec<String> =
        year.runs("daily").await.into_iter().filter(|r| r.outcome == Outcome::Missed).map(|r| r.note).collect();
    assert_eq!(
        missed,
        [utc("2026-02-13T01:30:00Z"), utc("2026-08-02T00:30:00Z"), utc("2026-08-03T00:30:00Z")],
        "{noted:?}"
    );
    assert!(
        noted[0].starts_with("Missed 3 runs, planned for Wed 11 Feb 2026, 01:30 UTC to Fri 13 Feb 2026"),
        "{noted:?}"
    );
    assert_eq!(
        year.planned("daily", Outcome::CaughtUp).await,
        [utc("2026-02-14T01:30:00Z"), utc("2026-06-20T00:30:00Z")]
    );
    assert_eq!(year.planned("daily", Outcome::Ran).await.len(), 365 - 5 - 2, "each other day of the year");
    assert_eq!(year.planned("weekly", Outcome::Missed).await, [utc("2026-08-02T02:15:00Z")]);
    assert_eq!(
        year.planned("weekly", Outcome::Ran).await.len() + year.planned("weekly", Outcome::CaughtUp).await.len(),
        52 - 1
    );
    assert_eq!(year.runs("monthly").await.len(), 12);
}

/// And no more.
async fn each_run_made_one_backup(year: &Year) {
    let mut made = BTreeSet::new();
    for schedule in ["daily", "weekly", "monthly"] {
        for run in year.runs(schedule).await.into_iter().filter(|r| r.outcome != Outcome::Missed) {
            assert!(made.insert(run.job.expect("a job")), "one job for two runs: {run:?}");
        }
    }
    assert_eq!(year.backup_jobs().await.into_iter().collect::<BTreeSet<_>>(), made);
    assert_eq!(made.len(), 360 + 51 + 12);
}

/// 02:30 does not exist on 29 March and exists twice on 25 October.
async fn daylight_saving_neither_lost_nor_doubled_one(year: &Year) {
    let ran = year.planned("daily", Outcome::Ran).await;
    let on = |day: &str| {
        ran.iter()
            .filter(|at| at.format("%m-%d").to_string() == day)
            .map(|at| at.format("%H:%M").to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (on("03-28"), on("03-29"), on("03-30")),
        (vec!["01:30".into()], vec!["01:00".into()], vec!["00:30".into()])
    );
    assert_eq!(
        (on("10-24"), on("10-25"), on("10-26")),
        (vec!["00:30".into()], vec!["00:30".into()], vec!["01:30".into()])
    );
}

/// On 31 December, 24:00.
async fn the_right_backups_are_left(year: &Year) {
    let daily = year.left("daily").await;
    assert_eq!(daily.len(), 7, "{daily:?}");
    assert!(daily[0].starts_with("12-25") && daily[6].starts_with("12-31"), "{daily:?}");
    let weekly = year.left("weekly").await;
    assert_eq!(weekly.iter().map(|d| &d[..5]).collect::<Vec<_>>(), ["12-06", "12-13", "12-20", "12-27"], "30 days");
    let monthly = year.left("monthly").await;
    assert_eq!(monthly.iter().map(|d| &d[..5]).collect::<Vec<_>>(), ["11-01", "12-01"], "90 days: 1 October is older");
    let bundles: BTreeSet<String> =
        year.stage.target.names().iter().filter_map(|n| Some(n.split('/').next()?.to_string())).collect();
    assert_eq!(bundles.len(), 7 + 4 + 2, "as many bundles as entries: {bundles:?}");
}
