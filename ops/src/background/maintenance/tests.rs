//! Maintenance on the fakes, over weeks.

use super::tick;
use crate::jobs::stage::{Stage, sales};
use crate::testing::actor;
use crate::use_cases::backups::StartBackup;
use crate::use_cases::drills::{GetDrillPlan, PlanDrills, StartDrill};
use chrono::TimeDelta;
use domain::container::RunState;
use domain::drill::DrillInterval;
use domain::job::{JobView, Kind, State};
use domain::member::Role;
use domain::text::Reason;

/// A stage with one backup made now.
async fn backed_up() -> Stage {
    let stage = Stage::new().await;
    let start =
        StartBackup { deployment: sales(), reason: Reason::default(), targets: vec![], kind: Default::default() };
    let job = stage.test.console.perform(&actor(Role::Operator), start).await.expect("queued");
    assert_eq!(stage.finish(job).await.brief.state, State::Succeeded);
    stage
}

/// One look after so many hours; the job it began, at its end.
async fn look(stage: &Stage, hours: i64) -> Option<JobView> {
    use ports::Clock;
    let clock = &stage.test.clock;
    clock.set(clock.now() + TimeDelta::hours(hours));
    tick(&stage.test.console).await.expect("a look");
    let job = stage.test.console.state.store.live_job(&sales()).await.expect("asked")?;
    Some(stage.finish(job.id).await)
}

#[tokio::test]
async fn each_week_a_drill_and_a_reading_of_what_is_kept() {
    let stage = backed_up().await;
    assert!(look(&stage, 12).await.is_none(), "the first evening is left for manual set-up");
    let drill = look(&stage, 13).await.expect("a drill");
    assert_eq!(
        (drill.brief.kind, drill.brief.state, drill.brief.by.as_str()),
        (Kind::Drill, State::Succeeded, "drill")
    );
    assert!(look(&stage, 24).await.is_none());
    let status = stage.test.console.state.store.drill_status(&sales()).await.expect("asked");
    assert_eq!((status.last_passed.map(|p| p.job), status.last_failed), (Some(drill.brief.id), None));
    let reading = look(&stage, 5 * 24).await.expect("a reading: the copy was last read when it was made");
    assert_eq!(
        (reading.brief.kind, reading.brief.state, reading.brief.by.as_str()),
        (Kind::Verify, State::Succeeded, "weekly reading")
    );
    assert_eq!(look(&stage, 24 + 23).await.expect("the next drill").brief.kind, Kind::Drill);
    assert!(look(&stage, 24).await.is_none(), "once is enough");
}

#[tokio::test]
async fn a_lost_copy_is_found_by_the_weekly_reading_and_not_read_again_every_ten_minutes() {
    let stage = backed_up().await;
    let plan = PlanDrills { deployment: sales(), every: DrillInterval::days(0).expect("by hand") };
    stage.test.console.perform(&actor(Role::Lead), plan).await.expect("planned");
    stage.target.lose("");
    assert!(look(&stage, 24).await.is_none());
    let reading = look(&stage, 7 * 24).await.expect("a reading");
    assert_eq!((reading.brief.kind, reading.brief.state), (Kind::Verify, State::Failed));
    assert!(
        stage.test.console.state.store.last_verified(&sales()).await.expect("asked").is_none(),
        "it is no backup any more"
    );
    assert!(look(&stage, 1).await.is_none());
    assert!(look(&stage, 5 * 24).await.is_none());
    let again = look(&stage, 3 * 24).await.expect("it may have come back");
    assert_eq!((again.brief.kind, again.brief.state), (Kind::Verify, State::Failed));
}

#[tokio::test]
async fn a_drill_that_fails_is_told_and_tried_the_next_day() {
    let stage = backed_up().await;
    stage.test.world.fail_helper("check", "inconsistent");
    let failed = look(&stage, 25).await.expect("a drill");
    assert_eq!((failed.brief.kind, failed.brief.state), (Kind::Drill, State::Failed));
    let status = stage.test.console.state.store.drill_status(&sales()).await.expect("asked");
    assert_eq!((status.last_passed, status.last_failed.map(|f| f.job)), (None, Some(failed.brief.id)));
    assert!(look(&stage, 1).await.is_none());
    assert_eq!(look(&stage, 24).await.expect("again").brief.kind, Kind::Drill);
}

#[tokio::test]
async fn a_drill_waits_where_the_host_is_short_and_begins_as_soon_as_it_is_not() {
    let stage = backed_up().await;
    let waits = async || {
        stage
            .test
            .console
            .ask(&actor(Role::Viewer), GetDrillPlan { deployment: sales() })
            .await
            .expect("a plan")
            .postponed
            .unwrap_or_default()
    };
    assert_eq!(waits().await, "");
    stage.test.world.set_free_memory(domain::helper::BESIDE - 1);
    assert!(look(&stage, 25).await.is_none());
    assert!(waits().await.contains("not enough memory"), "{}", waits().await);
    stage.test.world.set_free_memory(domain::helper::BESIDE);
    stage.test.world.set_free(1);
    assert!(look(&stage, 0).await.is_none());
    assert!(waits().await.contains("not enough space"), "{}", waits().await);
    // One that somebody starts is not kept waiting, and says the same.
    let by_hand = stage
        .test
        .console
        .perform(&actor(Role::Operator), StartDrill { deployment: sales(), backup: None })
        .await
        .expect("queued");
    let by_hand = stage.finish(by_hand).await;
    assert!(
        by_hand.brief.state == State::Failed && by_hand.problem.is_some_and(|p| p.title.contains("not enough space"))
    );
    stage.test.world.set_free(u64::MAX / 4);
    assert_eq!(look(&stage, 24).await.expect("it begins").brief.state, State::Succeeded);
    assert_eq!(waits().await, "");
}

/// Why the drill waits, as the page of drills shows it.
async fn waits(stage: &Stage) -> Option<String> {
    let plan = GetDrillPlan { deployment: sales() };
    stage.test.console.ask(&actor(Role::Viewer), plan).await.expect("a plan").postponed
}

#[tokio::test]
async fn nothing_is_said_to_wait_once_no_drill_is_due() {
    let stage = backed_up().await;
    let world = &stage.test.world;
    let short = async |hours: i64| {
        world.set_free_memory(domain::helper::BESIDE - 1);
        assert!(look(&stage, hours).await.is_none_or(|job| job.brief.kind == Kind::Verify));
        assert!(waits(&stage).await.is_some());
        world.set_free_memory(domain::helper::BESIDE);
    };
    short(25).await;
    let start = StartDrill { deployment: sales(), backup: None };
    let by_hand = stage.test.console.perform(&actor(Role::Operator), start).await.expect("queued");
    assert_eq!(stage.finish(by_hand).await.brief.state, State::Succeeded);
    assert!(look(&stage, 0).await.is_none());
    assert_eq!(waits(&stage).await, None, "it was just drilled");

    short(8 * 24).await;
    world.change("sales", |c| c.run = RunState::Stopped { exit_code: 0, out_of_memory: false });
    look(&stage, 0).await;
    assert_eq!(waits(&stage).await, None, "a stopped server is the reason now");

    world.change("sales", |c| c.run = RunState::Running);
    short(1).await;
    let never = PlanDrills { deployment: sales(), every: DrillInterval::days(0).expect("by hand") };
    stage.test.console.perform(&actor(Role::Lead), never).await.expect("planned");
    assert_eq!(waits(&stage).await, None, "none will be");
}

#[tokio::test]
async fn a_deployment_with_a_job_or_a_stopped_server_waits() {
    let stage = backed_up().await;
    let by_hand = stage
        .test
        .console
        .perform(&actor(Role::Operator), StartDrill { deployment: sales(), backup: None })
        .await
        .expect("queued");
    tick(&stage.test.console).await.expect("a look");
    assert_eq!(stage.finish(by_hand).await.brief.by, "the operator");
    stage.test.world.change("sales", |c| c.run = RunState::Stopped { exit_code: 0, out_of_memory: false });
    assert!(
        look(&stage, 8 * 24).await.is_none_or(|job| job.brief.kind == Kind::Verify),
        "no drill of a stopped server"
    );
}
