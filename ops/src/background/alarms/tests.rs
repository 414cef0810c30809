//! Stories of alarms on the fake world: real use cases, real SQLite, a clock that is moved by hand.

use super::*;
use crate::testing::{TestConsole, actor};
use crate::use_cases::alarms::{ChangeAlarms, GetAlarms, ListFreshness, NewPing};
use crate::use_cases::backups::StartBackup;
use crate::use_cases::channels::{AddChannel, ChangeChannel, ListChannels, RemoveChannel, TestChannel, fresh_secret};
use crate::use_cases::deliveries::ListDeliveries;
use crate::use_cases::deployments::AdoptDeployment;
use crate::use_cases::schedules::AddSchedule;
use chrono::{Datelike, TimeDelta, Timelike, Weekday};
use domain::alarm::event::{Event, Kind};
use domain::alarm::policy::{Minute, Quiet};
use domain::channel::{ChannelName, Delivery, DeliveryState, Destination, Recipient, Terms, View, WebAddress, events};
use domain::deployment::DeploymentName;
use domain::freshness::Allowance;
use domain::job::{JobId, State};
use domain::member::Role;
use domain::schedule::{ScheduleName, plan};
use domain::text::Reason;
use ports::MessageError;

mod stage;
use stage::{Stage, ops, sales, url, wants};

#[tokio::test]
async fn a_missing_backup_is_told_each_day_until_there_is_one() {
    let mut stage = Stage::with_channel(wants(&[])).await;
    assert_eq!(stage.told().await, ["sales has no verified backup."]);
    stage.forward(23);
    assert!(stage.told().await.is_empty());
    stage.restart().await;
    stage.forward(2);
    assert_eq!(stage.told().await, ["sales has no verified backup."], "again after a day, also after a restart");
    assert_eq!(stage.backup().await, State::Succeeded);
    assert_eq!(stage.told().await, ["sales has a verified backup again."]);
    stage.forward(25);
    assert!(stage.told().await.is_empty(), "due soon is no alarm");
    stage.forward(2);
    assert_eq!(stage.told().await, ["sales has no verified backup of the last 26 hours."]);
}

#[tokio::test]
async fn a_missed_weekly_run_is_told_while_the_daily_backups_are_fresh() {
    let mut stage = Stage::with_channel(wants(&["overdue", "run_missed", "recovered"])).await;
    assert_eq!(stage.backup().await, State::Succeeded);
    assert!(stage.told().await.is_empty());
    stage.schedule("weekly", "0 3 * * 0").await;
    stage.schedule("daily", "0 5 * * *").await;
    // Off from before Sunday, 03:00, until Sunday, 20:00: too late for both.
    stage.until_sunday_at(20);
    assert_eq!(stage.test.look_at_schedules().await.expect("a look"), 0);
    assert_eq!(
        stage.told().await,
        ["sales has no verified backup of the last 26 hours.", "sales: 2 schedules missed a backup."]
    );
    stage.restart().await;
    stage.forward(10);
    assert_eq!(stage.test.look_at_schedules().await.expect("a look"), 1, "Monday's daily run");
    assert_eq!(stage.told().await, ["sales has a verified backup again."], "the weekly one is still missing");
    stage.forward(15);
    assert_eq!(stage.told().await, ["sales: the schedule weekly missed a backup."], "again after a day");
    assert_eq!(stage.backup().await, State::Succeeded);
    assert_eq!(stage.told().await, ["The schedules of sales run again, or a backup was made by hand."]);
    stage.forward(3);
    assert!(stage.told().await.is_empty());
}

#[tokio::test]
async fn a_failed_backup_is_told_once_even_when_the_console_dies_before_and_after() {
    let mut stage = Stage::with_channel(wants(&["backup_failed", "recovered"])).await;
    stage.failing_backup().await;
    stage.restart().await;
    assert_eq!(stage.told().await, ["The backup of sales failed."]);
    stage.restart().await;
    assert!(stage.told().await.is_empty());
    stage.failing_backup().await;
    assert!(stage.told().await.is_empty(), "the same of the same deployment within a day");
    stage.forward(25);
    stage.failing_backup().await;
    assert_eq!(stage.told().await, ["The backup of sales failed."]);
    assert_eq!(stage.backup().await, State::Succeeded);
    assert_eq!(stage.told().await, ["A backup of sales succeeded again."]);
    assert!(stage.told().await.is_empty(), "its end is told once");
}

#[tokio::test]
async fn an_alarm_that_is_older_than_the_first_channel_is_told_to_it() {
    let stage = Stage::new().await;
    assert!(stage.told().await.is_empty());
    stage.add(wants(&[])).await;
    assert_eq!(stage.told().await, ["sales has no verified backup."]);
}

#[tokio::test]
async fn a_message_is_tried_five_times_and_the_failure_is_seen() {
    let stage = Stage::with_channel(wants(&["overdue"])).await;
    stage.test.messages.breaks(Some(MessageError::UnknownHost("hooks.example.com".into())));
    let mut tries = Vec::new();
    for minute in 0..80 {
        assert!(stage.told().await.is_empty());
        let attempts = stage.log().await[0].attempts;
        if tries.len() < attempts as usize {
            tries.push(minute);
        }
        stage.test.clock.forward(TimeDelta::minutes(1));
    }
    assert_eq!(tries, [0, 1, 6, 36, 66]);
    let log = stage.log().await;
    assert_eq!((log.len(), log[0].state, log[0].next_at), (1, DeliveryState::Failed, None));
    assert!(log[0].problem.as_ref().is_some_and(|p| p.contains("hooks.example.com is not known")), "{log:?}");
    let channel = stage.channel().await;
    assert_eq!(channel.findings[0].code, "channel_failing");
    stage.test.messages.breaks(None);
    stage.test.console.perform(&actor(Role::Lead), TestChannel { name: ops() }).await.expect("sent");
    assert!(stage.channel().await.findings.is_empty(), "a test that arrives ends the finding");
}

#[tokio::test]
async fn a_broken_channel_changes_no_backup() {
    let stage = Stage::with_channel(wants(&[])).await;
    stage.test.messages.breaks(Some(MessageError::TimedOut("hooks.example.com".into())));
    assert_eq!(stage.backup().await, State::Succeeded);
    assert!(stage.told().await.is_empty());
    stage.test.messages.breaks(None);
    stage.failing_backup().await;
    stage.test.clock.forward(TimeDelta::minutes(2));
    assert_eq!(stage.told().await, ["The backup of sales failed."]);
}

#[tokio::test]
async fn quiet_hours_hold_back_all_but_the_worst() {
    // The fake clock begins at 11:06 UTC.
    let at = |time| Minute::parse("from", time).expect("a time");
    let quiet = Quiet { from: at("12:00"), to: at("14:00"), time_zone: "Europe/Vienna".into() };
    let stage = Stage::with_channel(Terms { quiet: Some(quiet), ..wants(&[]) }).await;
    assert!(stage.told().await.is_empty(), "it is 12:06 in Vienna");
    assert_eq!(stage.log().await[0].state, DeliveryState::Waiting);
    stage.forward(1);
    assert!(stage.told().await.is_empty());
    stage.forward(1);
    assert_eq!(stage.told().await, ["sales has no verified backup."]);
    assert_eq!(stage.backup().await, State::Succeeded);
    stage.told().await;
    stage.forward(46);
    assert!(stage.told().await.is_empty(), "overdue, and 12:06 again");
    stage.test.clock.forward(TimeDelta::hours(2));
    stage.told().await;
    stage.forward(24 - 2);
    assert_eq!(stage.told().await.len(), 1, "long overdue is critical and comes at once");
}

#[tokio::test]
async fn a_paused_channel_gets_nothing_but_a_test() {
    let stage = Stage::with_channel(Terms { paused: true, ..wants(&[]) }).await;
    assert!(stage.told().await.is_empty() && stage.log().await.is_empty());
    stage.test.console.perform(&actor(Role::Lead), TestChannel { name: ops() }).await.expect("sent");
    assert_eq!(stage.test.messages.take_bodies().len(), 1);
    let on = ChangeChannel { name: ops(), destination: None, events: None, paused: Some(false), quiet: None };
    stage.test.console.perform(&actor(Role::Lead), on).await.expect("changed");
    assert_eq!(stage.told().await, ["sales has no verified backup."]);
}

#[tokio::test]
async fn the_ping_is_called_after_each_verified_backup_and_not_after_others() {
    let stage = Stage::new().await;
    let change = |ping| ChangeAlarms { deployment: sales(), allowance: None, repeat: None, ping };
    stage.test.console.perform(&actor(Role::Lead), change(NewPing::Set(url("ping")))).await.expect("set");
    stage.failing_backup().await;
    assert!(stage.told().await.is_empty());
    stage.test.messages.breaks(Some(MessageError::Status { host: "hooks.example.com".into(), status: 500 }));
    assert_eq!(stage.backup().await, State::Succeeded);
    assert!(stage.told().await.is_empty());
    let seen =
        stage.test.console.ask(&actor(Role::Viewer), GetAlarms { deployment: sales() }).await.expect("the alarms");
    assert_eq!((seen.ping.as_deref(), seen.findings.len()), (Some("https://hooks.example.com/…"), 1));
    stage.test.messages.breaks(None);
    stage.test.clock.forward(TimeDelta::minutes(1));
    assert_eq!(stage.told().await, [""], "a GET without a body, tried again");
    assert_eq!(stage.log().await[0].recipient, Recipient::Ping(sales()));
    stage.test.console.perform(&actor(Role::Lead), change(NewPing::Remove)).await.expect("set");
    assert_eq!(stage.backup().await, State::Succeeded);
    assert!(stage.told().await.is_empty());
}

#[tokio::test]
async fn the_allowance_of_a_deployment_counts_everywhere() {
    let stage = Stage::with_channel(wants(&[])).await;
    assert_eq!(stage.backup().await, State::Succeeded);
    stage.told().await;
    stage.forward(27);
    let viewer = actor(Role::Viewer);
    let overview =
        || stage.test.console.ask(&viewer, crate::use_cases::deployments::GetOverview { deployment: sales() });
    assert!(overview().await.expect("an overview").findings.iter().any(|f| f.code == "backup_old"));
    let allowance = Some(Allowance::hours(170).expect("fine"));
    let change = ChangeAlarms { deployment: sales(), allowance, repeat: None, ping: NewPing::Keep };
    stage.test.console.perform(&actor(Role::Lead), change).await.expect("set");
    assert!(overview().await.expect("an overview").findings.iter().all(|f| f.code != "backup_old"));
    assert!(stage.told().await.is_empty());
    let ages = stage.test.console.ask(&actor(Role::Viewer), ListFreshness {}).await.expect("ages");
    assert_eq!((ages[0].1.is_overdue(), ages[0].1.age_seconds().map(|s| s / 3600)), (false, Some(27)));
}

#[tokio::test]
async fn destinations_are_sealed_and_the_audit_log_has_none_of_them() {
    let stage = Stage::with_channel(wants(&[])).await;
    let ping =
        ChangeAlarms { deployment: sales(), allowance: None, repeat: None, ping: NewPing::Set(url("secret-path")) };
    stage.test.console.perform(&actor(Role::Lead), ping).await.expect("set");
    stage.told().await;
    let shown = stage.channel().await;
    assert_eq!(shown.destination, "https://hooks.example.com/…");
    stage.test.console.store().close().await;
    for file in std::fs::read_dir(stage.directory.path()).expect("a directory") {
        // The last connection to close removes the write-ahead log.
        let Ok(bytes) = std::fs::read(file.expect("a file").path()) else { continue };
        assert!(!bytes.windows(11).any(|w| w == b"secret-path"), "a secret stands in the clear");
    }
}

#[tokio::test]
async fn the_log_keeps_the_last_thousand() {
    let stage = Stage::with_channel(wants(&[])).await;
    let store = &stage.test.console.state.store;
    let event = Event::test("ops", "ana", stage.test.console.state.ports.clock.now());
    let messages = (0..1_010).map(|_| (Recipient::Channel(ops()), event.clone())).collect();
    store.enqueue(&crate::store::Outbox { messages, ..Default::default() }, None).await.expect("written");
    let page = store.delivery_page(None, 1).await.expect("a page");
    assert_eq!((page.total, page.items[0].id), (1_000, 1_010));
}

#[tokio::test]
async fn what_was_removed_is_not_sent_and_not_kept() {
    let stage = Stage::with_channel(wants(&[])).await;
    super::look(&stage.test.console.state).await.expect("looked");
    stage.test.console.perform(&actor(Role::Lead), RemoveChannel { name: ops() }).await.expect("removed");
    assert!(stage.told().await.is_empty() && stage.log().await.is_empty());
    let gone = stage.test.console.perform(&actor(Role::Lead), TestChannel { name: ops() }).await;
    assert!(matches!(gone, Err(Error::NotFound { .. })));
    stage
        .test
        .console
        .perform(&actor(Role::Admin), crate::use_cases::deployments::ForgetDeployment { deployment: sales() })
        .await
        .expect("forgotten");
    assert!(stage.test.console.state.store.open_alarms().await.expect("alarms").is_empty());
}

#[tokio::test]
async fn a_stuck_job_is_critical_and_its_end_is_told() {
    let stage = Stage::with_channel(wants(&["stuck_job", "recovered"])).await;
    let start =
        StartBackup { deployment: sales(), reason: Reason::default(), targets: vec![], kind: Default::default() };
    let job = stage.test.console.perform(&actor(Role::Operator), start).await.expect("queued");
    let store = &stage.test.console.state.store;
    let now = stage.test.console.state.ports.clock.now();
    store.end_job(job, State::Stuck, None, None, now).await.expect("written");
    assert_eq!(stage.told().await, ["Backup of sales is stuck."]);
    let alarms = store.open_alarms().await.expect("alarms");
    assert!(alarms.iter().any(|a| a.kind == Kind::StuckJob));
    store.end_job(job, State::RolledBack, None, None, now).await.expect("written");
    let told = stage.told().await;
    assert_eq!(told, ["No job of sales is stuck any more."]);
}

#[tokio::test]
async fn only_leads_and_admins_manage_channels() {
    let stage = Stage::with_channel(wants(&[])).await;
    for role in [Role::Viewer, Role::Operator] {
        assert!(matches!(stage.test.console.ask(&actor(role), ListChannels {}).await, Err(Error::Denied { .. })));
        assert!(matches!(
            stage.test.console.perform(&actor(role), RemoveChannel { name: ops() }).await,
            Err(Error::Denied { .. })
        ));
    }
    let zone = Quiet { from: Minute::of(1, 0), to: Minute::of(2, 0), time_zone: "Mars/Olympus".into() };
    let change = ChangeChannel { name: ops(), destination: None, events: None, paused: None, quiet: Some(Some(zone)) };
    assert!(
        matches!(stage.test.console.perform(&actor(Role::Admin), change).await, Err(Error::Invalid(invalid)) if invalid.field == "time_zone")
    );
}
