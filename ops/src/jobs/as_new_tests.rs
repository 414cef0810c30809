//! A restore as a new deployment: what it makes, what it refuses, and that the server beside it never notices.

use super::stage::{Stage, copy, sales};
use crate::testing::actor;
use crate::use_cases::backups::StartBackup;
use crate::use_cases::deployments::{GetOverview, RenewCredentials};
use crate::use_cases::restores::RestoreAsNew;
use domain::Problem;
use domain::container::Owner;
use domain::deployment::{DeploymentName, Health};
use domain::job::Kind;
use domain::job::{JobId, State};
use domain::member::Role;
use domain::problem::ProblemKind;
use domain::text::Reason;

async fn ask(stage: &Stage, name: &str, include_users: bool) -> Result<JobId, Problem> {
    let (backup, name) = (stage.backup.clone().expect("a backup"), DeploymentName::parse(name).expect("a name"));
    let change =
        RestoreAsNew { deployment: sales(), backup, name, reason: Reason::default(), include_users, identity: None };
    stage.test.console.perform(&actor(Role::Admin), change).await.map_err(|error| error.problem())
}

async fn overview(stage: &Stage, name: DeploymentName) -> domain::overview::Overview {
    stage.test.console.ask(&actor(Role::Viewer), GetOverview { deployment: name }).await.expect("an overview")
}

#[tokio::test]
async fn the_new_deployment_answers_with_the_backups_data_and_is_backed_up_like_any_other() {
    for include_users in [false, true] {
        let stage = Stage::with_backup().await;
        let job = ask(&stage, "copy", include_users).await.expect("queued");
        let end = stage.finish(job).await;
        assert_eq!(end.brief.state, State::Succeeded, "{:?}", end.problem);
        stage.is_sound(Kind::RestoreAsNew, State::Succeeded, 9, "as new").await;
        let result = end.result.expect("a result");
        assert_eq!((result.deployment, result.nodes, result.offline_ms), (Some(copy()), Some(3), None));
        let made = overview(&stage, copy()).await;
        assert_eq!(
            (&made.seen.health, made.owner, made.seen.server.nodes),
            (&Health::Answers, Some(Owner::Console), Some(3))
        );
        let container = made.seen.container.expect("a container");
        assert_eq!(container.labels.get("traefik.enable").map(String::as_str), Some("false"));
        let backup =
            StartBackup { deployment: copy(), reason: Reason::default(), targets: vec![], kind: Default::default() };
        let job = stage.test.console.perform(&actor(Role::Operator), backup).await.expect("queued");
        let end = stage.finish(job).await;
        assert_eq!(end.brief.state, State::Succeeded, "{:?}", end.problem);
    }
}

#[tokio::test]
async fn restored_users_that_do_not_know_the_console_leave_a_deployment_that_asks_for_its_password() {
    let stage = Stage::with_backup().await;
    stage.test.world.set_password("sales-data", "changed since");
    let renew = RenewCredentials { deployment: sales(), user: "neo4j".into(), password: "changed since".into() };
    stage.test.console.perform(&actor(Role::Admin), renew).await.expect("renewed");
    let before = stage.test.world.refused_sign_ins();
    let job = ask(&stage, "copy", true).await.expect("queued");
    let end = stage.finish(job).await;
    assert_eq!(
        (end.brief.state, end.result.and_then(|r| r.credentials_work)),
        (State::Succeeded, Some(false)),
        "{:?}",
        end.problem
    );
    assert_eq!(overview(&stage, copy()).await.seen.health, Health::CredentialsRefused);
    // Once by the job, once by the observer, which then never tries again by itself.
    assert_eq!(stage.test.world.refused_sign_ins() - before, 2);
}

#[tokio::test]
async fn a_name_that_is_taken_is_refused_beside_its_field() {
    let stage = Stage::with_backup().await;
    stage.test.world.add_volume("shelf-data");
    stage.test.world.change("sales", |c| _ = c.labels.insert("com.docker.compose.service".into(), "graph".into()));
    for (name, words) in [
        ("sales", "already a deployment"),
        ("shelf", "already a volume shelf-data"),
        ("x", "two characters"),
        ("graph", "already has this name: sales"),
    ] {
        let refused = ask(&stage, name, false).await.expect_err("refused");
        assert!(refused.field("name").is_some_and(|why| why.contains(words)), "{refused}");
    }
}

#[tokio::test]
async fn a_volume_that_appears_meanwhile_is_never_written_or_removed() {
    let stage = Stage::with_backup().await;
    let job = ask(&stage, "copy", false).await.expect("queued");
    stage.test.drive(job, 3).await.expect("the store works");
    stage.test.world.write_store("copy-data", "neo4j", &super::stage::graph(7));
    let end = stage.finish(job).await;
    assert_eq!(end.brief.state, State::Failed);
    assert!(end.problem.expect("a problem").to_string().contains("copy-data was not made by this console"));
    assert_eq!(stage.test.world.store("copy-data", "neo4j").map(|s| s.nodes), Some(7), "somebody else's");
}

#[tokio::test]
async fn without_room_or_memory_for_a_second_server_nothing_is_made_and_the_numbers_are_said() {
    for (what, words) in [("room", "Free space: It needs"), ("memory", "A second server may need 1.4\u{202f}GiB")] {
        let stage = Stage::with_backup().await;
        let job = ask(&stage, "copy", false).await.expect("queued");
        match what {
            "room" => stage.test.world.set_free(10),
            _ => stage.test.world.set_free_memory(1 << 20),
        }
        let end = stage.finish(job).await;
        assert_eq!(end.brief.state, State::Failed, "{what}");
        let says = end.problem.expect("a problem").to_string();
        assert!(says.contains(words) && says.contains("Nothing was made"), "{says}");
        stage.is_sound(Kind::RestoreAsNew, State::Failed, 9, what).await;
    }
}

#[tokio::test]
async fn a_password_that_cannot_be_a_first_one_and_a_member_who_may_not_adopt_are_refused() {
    let stage = Stage::with_backup().await;
    stage.test.world.set_password("sales-data", "with/slash and more");
    let renew = RenewCredentials { deployment: sales(), user: "neo4j".into(), password: "with/slash and more".into() };
    stage.test.console.perform(&actor(Role::Admin), renew).await.expect("renewed");
    let refused = ask(&stage, "copy", false).await.expect_err("refused");
    assert!(refused.to_string().contains("slash"), "{refused}");
    ask(&stage, "copy", true).await.expect("with the users it does not matter");

    let stage = Stage::with_backup().await;
    let backup = stage.backup.clone().expect("a backup");
    let change = RestoreAsNew {
        deployment: sales(),
        backup,
        name: copy(),
        reason: Reason::default(),
        include_users: false,
        identity: None,
    };
    let denied = stage.test.console.perform(&actor(Role::Lead), change).await.expect_err("denied").problem();
    assert_eq!(denied.kind, ProblemKind::Denied);
}
