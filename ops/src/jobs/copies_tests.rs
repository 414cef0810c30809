//! Several targets: each for itself, in a backup and in a restore.

use super::stage::{Stage, sales};
use crate::testing::actor;
use crate::use_cases::backups::{DeleteBackup, GetBackup, StartBackup, VerifyBackup};
use crate::use_cases::schedules::AddSchedule;
use crate::use_cases::targets::RemoveTarget;
use chrono::TimeDelta;
use domain::backup::BackupId;
use domain::job::Kind;
use domain::job::{JobView, State};
use domain::member::Role;
use domain::target::{CopyState, TargetName};
use domain::text::Reason;

/// Adds a target in memory and backs up to it and to the console's own directory.
async fn two_targets(stage: &Stage) -> std::sync::Arc<fakes::MemoryTarget> {
    let away = stage.test.targets.at("/mnt/away");
    let place = domain::target::Place::Directory { path: "/mnt/away".into(), mounted: false };
    let add = crate::use_cases::targets::AddTarget {
        name: TargetName::parse("away").expect("a name"),
        place,
        keys: None,
        recipients: vec![],
    };
    stage.test.console.perform(&actor(Role::Admin), add).await.expect("added");
    assert_eq!(away.names(), Vec::<String>::new(), "the probe is gone");
    away
}

async fn back_up_to_both(stage: &Stage) -> domain::backup::views::Detail {
    let targets = ["away", "local"].map(|n| TargetName::parse(n).expect("a name")).to_vec();
    let start = StartBackup { deployment: sales(), reason: Reason::default(), targets, kind: Default::default() };
    let job = stage.test.console.perform(&actor(Role::Operator), start).await.expect("queued");
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::Succeeded, "{:?}", view.problem);
    let backup = view.result.and_then(|r| r.backup).expect("a backup");
    stage
        .test
        .console
        .ask(&actor(Role::Viewer), crate::use_cases::backups::GetBackup { backup })
        .await
        .expect("a backup")
}

fn states(detail: &domain::backup::views::Detail) -> Vec<(&str, CopyState)> {
    detail.copies.iter().map(|c| (c.target.as_str(), c.state)).collect()
}

#[tokio::test]
async fn a_target_that_fails_neither_hides_nor_spoils_the_other() {
    let stage = Stage::new().await;
    let away = two_targets(&stage).await;
    assert_eq!(states(&back_up_to_both(&stage).await), [("local", CopyState::Verified), ("away", CopyState::Verified)]);
    assert_eq!(away.names(), stage.target.names());

    *away.free.lock().expect("free") = Some(1 << 30);
    away.refuse_writes("the cable was cut");
    let detail = back_up_to_both(&stage).await;
    assert_eq!(states(&detail), [("local", CopyState::Verified), ("away", CopyState::Failed)]);
    assert!(detail.copies[1].problem.as_ref().is_some_and(|p| p.contains("the cable was cut")), "{:?}", detail.copies);
    assert_eq!(detail.state, domain::backup::State::Verified);
}

#[tokio::test]
async fn a_restore_takes_the_copy_that_is_whole_and_marks_the_one_that_is_not() {
    let stage = Stage::new().await;
    two_targets(&stage).await;
    let detail = back_up_to_both(&stage).await;
    stage.target.damage("neo4j.dump");
    let restore = crate::use_cases::restores::StartRestore {
        deployment: sales(),
        backup: detail.manifest.id.clone(),
        confirm: "sales".into(),
        reason: Reason::optional("a test").expect("a reason"),
        include_users: false,
        identity: None,
    };
    let job = stage.test.console.perform(&actor(Role::Operator), restore).await.expect("queued");
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::Succeeded, "{:?}", view.problem);
    let detail = stage
        .test
        .console
        .ask(&actor(Role::Viewer), crate::use_cases::backups::GetBackup { backup: detail.manifest.id })
        .await
        .expect("a backup");
    assert_eq!(states(&detail), [("local", CopyState::Failed), ("away", CopyState::Verified)]);
    assert_eq!(detail.state, domain::backup::State::Verified, "one whole copy is enough");
}

async fn detail(stage: &Stage, backup: &BackupId) -> domain::backup::views::Detail {
    stage.test.console.ask(&actor(Role::Viewer), GetBackup { backup: backup.clone() }).await.expect("a backup")
}

async fn read_back(stage: &Stage, backup: &BackupId) -> JobView {
    let job = stage
        .test
        .console
        .perform(&actor(Role::Operator), VerifyBackup { backup: backup.clone() })
        .await
        .expect("queued");
    stage.finish(job).await
}

#[tokio::test]
async fn only_a_complete_read_that_differs_is_a_changed_copy() {
    let stage = Stage::new().await;
    let away = two_targets(&stage).await;
    let id = back_up_to_both(&stage).await.manifest.id;
    let known = states(&detail(&stage, &id).await).len();
    for what in ["neo4j.dump", "RESTORE.md", "manifest.json", "away"] {
        away.break_off_reads(Some(what));
        away.set_away(what == "away");
        let view = read_back(&stage, &id).await;
        let problem = view.problem.expect("a problem").to_string();
        assert!(
            view.brief.state == State::Failed && problem.contains("Not every copy could be read"),
            "{what}: {problem}"
        );
        let now = detail(&stage, &id).await;
        assert_eq!(
            states(&now),
            [("local", CopyState::Verified), ("away", CopyState::Verified)],
            "{what}: what was known stays"
        );
        assert_eq!(states(&now).len(), known);
    }
    away.set_away(false);
    away.break_off_reads(None);
    away.damage("manifest.json");
    let problem = read_back(&stage, &id).await.problem.expect("a problem").to_string();
    assert!(
        problem.contains("Not every copy of the backup is whole") && problem.contains("away: changed."),
        "{problem}"
    );
    assert_eq!(detail(&stage, &id).await.copies[1].state, CopyState::Failed);
}

#[tokio::test]
async fn a_copy_that_was_missing_is_looked_at_again_and_counts_when_it_is_back() {
    let stage = Stage::with_backup().await;
    let id = stage.backup.clone().expect("a backup");
    let files = stage.target.files.lock().expect("files").clone();
    stage.target.lose("");
    read_back(&stage, &id).await;
    assert_eq!(detail(&stage, &id).await.state, domain::backup::State::Broken);
    // Whoever unplugged the drive has plugged it in again.
    *stage.target.files.lock().expect("files") = files;
    stage.test.clock.forward(TimeDelta::days(8));
    let store = &stage.test.console.state.store;
    let due = store
        .longest_unread(&sales(), stage.now() - TimeDelta::days(7), stage.now() - TimeDelta::days(1))
        .await
        .expect("an answer");
    assert_eq!(due.as_ref(), Some(&id), "the weekly reading takes it");
    read_back(&stage, &id).await;
    assert_eq!(detail(&stage, &id).await.state, domain::backup::State::Verified);
}

/// Two backups of a schedule to both targets, of which the older one may go.
async fn old_and_new(stage: &Stage) -> [BackupId; 2] {
    let [mut schedule, ..] = domain::schedule::plan(&sales(), "Europe/Berlin", &[]);
    schedule.targets = ["away", "local"].map(|n| TargetName::parse(n).expect("a name")).to_vec();
    stage.test.console.perform(&actor(Role::Lead), AddSchedule { schedule }).await.expect("a schedule");
    let old = stage.scheduled_backup().await;
    stage.test.clock.forward(TimeDelta::days(10));
    [old, stage.scheduled_backup().await]
}

#[tokio::test]
async fn a_target_that_is_away_stops_no_clean_up_and_what_was_removed_is_not_called_verified() {
    let stage = Stage::new().await;
    let away = two_targets(&stage).await;
    let [old, new] = old_and_new(&stage).await;
    away.set_away(true);
    let view = { stage.finish(stage.queue(Kind::Prune).await).await };
    assert_eq!(view.brief.state, State::Succeeded, "{:?}", view.problem);
    let problem = view.problem.expect("it says what is left").to_string();
    assert!(problem.contains("1 old copy could not be removed") && problem.contains("on away"), "{problem}");
    assert!(view.steps.iter().all(|s| s.state == domain::job::StepState::Done), "the comparison was reached");
    assert!(stage.target.names().iter().all(|name| name.starts_with(new.as_str())), "its own copy is gone");
    assert_eq!(states(&detail(&stage, &old).await), [("away", CopyState::Verified)], "and so is its row");

    away.set_away(false);
    let view = { stage.finish(stage.queue(Kind::Prune).await).await };
    assert_eq!((view.brief.state, view.problem.is_none()), (State::Succeeded, true));
    assert!(away.names().iter().all(|name| name.starts_with(new.as_str())));
    assert!(stage.test.console.ask(&actor(Role::Viewer), GetBackup { backup: old }).await.is_err());
}

#[tokio::test]
async fn a_target_that_will_not_come_back_can_be_got_rid_of_with_its_copies() {
    let stage = Stage::new().await;
    let away = two_targets(&stage).await;
    let both = back_up_to_both(&stage).await.manifest.id;
    let name = TargetName::parse("away").expect("a name");
    let start = StartBackup {
        deployment: sales(),
        reason: Reason::default(),
        targets: vec![name.clone()],
        kind: Default::default(),
    };
    let job = stage.test.console.perform(&actor(Role::Operator), start).await.expect("queued");
    let only_there = stage.finish(job).await.result.and_then(|r| r.backup).expect("a backup");
    away.set_away(true);

    // A backup there cannot be deleted, but what is elsewhere goes, and the refusal says how to go on.
    let delete = DeleteBackup { backup: both.clone(), confirm: "sales".into() };
    let problem = stage.test.console.perform(&actor(Role::Lead), delete).await.expect_err("refused").problem();
    assert!(problem.next_steps.iter().any(|todo| todo.contains("forget its copies")), "{problem}");
    assert_eq!(states(&detail(&stage, &both).await), [("away", CopyState::Verified)]);

    let remove = |forget: Option<&str>| RemoveTarget { name: name.clone(), forget_copies: forget.map(str::to_owned) };
    let problem = stage.test.console.perform(&actor(Role::Admin), remove(None)).await.expect_err("refused").problem();
    assert!(problem.title.contains("2 backups have a copy on away"), "{problem}");
    let problem =
        stage.test.console.perform(&actor(Role::Admin), remove(Some("awy"))).await.expect_err("refused").problem();
    assert!(problem.field("forget_copies").is_some(), "{problem}");
    stage.test.console.perform(&actor(Role::Admin), remove(Some("away"))).await.expect("removed");
    for gone in [both, only_there] {
        assert!(stage.test.console.ask(&actor(Role::Viewer), GetBackup { backup: gone }).await.is_err());
    }
}

#[tokio::test]
async fn a_target_that_schedules_use_is_not_removed_under_them() {
    let stage = Stage::new().await;
    two_targets(&stage).await;
    old_and_new(&stage).await;
    let remove = RemoveTarget { name: TargetName::parse("away").expect("a name"), forget_copies: Some("away".into()) };
    let problem = stage.test.console.perform(&actor(Role::Admin), remove).await.expect_err("refused").problem();
    assert!(problem.means.contains("daily of sales"), "{problem}");
}

#[tokio::test]
async fn half_a_bundle_does_not_stay_on_the_target_that_failed() {
    let stage = Stage::new().await;
    let away = two_targets(&stage).await;
    // The guide is written before it, the manifest after it.
    away.refuse_writes_of("neo4j.dump", "the disk is damaged");
    back_up_to_both(&stage).await;
    assert_eq!(away.names(), Vec::<String>::new());
}

#[tokio::test]
async fn a_drill_reads_the_copy_that_is_farthest_away_whatever_the_targets_are_called() {
    let mut stage = Stage::new().await;
    let s3 = serde_json::json!({
        "kind": "s3", "endpoint": "", "region": "eu", "bucket": "bucket", "prefix": "", "path_style": false, "storage_class": "", "server_side_encryption": ""
    });
    let s3: domain::target::Place = serde_json::from_value(s3).expect("a place");
    let drive = domain::target::Place::Directory { path: "/mnt/usb".into(), mounted: true };
    for (name, place) in [("a-s3", s3), ("usb", drive)] {
        let add = crate::use_cases::targets::AddTarget {
            name: TargetName::parse(name).expect("a name"),
            place,
            keys: None,
            recipients: vec![],
        };
        stage.test.console.perform(&actor(Role::Admin), add).await.expect("added");
    }
    let targets = ["usb", "local", "a-s3"].map(|n| TargetName::parse(n).expect("a name")).to_vec();
    let start = StartBackup { deployment: sales(), reason: Reason::default(), targets, kind: Default::default() };
    let job = stage.test.console.perform(&actor(Role::Operator), start).await.expect("queued");
    stage.backup = stage.finish(job).await.result.and_then(|r| r.backup);
    let drill = stage.queue(Kind::Drill).await;
    assert!(stage.finish(drill).await.steps[1].detail.contains("on a-s3"));
}
