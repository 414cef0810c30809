//! An upgrade that is taken back: image and data go together, at each end.

use super::image_tests::{NEW, OLD, changed, container, set_aside, stage};
use super::{Consent, ListChanges, PreviewChange, StartChange, Wanted};
use crate::error::Error;
use crate::jobs::change::GO_BACK_PLAN;
use crate::jobs::stage::{Stage, sales};
use crate::testing::actor;
use crate::use_cases::restores::UndoRestore;
use domain::change::ChangeId;
use domain::job::{JobId, JobView, State as JobState};
use domain::member::Role;
use domain::text::Reason;
use fakes::FakeStore;
use std::collections::BTreeMap;

/// What clients have written since the upgrade.
const SINCE: u64 = 40;

async fn last_change(stage: &Stage) -> ChangeId {
    let list = ListChanges { deployment: sales(), page: 1 };
    stage.test.console.ask(&actor(Role::Viewer), list).await.expect("a list").items[0].id
}

async fn back(stage: &Stage, change: ChangeId, confirm: &str) -> Result<JobId, Error> {
    let start = StartChange {
        deployment: sales(),
        wanted: Wanted::Revert(change),
        reason: Reason::default(),
        consent: Consent { confirm: confirm.into(), ..Consent::default() },
    };
    Ok(stage.test.console.perform(&actor(Role::Admin), start).await?.1)
}

fn nodes(stage: &Stage, nodes: u64) {
    stage.test.world.write_store(
        "sales-data",
        "neo4j",
        &FakeStore { nodes, relationships: 0, users: BTreeMap::default() },
    );
}

/// `sales` was upgraded and clients have written since; the nodes there were before.
async fn upgraded() -> (Stage, u64, ChangeId, JobId) {
    let stage = stage().await;
    let before = stage.nodes();
    let view = changed(&stage, NEW).await;
    assert_eq!(view.brief.state, JobState::Succeeded, "{:?}", view.problem);
    nodes(&stage, SINCE);
    let change = last_change(&stage).await;
    (stage, before, change, view.brief.id)
}

async fn listed(stage: &Stage) -> Vec<JobId> {
    stage.test.console.state.store.set_aside_jobs(&sales()).await.expect("a list")
}

#[tokio::test]
async fn the_image_from_before_comes_back_with_its_data_and_what_came_since_is_kept() {
    let (stage, before, change, upgrade) = upgraded().await;
    let ask = PreviewChange { deployment: sales(), wanted: Wanted::Revert(change) };
    let plan = stage.test.console.ask(&actor(Role::Admin), ask).await.expect("a plan");
    assert_eq!(plan.brings_back, Some(upgrade));
    assert!(plan.warnings.iter().any(|one| one.contains("What was written since the upgrade")), "{:?}", plan.warnings);
    let refused = back(&stage, change, "").await.expect_err("the name was not typed");
    assert!(refused.problem().field("confirm").is_some(), "{refused}");

    let view = stage.finish(back(&stage, change, "sales").await.expect("queued")).await;
    assert_eq!(view.brief.state, JobState::Succeeded, "{:?}", view.problem);
    let now = container(&stage);
    assert_eq!((now.image.as_str(), stage.nodes(), now.run.is_running()), (OLD, before, true));
    assert_eq!(listed(&stage).await, [view.brief.id], "the data of the upgrade is in use, the other one is kept");
    assert!(!set_aside(&stage).is_empty());
    assert_eq!(stage.test.world.servers(), ["sales"]);

    // And forward again: an upgrade like the first.
    let again = StartChange {
        deployment: sales(),
        wanted: Wanted::Revert(last_change(&stage).await),
        reason: Reason::default(),
        consent: Consent { without_rehearsal: Reason::optional("A test.").expect("a reason"), ..Consent::default() },
    };
    let (_, job) = stage.test.console.perform(&actor(Role::Admin), again).await.expect("queued");
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, JobState::Succeeded, "{:?}", view.problem);
    assert_eq!((container(&stage).image.as_str(), stage.nodes()), (NEW, before));
}

#[tokio::test]
async fn a_server_that_does_not_answer_any_more_is_no_obstacle() {
    let (stage, before, change, _) = upgraded().await;
    stage.test.world.set_silent(true);
    let job = back(&stage, change, "sales").await.expect("queued");
    // Until the other version is to start.
    stage.test.drive(job, 8).await.expect("the store works");
    stage.test.world.set_silent(false);
    let view = stage.finish(job).await;
    assert_eq!((view.brief.state, stage.nodes()), (JobState::Succeeded, before), "{:?}", view.problem);
}

#[tokio::test]
async fn without_the_data_from_before_an_upgrade_is_not_taken_back() {
    let (stage, _, change, upgrade) = upgraded().await;
    let store = &stage.test.console.state.store;
    let row = store.set_aside(upgrade, &sales()).await.expect("a row");
    // Gone from the volume, then from the list.
    let directory = format!("/.neo4j-console/{}", row.directory.expect("a directory"));
    stage.test.world.remove_directory("sales-data", &directory);
    let moved = stage.test.world.times_moved("sales");
    let view = stage.finish(back(&stage, change, "sales").await.expect("queued")).await;
    assert_eq!(view.brief.state, JobState::Failed);
    let problem = view.problem.expect("a problem").to_string();
    assert!(problem.contains("not in the volume any more"), "{problem}");
    assert_eq!((stage.test.world.times_moved("sales"), stage.nodes()), (moved, SINCE));
    store.delete_set_aside(upgrade).await.expect("deleted");
    let refused = back(&stage, change, "sales").await.expect_err("no way back");
    assert!(refused.problem().title.contains("5.26.5 cannot be changed to 5.15.0"), "{refused}");
}

#[tokio::test]
async fn set_aside_data_is_not_given_to_another_version() {
    let (stage, _, _, upgrade) = upgraded().await;
    let undo = UndoRestore {
        deployment: sales(),
        restore: upgrade,
        confirm: "sales".into(),
        reason: Reason::optional("A test.").expect("a reason"),
    };
    let refused = stage.test.console.perform(&actor(Role::Admin), undo).await.expect_err("another version");
    let problem = refused.problem();
    assert_eq!(problem.title, "This data is of Neo4j 5.15.0.");
    assert!(problem.next_steps[0].contains("take that change back"), "{problem}");
    assert_eq!(stage.nodes(), SINCE);
}

/// One version runs, on its own data, and the other data is aside.
async fn is_sound(stage: &Stage, view: &JobView, before: u64, upgrade: JobId, what: &str) {
    let (now, done) = (container(stage), view.brief.state == JobState::Succeeded);
    let expected = if done { (OLD, before) } else { (NEW, SINCE) };
    assert_eq!((now.image.as_str(), stage.nodes()), expected, "{what}: {:?}", view.problem);
    assert!(now.run.is_running(), "{what}: {:?}", view.problem);
    assert_eq!(stage.test.world.servers(), ["sales"], "{what}");
    assert!(!set_aside(stage).is_empty(), "{what}: nothing was deleted");
    let listed = listed(stage).await;
    assert_eq!(listed.contains(&upgrade), !done, "{what}: {listed:?}");
    assert_eq!(listed.contains(&view.brief.id), done, "{what}: {listed:?}");
}

#[tokio::test]
async fn whatever_call_to_the_engine_fails_each_version_keeps_its_data() {
    for n in 1.. {
        let (stage, before, change, upgrade) = upgraded().await;
        let job = back(&stage, change, "sales").await.expect("queued");
        stage.test.world.fail_call(n);
        let view = stage.finish(job).await;
        if stage.test.world.failure_is_ahead() {
            break;
        }
        is_sound(&stage, &view, before, upgrade, &format!("call {n}")).await;
    }
}

#[tokio::test]
async fn a_console_that_dies_on_the_way_back_goes_on_and_one_that_dies_of_it_gives_it_up() {
    for steps in 0..GO_BACK_PLAN.len() {
        for deaths in 0..=3 {
            let (mut stage, before, change, upgrade) = upgraded().await;
            let job = back(&stage, change, "sales").await.expect("queued");
            stage.test.drive(job, steps).await.expect("the store works");
            let view = stage.finish_after_deaths(job, deaths).await;
            let what = format!("{deaths} deaths after {steps} steps");
            assert_eq!(view.brief.state == JobState::Succeeded, deaths < 3, "{what}: {:?}", view.problem);
            is_sound(&stage, &view, before, upgrade, &what).await;
        }
    }
}
