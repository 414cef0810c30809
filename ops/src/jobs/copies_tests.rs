//! Several targets: each for itself, in a backup and in a restore.

use super::stage::{Stage, sales};
use crate::backups::StartBackup;
use crate::testing::actor;
use domain::job::State;
use domain::member::Role;
use domain::target::{CopyState, TargetName};
use domain::text::Reason;

/// Adds a target in memory and backs up to it and to the console's own directory.
async fn two_targets(stage: &Stage) -> std::sync::Arc<crate::testing::MemoryTarget> {
    let away = stage.test.targets.at("/mnt/away");
    let place = domain::target::Place::Directory { path: "/mnt/away".into(), mounted: false };
    let add = crate::targets::AddTarget { name: TargetName::parse("away").expect("a name"), place, keys: None, recipients: vec![] };
    stage.test.console.perform(&actor(Role::Admin), add).await.expect("added");
    assert_eq!(away.names(), Vec::<String>::new(), "the probe is gone");
    away
}

async fn back_up_to_both(stage: &Stage) -> domain::backup::Detail {
    let targets = ["away", "local"].map(|n| TargetName::parse(n).expect("a name")).to_vec();
    let start = StartBackup { deployment: sales(), reason: Reason::default(), targets, kind: Default::default() };
    let job = stage.test.console.perform(&actor(Role::Operator), start).await.expect("queued");
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::Succeeded, "{:?}", view.problem);
    let backup = view.result.and_then(|r| r.backup).expect("a backup");
    stage.test.console.ask(&actor(Role::Viewer), crate::backups::GetBackup { backup }).await.expect("a backup")
}

fn states(detail: &domain::backup::Detail) -> Vec<(&str, CopyState)> {
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
    let restore = crate::restores::StartRestore {
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
    let detail = stage.test.console.ask(&actor(Role::Viewer), crate::backups::GetBackup { backup: detail.manifest.id }).await.expect("a backup");
    assert_eq!(states(&detail), [("local", CopyState::Failed), ("away", CopyState::Verified)]);
    assert_eq!(detail.state, domain::backup::State::Verified, "one whole copy is enough");
}
