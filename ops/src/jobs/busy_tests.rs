//! A server that clients write to all the time: with every question over Bolt there is one node more.

use super::stage::{Stage, graph};
use crate::testing::actor;
use crate::use_cases::backups::GetBackup;
use domain::backup::views::Detail;
use domain::job::Kind;
use domain::job::{JobView, State};
use domain::member::Role;
use fakes::{FakeStore, dump_bytes};
use std::collections::BTreeMap;

async fn succeeds(stage: &Stage, kind: Kind) -> JobView {
    let job = stage.queue(kind).await;
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::Succeeded, "{kind:?}: {:?}", view.problem);
    view
}

async fn detail(stage: &Stage) -> Detail {
    let backup = stage.backup.clone().expect("a backup");
    stage.test.console.ask(&actor(Role::Viewer), GetBackup { backup }).await.expect("a backup")
}

#[tokio::test]
async fn a_backup_of_a_busy_server_is_drilled_restored_and_undone() {
    let mut stage = Stage::new().await;
    stage.test.world.let_clients_write();
    stage.backup = succeeds(&stage, Kind::Backup).await.result.and_then(|r| r.backup);
    let before = detail(&stage).await;
    assert!(before.proof.is_none() && before.manifest.counted_at.is_some());

    let drilled = succeeds(&stage, Kind::Drill).await.result.expect("a result");
    let exact = detail(&stage).await;
    assert!(exact.nodes() > before.manifest.nodes(), "clients wrote between the count and the stop");
    assert_eq!(drilled.nodes, Some(exact.nodes()));

    let restored = succeeds(&stage, Kind::Restore).await.result.expect("a result");
    assert_eq!(restored.nodes, Some(exact.nodes()), "what was restored, not what is there since");
    assert!(stage.nodes() > exact.nodes(), "clients write again");
    let written = stage.nodes();
    succeeds(&stage, Kind::UndoRestore).await;
    assert!(stage.test.world.all_nodes("sales-data").iter().any(|nodes| *nodes >= written), "what they wrote is kept");
    assert_eq!(detail(&stage).await.proof, exact.proof, "the proof stays");
    succeeds(&stage, Kind::RestoreAsNew).await;
}

#[tokio::test]
async fn a_backup_that_turns_out_empty_is_not_taken_for_a_busy_one() {
    let mut stage = Stage::new().await;
    let job = stage.queue(Kind::Backup).await;
    stage.test.drive(job, 1).await.expect("the store works");
    stage.test.world.write_store(
        "sales-data",
        "neo4j",
        &FakeStore { nodes: 0, relationships: 0, users: BTreeMap::new() },
    );
    stage.backup = stage.finish(job).await.result.and_then(|r| r.backup);
    for kind in [Kind::Drill, Kind::Restore] {
        let job = stage.queue(kind).await;
        let view = stage.finish(job).await;
        assert_eq!(view.brief.state, State::Failed, "{kind:?}");
        let problem = view.problem.expect("a problem").to_string();
        assert!(problem.contains("neo4j is empty, and had 3 nodes"), "{problem}");
    }
    assert!(detail(&stage).await.proof.is_none());
}

#[tokio::test]
async fn what_is_loaded_in_the_end_must_be_what_was_proven() {
    let stage = Stage::with_backup().await;
    let job = stage.queue(Kind::Restore).await;
    stage.test.drive(job, 8).await.expect("the store works");
    stage.test.world.replace_file("/dumps/neo4j.dump", &dump_bytes(&serde_json::to_vec(&graph(5)).expect("json")));
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::RolledBack);
    let problem = view.problem.expect("a problem").to_string();
    assert!(
        problem.contains("not what was proven") && problem.contains("last transaction of neo4j: expected 5, found 9"),
        "{problem}"
    );
    stage.is_sound(Kind::Restore, State::RolledBack, 9, "another dump was loaded").await;
}

#[tokio::test]
async fn who_was_connected_before_a_restore_is_told_after_it() {
    let stage = Stage::with_backup().await;
    let clients = succeeds(&stage, Kind::Restore).await.result.expect("a result").clients;
    assert_eq!(clients.iter().map(|c| c.agent.as_str()).collect::<Vec<_>>(), ["neo4j-python/5.28.1"]);
}

#[tokio::test]
async fn a_database_that_is_not_online_is_named_as_missing() {
    let mut stage = Stage::new().await;
    stage.test.world.set_offline_database("archive");
    let view = succeeds(&stage, Kind::Backup).await;
    assert!(view.steps[0].detail.contains("Not online, so not saved: archive."), "{:?}", view.steps[0]);
    stage.backup = view.result.and_then(|r| r.backup);
    assert_eq!(detail(&stage).await.manifest.left_out, ["archive"]);
}
