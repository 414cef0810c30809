//! Somebody starts the server, creates its container anew or shares its volume while a job has it stopped.

use super::stage::{Stage, sales};
use domain::container::{Mount, MountSource, RestartPolicy, RunState, VolumeName};
use domain::job::Kind;
use domain::job::State;
use std::collections::BTreeSet;

const CASES: [(Kind, bool); 4] =
    [(Kind::Backup, false), (Kind::Backup, true), (Kind::Restore, false), (Kind::UndoRestore, false)];

fn restart_policy(stage: &Stage) -> RestartPolicy {
    let mut policy = RestartPolicy::No;
    stage.test.world.change("sales", |c| policy = c.restart);
    policy
}

/// What the job was about, what was there before, and what clients wrote: all of it is somewhere in the volume.
fn nothing_is_lost(stage: &Stage, kind: Kind, state: State, before: &BTreeSet<u64>, what: &str) {
    let plain = |nodes: u64| nodes % 1000;
    let now = stage.test.world.all_nodes("sales-data");
    assert!(now.iter().any(|nodes| *nodes >= 1000), "{what}: what clients wrote is gone: {now:?}");
    let kept: BTreeSet<u64> = now.iter().map(|nodes| plain(*nodes)).collect();
    assert!(before.is_subset(&kept), "{what}: of {before:?} only {now:?} is left");
    let expected = match (kind, state) {
        (Kind::Restore, State::Succeeded) => 3,
        (Kind::UndoRestore, State::Succeeded) | (Kind::Restore, _) => 9,
        _ => 3,
    };
    assert_eq!(plain(stage.nodes()), expected, "{what}: wrong data in place after {state:?}");
}

#[tokio::test]
async fn somebody_may_start_the_server_at_every_moment() {
    let mut outcomes = BTreeSet::new();
    for (kind, cloning) in CASES {
        for n in 1.. {
            let stage = Stage::for_case(kind, cloning).await;
            let before = stage.test.world.all_nodes("sales-data").into_iter().collect();
            let job = stage.queue(kind).await;
            stage.test.world.start_by_somebody_at_call(n);
            let view = stage.finish(job).await;
            if stage.test.world.somebody_is_ahead() {
                break;
            }
            let (what, state) = (format!("{kind:?}, cloning {cloning}, call {n}"), view.brief.state);
            assert!(matches!(state, State::Succeeded | State::RolledBack), "{what}: {state:?} {:?}", view.problem);
            assert!(stage.test.world.run_state("sales").is_some_and(|run| run.is_running()), "{what}");
            assert_eq!(restart_policy(&stage), RestartPolicy::Always, "{what}");
            let helpers: Vec<String> = stage.test.world.leftovers();
            assert!(helpers.is_empty(), "{what}: {helpers:?}");
            if stage.test.world.somebody_started_it() {
                nothing_is_lost(&stage, kind, state, &before, &what);
                outcomes.insert((kind.as_str(), state == State::Succeeded));
            }
        }
    }
    // After the last act on the store it does no harm; before, the job is rolled back.
    let [backup, restore, undo] = [Kind::Backup, Kind::Restore, Kind::UndoRestore].map(Kind::as_str);
    assert_eq!(
        outcomes,
        [(backup, false), (backup, true), (restore, false), (restore, true), (undo, false), (undo, true)].into()
    );
}

#[tokio::test]
async fn the_engine_starts_nothing_by_itself_while_the_store_is_worked_on() {
    for (kind, cloning) in CASES {
        let mut stage = Stage::for_case(kind, cloning).await;
        let job = stage.queue(kind).await;
        let mut pinned = 0;
        while stage.test.drive(job, 1).await.expect("the store works") {
            // A console that died in between puts it back all the same.
            stage.restart().await;
            let stopped = stage.test.world.run_state("sales").is_some_and(|run| !run.is_running());
            assert_eq!(
                restart_policy(&stage),
                if stopped { RestartPolicy::No } else { RestartPolicy::Always },
                "{kind:?}"
            );
            pinned += usize::from(stopped);
        }
        assert!(pinned > 0, "{kind:?}");
        assert_eq!(stage.view(job).await.brief.state, State::Succeeded);
    }
}

#[tokio::test]
async fn a_container_made_anew_on_other_data_is_not_touched_and_the_data_is_put_back_where_it_was() {
    let stage = Stage::with_backup().await;
    let job = stage.queue(Kind::Restore).await;
    stage.test.drive(job, 8).await.expect("the store works");
    assert_eq!(stage.nodes(), 0, "set aside");
    stage.test.world.change("sales", |c| {
        c.mounts =
            vec![Mount { source: MountSource::Volume(VolumeName("empty".into())), at: "/data".into(), writable: true }];
        c.run = RunState::Running;
    });
    stage.test.world.set_password("empty", "correct horse");
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::RolledBack, "{:?}", view.problem);
    let problem = view.problem.expect("a problem").to_string();
    assert!(problem.contains("recreated with other data (empty)"), "{problem}");
    assert_eq!((stage.nodes(), stage.test.world.all_nodes("empty").len()), (9, 0));
    assert!(view.log.iter().any(|line| line.text.contains("put back where it was, in sales-data")), "{:?}", view.log);
}

#[tokio::test]
async fn two_containers_on_one_volume_are_found_before_the_stop() {
    for (kind, cloning) in CASES {
        let stage = Stage::for_case(kind, cloning).await;
        let moved = stage.test.world.times_moved("sales");
        stage.test.world.add_container_like("sales", "staging");
        let job = stage.queue(kind).await;
        let view = stage.finish(job).await;
        assert_eq!(view.brief.state, State::Failed, "{kind:?}");
        let problem = view.problem.expect("a problem").to_string();
        assert!(
            problem.contains("staging uses the same data as sales") && problem.contains("not stopped"),
            "{problem}"
        );
        assert_eq!(stage.test.world.times_moved("sales"), moved, "{kind:?}");
    }
}

#[tokio::test]
async fn data_that_clients_wrote_to_during_a_restore_that_failed_can_be_brought_back() {
    let stage = Stage::with_backup().await;
    let job = stage.queue(Kind::Restore).await;
    // Started on the loaded backup; then the check of what came of it fails.
    stage.test.drive(job, 10).await.expect("the store works");
    stage.test.world.write_store("sales-data", "neo4j", &super::stage::graph(77));
    stage
        .test
        .console
        .state
        .store
        .insert_mark(job, "verify", domain::plan::Mark::Failed, "a test", stage.now())
        .await
        .expect("marked");
    let view = stage.finish(job).await;
    assert_eq!((view.brief.state, stage.nodes()), (State::RolledBack, 9), "{:?}", view.problem);
    assert_eq!(stage.test.console.state.store.set_aside_jobs(&sales()).await.expect("jobs"), [job]);

    let undo = stage.queue(Kind::UndoRestore).await;
    assert_eq!((stage.finish(undo).await.brief.state, stage.nodes()), (State::Succeeded, 77));
}

#[tokio::test]
async fn what_a_restore_that_failed_kept_can_be_removed() {
    let stage = Stage::with_backup().await;
    let job = stage.queue(Kind::Restore).await;
    stage.test.drive(job, 10).await.expect("the store works");
    stage
        .test
        .console
        .state
        .store
        .insert_mark(job, "verify", domain::plan::Mark::Failed, "a test", stage.now())
        .await
        .expect("marked");
    assert_eq!(stage.finish(job).await.brief.state, State::RolledBack);
    let aside =
        || stage.test.world.paths("sales-data").into_iter().filter(|path| path.starts_with("/.neo4j-console/")).count();
    assert!(aside() > 0);
    let remove = stage.queue(Kind::RemoveSetAside).await;
    assert_eq!((stage.finish(remove).await.brief.state, aside(), stage.nodes()), (State::Succeeded, 0, 9));
}

#[tokio::test]
async fn a_job_that_an_older_console_began_leaves_the_server_running() {
    let stage = Stage::with_backup().await;
    let job = stage.queue(Kind::Restore).await;
    stage.test.drive(job, 8).await.expect("the store works");
    stage.test.console.state.store.delete_offline_window(job).await.expect("forgotten");
    stage.test.world.fail_helper("load", "Not a valid Neo4j archive");
    assert_eq!(stage.finish(job).await.brief.state, State::RolledBack);
    stage.is_sound(Kind::Restore, State::RolledBack, 9, "begun by an older console").await;
}
