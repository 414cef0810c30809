//! What becomes of an uploaded dump that cannot be proven.

use super::stage::{Stage, graph, sales, upload};
use crate::error::Error;
use crate::testing::actor;
use crate::use_cases::backups::{GetLastVerified, ListBackups};
use crate::use_cases::deployments::GetOverview;
use domain::backup::{Search, State};
use domain::job;
use domain::job::Kind;
use domain::member::Role;

/// The state in the list, after a proof in which this helper fails.
async fn after(role: &str, code: i64, output: &str) -> State {
    let stage = Stage::for_kind(Kind::ProveDump).await;
    stage.test.world.end_helper(role, code, output);
    let job = stage.queue(Kind::ProveDump).await;
    assert_eq!(stage.finish(job).await.brief.state, job::State::Failed, "{role}");
    state(&stage).await
}

async fn state(stage: &Stage) -> State {
    let all = ListBackups { deployment: None, page: 1, search: Search::default() };
    stage.test.console.ask(&actor(Role::Viewer), all).await.expect("a list").items[0].brief.state
}

#[tokio::test]
async fn one_that_does_not_load_is_damaged_or_does_not_start_is_broken() {
    assert_eq!(after("load", 1, "Not a valid Neo4j archive: neo4j.dump").await, State::Broken);
    assert_eq!(after("check", 1, "neo4j: 3 inconsistencies were found.").await, State::Broken);
    assert_eq!(after("serve", 1, "The store is corrupt.").await, State::Broken);
}

#[tokio::test]
async fn one_that_neo4j_cannot_open_is_broken_and_nobody_waits_for_it() {
    let stage = Stage::for_kind(Kind::ProveDump).await;
    stage.test.world.let_no_copy_open();
    let (job, from) = (stage.queue(Kind::ProveDump).await, stage.now());
    let says = stage.finish(job).await.problem.expect("a problem").to_string();
    assert!(says.contains("Neo4j cannot open the copy.") && says.contains("Unable to start"), "{says}");
    assert!((stage.now() - from).num_seconds() < 10);
    assert_eq!(state(&stage).await, State::Broken);
}

#[tokio::test]
async fn what_the_host_did_says_nothing_of_the_dump() {
    for role in ["load", "check", "serve"] {
        assert_eq!(after(role, 137, "").await, State::Unread, "{role} was killed");
        assert_eq!(
            after(role, 1, "java.lang.OutOfMemoryError: Java heap space").await,
            State::Unread,
            "{role} had no memory"
        );
    }
    assert_eq!(after("load", 28, "neo4j: Files: 3/20, data: 45.1%").await, State::Unread, "the disk was full");
}

#[tokio::test]
async fn the_last_verified_backup_is_found_below_a_page_of_broken_ones_and_those_count_for_nothing() {
    let stage = Stage::with_backup().await;
    stage.test.world.fail_helper("load", "Not a valid Neo4j archive: neo4j.dump");
    for _ in 0..50 {
        stage.test.clock.forward(chrono::TimeDelta::minutes(1));
        let job = stage.queue(Kind::ProveDump).await;
        stage.finish(job).await;
    }
    let (console, viewer) = (&stage.test.console, actor(Role::Viewer));
    let first_page = console
        .ask(&viewer, ListBackups { deployment: Some(sales()), page: 1, search: Search::default() })
        .await
        .expect("a list");
    assert!(first_page.items.iter().all(|b| b.brief.state == State::Broken));
    let last = console.ask(&viewer, GetLastVerified { deployment: sales() }).await.expect("an answer");
    assert_eq!(last.map(|b| b.brief.id), stage.backup);
    let overview = console.ask(&viewer, GetOverview { deployment: sales() }).await.expect("an overview");
    assert_eq!((overview.backups, overview.restorable), (51, 1));
}

/// The answer to an upload, when so many questions to a server of which nothing is known yet stay without one.
async fn uploaded_after(questions: usize) -> crate::Result<crate::use_cases::uploads::Uploaded> {
    let stage = Stage::new().await;
    stage.test.console.state.observer.forget(&sales());
    stage.test.world.lock_user(questions);
    stage.test.console.perform(&actor(Role::Lead), upload(&graph(7))).await
}

#[tokio::test]
async fn a_server_that_is_too_busy_to_say_what_it_is_is_asked_again() {
    assert_eq!(uploaded_after(3).await.err().map(|error| error.problem()), None);
}

#[tokio::test]
async fn a_server_that_runs_and_stays_silent_is_not_said_to_be_stopped() {
    let Err(Error::Problem(problem)) = uploaded_after(1_000).await else { panic!("it is refused") };
    assert_eq!(problem.next_steps, ["Upload the dump again once it answers."]);
}
