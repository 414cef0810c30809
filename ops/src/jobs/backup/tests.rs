//! The ways a dump may go, and what they leave.

use super::super::runner;
use super::super::stage::{Stage, graph, sales};
use crate::testing::actor;
use crate::use_cases::backups::{EstimateBackup, GetBackup, StartBackup};
use domain::backup::Kind;
use domain::job::Kind as JobKind;
use domain::job::{JobId, JobView, State};
use domain::member::Role;
use domain::text::Reason;

async fn queue(stage: &Stage, kind: Kind) -> JobId {
    let start = StartBackup { deployment: sales(), reason: Reason::default(), targets: vec![], kind };
    stage.test.console.perform(&actor(Role::Operator), start).await.expect("queued")
}

fn steps(view: &JobView) -> Vec<&str> {
    view.steps.iter().map(|s| s.name.as_str()).collect()
}

async fn made(stage: &Stage, view: &JobView) -> (String, String) {
    let backup = view.result.as_ref().and_then(|r| r.backup.clone()).expect("a backup");
    let manifest = stage.test.console.ask(&actor(Role::Viewer), GetBackup { backup }).await.expect("a backup").manifest;
    (manifest.kind, manifest.how)
}

#[tokio::test]
async fn where_the_volume_can_clone_neo4j_serves_again_before_the_dump_and_the_backup_is_of_the_stop() {
    let stage = Stage::for_case(JobKind::Backup, true).await;
    let job = queue(&stage, Kind::Dump).await;
    // check, prepare, stop, clone, start
    stage.test.drive(job, 5).await.expect("the store works");
    assert!(stage.test.world.run_state("sales").is_some_and(|r| r.is_running()), "it serves");
    assert!(stage.target.names().is_empty(), "nothing was dumped yet");
    stage.test.world.write_store("sales-data", "neo4j", &graph(9));
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::Succeeded, "{:?}", view.problem);
    assert_eq!(steps(&view), ["check", "prepare", "stop", "clone", "start", "dump", "copy", "verify", "clean"]);
    let (kind, how) = made(&stage, &view).await;
    assert!(kind == "short_outage_dump" && how.contains("can clone"), "{kind}: {how}");
    assert_eq!(view.result.as_ref().and_then(|r| r.nodes), Some(3));
    stage.is_sound(JobKind::Backup, State::Succeeded, 9, "from a clone").await;

    // What is restored is what stood at the stop: nine nodes came later.
    let mut stage = stage;
    stage.backup = view.result.and_then(|r| r.backup);
    let restore = stage.queue(JobKind::Restore).await;
    assert_eq!(stage.finish(restore).await.brief.state, State::Succeeded);
    assert_eq!(stage.nodes(), 3);
}

#[tokio::test]
async fn where_it_cannot_the_ordinary_way_is_gone_and_said_with_the_reason() {
    let stage = Stage::new().await;
    assert_eq!(
        stage.test.console.ask(&actor(Role::Viewer), EstimateBackup { deployment: sales() }).await.expect("an answer"),
        None
    );
    let job = queue(&stage, Kind::Dump).await;
    let view = stage.finish(job).await;
    assert_eq!(steps(&view), ["check", "prepare", "stop", "dump", "start", "copy", "verify", "clean"]);
    assert!(view.steps[0].detail.contains("cannot clone files (Operation not supported)"), "{:?}", view.steps[0]);
    assert_eq!(made(&stage, &view).await.0, "dump");
    let ahead = stage
        .test
        .console
        .ask(&actor(Role::Viewer), EstimateBackup { deployment: sales() })
        .await
        .expect("an answer")
        .expect("a backup");
    assert_eq!(
        (Some(&ahead.backup), Some(ahead.offline_ms)),
        (view.result.as_ref().and_then(|r| r.backup.as_ref()), view.result.as_ref().and_then(|r| r.offline_ms))
    );
    assert!(ahead.kind == "dump" && ahead.how.contains("cannot clone"), "{ahead:?}");
}

#[tokio::test]
async fn a_short_outage_that_cannot_be_had_is_refused_before_the_stop_and_an_offline_dump_is_never_short() {
    let stage = Stage::new().await;
    let job = queue(&stage, Kind::ShortOutageDump).await;
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::Failed);
    let problem = view.problem.expect("a problem");
    assert!(
        problem.title.contains("not possible here")
            && problem.means.contains("Operation not supported")
            && problem.means.contains("not stopped"),
        "{problem}"
    );

    let stage = Stage::for_case(JobKind::Backup, true).await;
    let job = queue(&stage, Kind::OfflineDump).await;
    let view = stage.finish(job).await;
    assert_eq!(made(&stage, &view).await.0, "offline_dump");
    assert!(!steps(&view).contains(&"clone"));
}

#[tokio::test]
async fn a_clone_that_fails_at_last_costs_the_longer_outage_or_the_backup_as_was_asked_for() {
    for (asked, state) in [(Kind::Dump, State::Succeeded), (Kind::ShortOutageDump, State::RolledBack)] {
        let stage = Stage::for_case(JobKind::Backup, true).await;
        stage.test.world.fail_helper("clone", "cp: failed to clone: Invalid argument");
        let job = queue(&stage, asked).await;
        let view = stage.finish(job).await;
        assert_eq!(view.brief.state, state, "{:?}", view.problem);
        stage.is_sound(JobKind::Backup, state, 3, "a clone that fails").await;
        if state == State::Succeeded {
            let (kind, how) = made(&stage, &view).await;
            assert!(
                kind == "dump" && how.contains("cloning failed") && how.contains("Invalid argument"),
                "{kind}: {how}"
            );
        }
    }
}

#[tokio::test]
async fn a_clone_that_could_not_be_removed_is_removed_by_a_later_sweep() {
    let stage = Stage::for_case(JobKind::Backup, true).await;
    stage.test.world.fail_helper("remove-clone", "rm: Input/output error");
    let job = queue(&stage, Kind::Dump).await;
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::Succeeded, "a backup is not lost for it");
    let left =
        |stage: &Stage| stage.test.world.paths("sales-data").iter().any(|p| p.starts_with("/.neo4j-console/clone"));
    assert!(left(&stage));
    stage.test.world.fail_helper("none", "");
    runner::sweep(&stage.test.console.state).await;
    assert!(!left(&stage));
    assert!(stage.test.console.state.store.clones().await.expect("clones").is_empty());
}
