//! The scheduler and the clean-up, on the fakes: busy deployments, crashes, pins, and both kinds of orphans.

use super::{StartPrune, tick};
use crate::jobs::stage::{Stage, sales};
use crate::testing::actor;
use crate::use_cases::audit::ListAudit;
use crate::use_cases::backups::{DeleteBackup, GetBackup, ListBackups, PinBackup, StartBackup};
use crate::use_cases::deployments::ForgetDeployment;
use crate::use_cases::retention::PreviewRetention;
use crate::use_cases::schedules::{
    AddPlan, AddSchedule, ChangeSchedule, ListSchedules, PauseSchedule, RemoveSchedule, SchedulePatch,
};
use chrono::{DateTime, TimeDelta, Utc};
use domain::backup::{BackupId, State as Backed};
use domain::job::{JobId, JobView, Kind, State};
use domain::member::Role;
use domain::retention::Decision;
use domain::schedule::{Outcome, Run, ScheduleName, plan};
use domain::text::Reason;
use ports::Clock;
use std::time::Duration;

fn utc(text: &str) -> DateTime<Utc> {
    DateTime::parse_from_rfc3339(text).expect("a time").with_timezone(&Utc)
}

fn daily() -> ScheduleName {
    ScheduleName::parse("daily").expect("a name")
}

/// A stage with one schedule, each night at 02:15 UTC, since 1 June 12:00.
async fn nightly() -> Stage {
    let stage = Stage::new().await;
    stage.test.clock.set(utc("2026-06-01T12:00:00Z"));
    let [mut schedule, ..] = plan(&sales(), "UTC", &[]);
    schedule.cron = "15 2 * * *".into();
    stage.test.console.perform(&actor(Role::Lead), AddSchedule { schedule }).await.expect("a schedule");
    tick(&stage.test.console).await.expect("a look");
    stage
}

/// One look at this time; the live job after it.
async fn look(stage: &Stage, at: &str) -> Option<JobId> {
    stage.test.clock.set(utc(at));
    tick(&stage.test.console).await.expect("a look");
    stage.test.console.state.store.live_job(&sales()).await.expect("asked").map(|job| job.id)
}

async fn runs(stage: &Stage) -> Vec<Run> {
    stage.test.console.state.store.runs(&sales(), &daily()).await.expect("runs")
}

async fn audited(stage: &Stage, find: &str) -> u64 {
    stage.test.console.ask(&actor(Role::Admin), ListAudit { find: find.into(), page: 1 }).await.expect("the log").total
}

async fn prune(stage: &Stage) -> JobView {
    let job = stage.test.console.perform(&actor(Role::Lead), StartPrune { deployment: sales() }).await.expect("queued");
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::Succeeded, "{:?}", view.problem);
    view
}

/// What becomes of the two backups of [`Stage::with_old_backup`], newest first.
async fn both(stage: &Stage) -> [Decision; 2] {
    let all = stage
        .test
        .console
        .ask(&actor(Role::Viewer), PreviewRetention { deployment: sales() })
        .await
        .expect("a preview");
    all.try_into().unwrap_or_else(|all| panic!("not two: {all:?}"))
}

async fn state(stage: &Stage, backup: &BackupId) -> Option<Backed> {
    stage.test.console.ask(&actor(Role::Viewer), GetBackup { backup: backup.clone() }).await.ok().map(|d| d.state)
}

#[tokio::test]
async fn a_run_makes_a_backup_that_knows_its_schedule_and_a_clean_up_follows() {
    let stage = nightly().await;
    assert_eq!(look(&stage, "2026-06-02T02:14:59Z").await, None);
    let job = look(&stage, "2026-06-02T02:15:10Z").await.expect("a job");
    let view = stage.finish(job).await;
    assert_eq!(
        (view.brief.kind, view.brief.by.as_str(), view.brief.state),
        (Kind::Backup, "schedule daily", State::Succeeded)
    );
    let list = stage
        .test
        .console
        .ask(
            &actor(Role::Viewer),
            ListBackups { deployment: Some(sales()), search: domain::backup::Search::default(), page: 1 },
        )
        .await
        .expect("a list");
    assert_eq!((list.total, &list.items[0].schedule, list.items[0].by.as_str()), (1, &Some(daily()), "schedule daily"));
    assert_eq!(audited(&stage, "start scheduled backup").await, 1);
    let job = look(&stage, "2026-06-02T02:20:00Z").await.expect("a clean-up");
    let view = stage.finish(job).await;
    assert_eq!(
        (view.brief.kind, view.brief.by.as_str(), view.brief.state),
        (Kind::Prune, "retention", State::Succeeded)
    );
    assert_eq!(view.result.expect("a result").removed, Some(0));
    assert_eq!(look(&stage, "2026-06-02T12:00:00Z").await, None, "once is enough");
    assert!(look(&stage, "2026-06-03T02:14:00Z").await.is_none());
    assert_eq!(runs(&stage).await.len(), 1);
}

#[tokio::test]
async fn a_busy_deployment_is_waited_for_and_busy_is_no_error() {
    let stage = nightly().await;
    stage.test.clock.set(utc("2026-06-02T02:10:00Z"));
    let by_hand =
        StartBackup { deployment: sales(), reason: Reason::default(), targets: vec![], kind: Default::default() };
    let first = stage.test.console.perform(&actor(Role::Operator), by_hand).await.expect("queued");
    for minute in 15..20 {
        assert_eq!(look(&stage, &format!("2026-06-02T02:{minute}:00Z")).await, Some(first));
    }
    assert_eq!((runs(&stage).await.len(), audited(&stage, "start scheduled backup").await), (0, 0));
    stage.finish(first).await;
    let second = look(&stage, "2026-06-02T02:50:00Z").await.expect("a job");
    assert_ne!(first, second);
    let run = &runs(&stage).await[0];
    assert_eq!((run.outcome, run.job, run.planned_at), (Outcome::CaughtUp, Some(second), utc("2026-06-02T02:15:00Z")));
    assert_eq!(run.note, "Caught up: it was planned for Tue 2 Jun 2026, 02:15 UTC.");
}

#[tokio::test]
async fn two_looks_at_once_and_a_restart_make_one_job() {
    let mut stage = nightly().await;
    stage.test.clock.set(utc("2026-06-02T02:15:00Z"));
    let (a, b) = tokio::join!(tick(&stage.test.console), tick(&stage.test.console));
    assert!(a.is_ok() && b.is_ok());
    assert_eq!(runs(&stage).await.len(), 1);
    // The console dies before the job began; after the restart it goes on, and nothing is queued for this night again.
    stage.restart().await;
    let job = look(&stage, "2026-06-02T02:16:00Z").await.expect("the same job");
    assert_eq!(stage.finish(job).await.brief.state, State::Succeeded);
    let next = look(&stage, "2026-06-02T02:17:00Z").await.expect("the clean-up");
    assert_eq!(stage.finish(next).await.brief.kind, Kind::Prune);
    // The clock is set back over the run, and comes to it again.
    for at in ["2026-06-02T01:00:00Z", "2026-06-02T02:15:00Z", "2026-06-02T03:00:00Z"] {
        assert_eq!(look(&stage, at).await, None, "{at}");
    }
    assert_eq!(runs(&stage).await.len(), 1);
}

#[tokio::test]
async fn a_clock_a_year_ahead_for_an_hour_loses_nothing_of_this_year() {
    let stage = nightly().await;
    let wrong = look(&stage, "2027-06-02T08:00:00Z").await.expect("it looks like a late run");
    stage.finish(wrong).await;
    assert_eq!(runs(&stage).await.iter().map(|r| r.outcome).collect::<Vec<_>>(), [Outcome::Missed, Outcome::CaughtUp]);
    assert_eq!(look(&stage, "2027-06-02T09:00:00Z").await, None, "by a clock that jumped nothing is removed for a day");
    let clean_up = look(&stage, "2026-06-01T13:00:00Z").await.expect("the clean-up after it");
    stage.finish(clean_up).await;
    let right = look(&stage, "2026-06-02T02:15:00Z").await.expect("tonight's run");
    stage.finish(right).await;
    let seen: Vec<_> =
        runs(&stage).await.into_iter().map(|r| (r.planned_at.format("%Y-%m-%d").to_string(), r.outcome)).collect();
    assert_eq!(
        seen,
        [("2026-06-02".into(), Outcome::Ran), ("2027-06-02".into(), Outcome::CaughtUp)],
        "a run to come was not missed"
    );
}

#[tokio::test]
async fn a_clock_that_jumped_removes_nothing_for_a_day_also_where_no_run_was_missed() {
    let stage = nightly().await;
    let run = look(&stage, "2026-06-02T02:15:00Z").await.expect("the run");
    stage.finish(run).await;
    let clean_up = look(&stage, "2026-06-02T02:20:00Z").await.expect("the clean-up");
    stage.finish(clean_up).await;
    let pause = PauseSchedule { deployment: sales(), schedule: daily(), paused: true };
    stage.test.console.perform(&actor(Role::Lead), pause).await.expect("paused");
    for at in ["2027-06-02T08:00:00Z", "2027-06-03T07:00:00Z"] {
        assert_eq!(look(&stage, at).await, None, "{at}");
    }
    assert!(look(&stage, "2027-06-03T09:00:00Z").await.is_some(), "it seems to be true");
}

#[tokio::test]
async fn what_was_missed_is_said_in_the_list_and_in_the_audit_log() {
    let stage = nightly().await;
    assert_eq!(look(&stage, "2026-06-04T20:00:00Z").await, None, "the window is over");
    let view = stage
        .test
        .console
        .ask(&actor(Role::Viewer), ListSchedules { deployment: sales() })
        .await
        .expect("a list")
        .remove(0);
    let last = view.last_run.expect("a run");
    assert_eq!((last.outcome, last.planned_at), (Outcome::Missed, utc("2026-06-04T02:15:00Z")));
    assert_eq!(view.next_runs[0].local, "Fri 5 Jun 2026, 02:15 UTC");
    assert_eq!(audited(&stage, "Missed 2 runs").await, 1);
    assert_eq!(audited(&stage, "Missed 1 run,").await, 1);
}

#[tokio::test]
async fn a_paused_schedule_rests_and_what_it_left_out_is_not_made_up_for() {
    let stage = nightly().await;
    let pause = |paused| PauseSchedule { deployment: sales(), schedule: daily(), paused };
    let view = stage.test.console.perform(&actor(Role::Lead), pause(true)).await.expect("paused");
    assert!(view.next_runs.is_empty());
    assert_eq!(look(&stage, "2026-06-04T02:15:00Z").await, None);
    stage.test.clock.set(utc("2026-06-04T03:00:00Z"));
    stage.test.console.perform(&actor(Role::Lead), pause(false)).await.expect("resumed");
    assert_eq!(look(&stage, "2026-06-04T03:01:00Z").await, None);
    let patch = SchedulePatch { cron: Some("0 1 * * *".into()), ..SchedulePatch::default() };
    stage
        .test
        .console
        .perform(&actor(Role::Lead), ChangeSchedule { deployment: sales(), schedule: daily(), patch })
        .await
        .expect("changed");
    assert_eq!(look(&stage, "2026-06-04T03:02:00Z").await, None, "01:00 of today was never planned");
    assert!(look(&stage, "2026-06-05T01:00:00Z").await.is_some());
    assert_eq!(runs(&stage).await.len(), 1);
}

#[tokio::test]
async fn the_guidelines_plan_is_added_at_once_or_not_at_all() {
    let stage = Stage::new().await;
    let add = |zone: &str, external: Vec<domain::target::TargetName>| AddPlan {
        deployment: sales(),
        time_zone: zone.into(),
        external,
    };
    let viewer = actor(Role::Viewer);
    let list = || stage.test.console.ask(&viewer, ListSchedules { deployment: sales() });
    assert!(
        stage.test.console.perform(&actor(Role::Operator), add("UTC", vec![])).await.is_err(),
        "an operator may not"
    );
    assert!(stage.test.console.perform(&actor(Role::Lead), add("Mars", vec![])).await.is_err());
    assert!(
        stage
            .test
            .console
            .perform(&actor(Role::Lead), add("UTC", vec![domain::target::TargetName::parse("nas").expect("a name")]))
            .await
            .is_err(),
        "no such target"
    );
    assert!(list().await.expect("a list").is_empty());
    let three = stage.test.console.perform(&actor(Role::Lead), add("Europe/Berlin", vec![])).await.expect("added");
    assert!(three.iter().all(|v| v.next_runs.len() == 5));
    assert!(stage.test.console.perform(&actor(Role::Lead), add("UTC", vec![])).await.is_err(), "twice");
    assert_eq!(list().await.expect("a list").len(), 3);
    stage.test.console.perform(&actor(Role::Admin), ForgetDeployment { deployment: sales() }).await.expect("forgotten");
    tick(&stage.test.console).await.expect("its schedules are gone with it");
    assert!(stage.test.console.state.store.schedules(None).await.expect("asked").is_empty());
}

#[tokio::test]
async fn the_clean_up_spares_the_pinned_and_those_of_a_schedule_that_is_gone() {
    let stage = Stage::with_old_backup().await;
    let [newest, oldest] = both(&stage).await;
    assert_eq!((oldest.goes, newest.goes), (true, false));
    let pin = |pinned| PinBackup { backup: oldest.id.clone(), pinned };
    stage.test.console.perform(&actor(Role::Lead), pin(true)).await.expect("pinned");
    assert_eq!(prune(&stage).await.result.expect("a result").removed, Some(0));
    let delete = DeleteBackup { backup: oldest.id.clone(), confirm: "sales".into() };
    let refused = stage.test.console.perform(&actor(Role::Lead), delete).await.expect_err("refused").to_string();
    assert!(refused.contains("Unpin it first"), "{refused}");
    // Pinned between the check and the removal: the rules are asked again.
    stage.test.console.perform(&actor(Role::Lead), pin(false)).await.expect("unpinned");
    let job = stage.test.console.perform(&actor(Role::Lead), StartPrune { deployment: sales() }).await.expect("queued");
    stage.test.drive(job, 1).await.expect("checked");
    stage.test.console.perform(&actor(Role::Lead), pin(true)).await.expect("pinned");
    assert_eq!(stage.finish(job).await.result.expect("a result").removed, Some(0));
    stage.test.console.perform(&actor(Role::Lead), pin(false)).await.expect("unpinned");
    assert_eq!(prune(&stage).await.result.expect("a result").removed, Some(1));
    assert_eq!(state(&stage, &oldest.id).await, None);
    assert_eq!(audited(&stage, &format!("prune backup {}", oldest.id)).await, 1);

    stage.test.clock.forward(TimeDelta::days(30));
    stage.scheduled_backup().await;
    stage
        .test
        .console
        .perform(&actor(Role::Lead), RemoveSchedule { deployment: sales(), schedule: daily() })
        .await
        .expect("removed");
    assert_eq!(prune(&stage).await.result.expect("a result").removed, Some(0));
    assert_eq!(state(&stage, &newest.id).await, Some(Backed::Verified));
}

#[tokio::test]
async fn orphans_are_found_both_ways_and_never_deleted() {
    let stage = Stage::with_old_backup().await;
    let [newest, oldest] = both(&stage).await;
    let pin = PinBackup { backup: oldest.id.clone(), pinned: true };
    stage.test.console.perform(&actor(Role::Lead), pin).await.expect("pinned");
    // A bundle of an older state of the console, foreign files, and a bundle somebody removed.
    let strange = BackupId::new(&sales(), utc("2020-01-01T00:00:00Z"), 7);
    {
        let mut files = stage.target.files.lock().expect("files");
        let manifest = String::from_utf8(files[&format!("{}/manifest.json", newest.id)].clone()).expect("text");
        files.insert(format!("{strange}/manifest.json"), manifest.replace(newest.id.as_str(), strange.as_str()).into());
        files.insert("sales-20200101T000000Z-8/manifest.json".into(), b"{}".to_vec());
        files.insert("holiday/pictures.tar".into(), vec![0]);
        files.retain(|name, _| !name.starts_with(oldest.id.as_str()));
    }
    let view = prune(&stage).await;
    assert_eq!(view.steps[2].detail, "local: 1 bundle without an entry, 1 entry without a bundle.");
    assert!(view.log.iter().any(|l| l.text.contains(&format!("{strange} lies on local"))), "{:?}", view.log);
    assert_eq!(
        (state(&stage, &oldest.id).await, state(&stage, &newest.id).await),
        (Some(Backed::Broken), Some(Backed::Verified))
    );
    let names = stage.target.names();
    assert!(
        names.contains(&"holiday/pictures.tar".into()) && names.contains(&format!("{strange}/manifest.json")),
        "{names:?}"
    );
    assert_eq!(
        prune(&stage).await.steps[2].detail,
        "local: 1 bundle without an entry, 0 entries without a bundle.",
        "said once"
    );
}

#[tokio::test]
async fn the_background_runs_a_schedule_by_itself() {
    let stage = nightly().await;
    let stop = tokio_util::sync::CancellationToken::new();
    let tasks = crate::background::start(&stage.test.console, &stop);
    let waiting = async {
        while runs(&stage).await.iter().all(|r| r.outcome == Outcome::Missed) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting)
        .await
        .unwrap_or_else(|_| panic!("no run by {}", stage.test.clock.now()));
    stop.cancel();
    tasks.wait().await;
}
