//! An undo of a restore whose set-aside data is not what it should be, and one that is itself taken back.

use super::aside;
use super::stage::{Stage, sales};
use domain::job::Kind;
use domain::job::{JobView, State};

async fn set_aside_jobs(stage: &Stage) -> Vec<domain::job::JobId> {
    stage.test.console.state.store.set_aside_jobs(&sales()).await.expect("jobs")
}

/// The directory below `/.neo4j-console` that the newest restore used.
async fn aside(stage: &Stage) -> String {
    format!("/.neo4j-console/{}", aside::aside_of(&stage.test.console.state.instance, set_aside_jobs(stage).await[0]))
}

/// The problem is told, the way out as well, and the row stays: the volume may come back.
async fn told(stage: &Stage, view: &JobView) {
    let problem = view.problem.as_ref().expect("a problem");
    assert!(problem.title.contains("not in the volume any more"), "{problem}");
    assert!(problem.next_steps.iter().any(|todo| todo.contains("Restore a backup")), "{problem}");
    assert_eq!(set_aside_jobs(stage).await.len(), 1);
}

#[tokio::test]
async fn an_undo_whose_data_was_removed_stops_nothing_and_moves_nothing() {
    for lost in ["", "/databases/neo4j", "/transactions/neo4j", "/databases/system"] {
        let stage = Stage::for_kind(Kind::UndoRestore).await;
        let (moved, nodes) = (stage.test.world.times_moved("sales"), stage.nodes());
        stage.test.world.remove_directory("sales-data", &format!("{}{lost}", aside(&stage).await));
        let job = stage.queue(Kind::UndoRestore).await;
        let view = stage.finish(job).await;
        assert_eq!(view.brief.state, State::Failed, "{lost}");
        assert_eq!((stage.test.world.times_moved("sales"), stage.nodes()), (moved, nodes), "{lost}");
        told(&stage, &view).await;
    }
}

#[tokio::test]
async fn data_that_is_removed_while_the_server_stops_is_missed_before_anything_is_moved() {
    let stage = Stage::for_kind(Kind::UndoRestore).await;
    let job = stage.queue(Kind::UndoRestore).await;
    stage.test.drive(job, 2).await.expect("the store works");
    stage.test.world.remove_directory("sales-data", &aside(&stage).await);
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::RolledBack);
    stage.is_sound(Kind::UndoRestore, State::RolledBack, 3, "removed at the stop").await;
    told(&stage, &view).await;
}

#[tokio::test]
async fn an_undo_keeps_what_it_replaces_counts_and_can_be_taken_back() {
    let stage = Stage::for_kind(Kind::UndoRestore).await;
    let restore = set_aside_jobs(&stage).await[0];
    let undo = stage.queue(Kind::UndoRestore).await;
    let view = stage.finish(undo).await;
    assert_eq!((view.brief.state, view.result.as_ref().and_then(|r| r.nodes)), (State::Succeeded, Some(9)));
    assert!(view.can_undo_restore && !stage.view(restore).await.can_undo_restore);
    assert_eq!(set_aside_jobs(&stage).await, [undo]);

    let back = stage.queue(Kind::UndoRestore).await;
    let view = stage.finish(back).await;
    assert_eq!((view.brief.state, view.result.as_ref().and_then(|r| r.nodes)), (State::Succeeded, Some(3)));
    assert_eq!((stage.nodes(), set_aside_jobs(&stage).await), (3, vec![back]));
}

#[tokio::test]
async fn a_removal_that_fails_leaves_the_set_aside_data_listed_and_may_be_asked_for_again() {
    let stage = Stage::for_kind(Kind::RemoveSetAside).await;
    let restore = set_aside_jobs(&stage).await;
    stage.test.world.fail_helper("remove-aside", "Input/output error");
    let job = stage.queue(Kind::RemoveSetAside).await;
    assert_eq!(stage.finish(job).await.brief.state, State::RolledBack);
    assert_eq!(set_aside_jobs(&stage).await, restore);

    stage.test.world.fail_helper("none", "");
    let job = stage.queue(Kind::RemoveSetAside).await;
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::Succeeded);
    let says = &view.steps[0].detail;
    assert!(says.ends_with(" are free again.") && !says.starts_with("0 "), "{says}");
    stage.is_sound(Kind::RemoveSetAside, State::Succeeded, 3, "asked for again").await;
    assert!(set_aside_jobs(&stage).await.is_empty());
}
