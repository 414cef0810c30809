//! Bad days of backups and restores: each ends with a clear sentence and loses nothing.

use super::stage::{Stage, sales};
use crate::testing::actor;
use crate::use_cases::backups::StartBackup;
use crate::use_cases::deployments::{AdoptDeployment, Discover, GetOverview, RefreshDeployment};
use crate::use_cases::restores::{CheckRestore, StartRestore};
use domain::backup;
use domain::deployment::{DeploymentName, Health};
use domain::environment::Environment;
use domain::job::Kind;
use domain::job::State;
use domain::member::Role;
use domain::problem::ProblemKind;
use domain::text::Reason;
use fakes::dump_bytes;
use ports::EngineError;

/// Runs a job to its end and returns its state and all words of its problem.
async fn failing(stage: &Stage, kind: Kind) -> (State, String) {
    let before = stage.nodes();
    let job = stage.queue(kind).await;
    let view = stage.finish(job).await;
    stage.is_sound(kind, view.brief.state, before, "bad day").await;
    (view.brief.state, view.problem.map(|p| p.to_string()).unwrap_or_default())
}

#[tokio::test]
async fn a_full_disk_is_found_before_neo4j_is_stopped() {
    let stage = Stage::new().await;
    stage.test.world.set_free(10);
    let (state, says) = failing(&stage, Kind::Backup).await;
    assert_eq!(state, State::Failed);
    assert!(
        says.contains("not enough space on the disk of the Docker host") && says.contains("Neo4j was not stopped"),
        "{says}"
    );
}

#[tokio::test]
async fn a_large_disk_for_the_data_does_not_hide_that_dockers_own_is_full() {
    // Filled after the click, which would be refused: the job looks again.
    let full = async |kind: Kind, fill: fn(&Stage)| {
        let stage = Stage::for_kind(kind).await;
        let (before, job) = (stage.nodes(), stage.queue(kind).await);
        stage.test.world.set_free_in_docker(1 << 40);
        fill(&stage);
        let view = stage.finish(job).await;
        stage.is_sound(kind, view.brief.state, before, "a full disk").await;
        let says = view.problem.map(|p| p.to_string()).unwrap_or_default();
        assert!(view.brief.state == State::Failed && says.contains("10\u{202f}B are free"), "{kind:?}: {says}");
        says
    };
    for kind in [Kind::Backup, Kind::Restore, Kind::Drill, Kind::RestoreAsNew] {
        full(kind, |stage| stage.test.world.set_free_in_docker(10)).await;
    }
    let says = full(Kind::Restore, |stage| stage.test.world.set_free(10)).await;
    assert!(says.contains("On the disk of the data"), "{says}");
}

#[tokio::test]
async fn room_that_was_just_made_free_counts_at_once() {
    let stage = Stage::with_backup().await;
    stage.test.world.set_free(10);
    stage.test.clock.forward(chrono::TimeDelta::minutes(2));
    let viewer = actor(Role::Viewer);
    stage.test.console.ask(&viewer, RefreshDeployment { deployment: sales() }).await.expect("looked");
    stage.test.world.set_free(1 << 40);
    let check = CheckRestore { deployment: sales(), backup: stage.backup.clone().expect("a backup"), as_new: false };
    let check = stage.test.console.ask(&viewer, check).await.expect("a check");
    assert!(domain::gate::all_pass(&check.gates), "{:?}", check.gates);
    stage.test.world.set_free(10);
    stage.test.clock.forward(chrono::TimeDelta::minutes(2));
    stage.test.console.ask(&viewer, RefreshDeployment { deployment: sales() }).await.expect("looked");
    stage.test.world.set_free(1 << 40);
    let job = stage.queue(Kind::Restore).await;
    assert_eq!(stage.finish(job).await.brief.state, State::Succeeded);
}

#[tokio::test]
async fn a_disk_that_fills_during_the_dump_or_the_copy_brings_neo4j_back() {
    let stage = Stage::new().await;
    stage.test.world.fail_helper("dump", "java.io.IOException: No space left on device");
    let (state, says) = failing(&stage, Kind::Backup).await;
    assert_eq!(state, State::RolledBack);
    assert!(says.contains("The disk is full"), "{says}");

    let stage = Stage::new().await;
    // Enough by the check before the stop, too little for what comes.
    *stage.target.free.lock().expect("free") = Some(1 << 21);
    let job = stage.queue(Kind::Backup).await;
    stage.test.drive(job, 5).await.expect("the store works");
    *stage.target.free.lock().expect("free") = Some(10);
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::RolledBack);
    assert!(view.problem.expect("a problem").title.contains("target of the backups is full"));
    stage.is_sound(Kind::Backup, State::RolledBack, 3, "full at copy").await;
}

#[tokio::test]
async fn a_server_that_was_killed_at_the_stop_is_not_dumped() {
    let stage = Stage::new().await;
    stage.test.world.set_stop_code(137);
    let (state, says) = failing(&stage, Kind::Backup).await;
    assert_eq!(state, State::RolledBack);
    assert!(says.contains("did not stop cleanly (code 137)") && says.contains("recovery"), "{says}");
}

#[tokio::test]
async fn the_container_may_vanish_between_the_click_and_the_job() {
    let stage = Stage::new().await;
    let job = stage.queue(Kind::Backup).await;
    stage.test.world.remove_container("sales");
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::Failed);
    assert!(view.problem.expect("a problem").title.contains("The container sales of sales is gone"));
}

#[tokio::test]
async fn the_helper_image_may_be_gone() {
    let stage = Stage::new().await;
    stage.test.world.remove_image();
    let (state, says) = failing(&stage, Kind::Backup).await;
    assert_eq!(state, State::Failed);
    assert!(says.contains("image of the server is gone"), "{says}");
}

#[tokio::test]
async fn a_changed_byte_or_a_missing_part_stops_the_restore_and_marks_the_backup() {
    for (what, words) in [("damage", "sha256"), ("lose", "is missing")] {
        let stage = Stage::with_backup().await;
        match what {
            "damage" => stage.target.damage("RESTORE.md"),
            _ => stage.target.lose("neo4j.dump"),
        }
        let (state, says) = failing(&stage, Kind::Restore).await;
        assert_eq!(state, State::Failed, "{what}");
        assert!(says.contains("The backup is broken") && says.contains(words), "{says}");
        let id = stage.backup.clone().expect("a backup");
        let detail = stage
            .test
            .console
            .ask(&actor(Role::Viewer), crate::use_cases::backups::GetBackup { backup: id })
            .await
            .expect("a backup");
        assert_eq!(detail.state, backup::State::Broken);
    }
}

#[tokio::test]
async fn a_changed_manifest_stops_the_restore() {
    let stage = Stage::with_backup().await;
    stage.target.damage("manifest.json");
    let (state, says) = failing(&stage, Kind::Restore).await;
    assert_eq!(state, State::Failed);
    assert!(says.contains("manifest"), "{says}");
}

#[tokio::test]
async fn a_candidate_that_counts_otherwise_or_is_inconsistent_never_reaches_the_live_data() {
    let stage = Stage::with_backup().await;
    stage.test.world.fail_helper("check", "Inconsistencies found");
    let (state, says) = failing(&stage, Kind::Restore).await;
    assert_eq!(state, State::Failed, "nothing was touched");
    assert!(says.contains("Inconsistencies found"), "{says}");
}

#[tokio::test]
async fn a_load_that_fails_on_the_live_volume_puts_the_data_back() {
    let stage = Stage::with_backup().await;
    let job = stage.queue(Kind::Restore).await;
    stage.test.drive(job, 8).await.expect("the store works");
    assert_eq!(stage.nodes(), 0, "set aside");
    stage.test.world.fail_helper("load", "Not a valid Neo4j archive");
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::RolledBack);
    stage.is_sound(Kind::Restore, State::RolledBack, 9, "failed load").await;
}

#[tokio::test]
async fn restoring_older_users_tells_that_the_console_needs_new_credentials() {
    let stage = Stage::with_backup().await;
    stage.test.world.set_password("sales-data", "changed since");
    let renew = crate::use_cases::deployments::RenewCredentials {
        deployment: sales(),
        user: "neo4j".into(),
        password: "changed since".into(),
    };
    stage.test.console.perform(&actor(Role::Admin), renew).await.expect("renewed");
    let job = stage.queue(Kind::Restore).await;
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::Succeeded, "{:?}", view.problem);
    let result = view.result.expect("a result");
    assert_eq!((result.credentials_work, result.neo4j_users), (Some(false), vec!["neo4j".to_string()]));
    let overview =
        stage.test.console.ask(&actor(Role::Viewer), GetOverview { deployment: sales() }).await.expect("an overview");
    assert_eq!(overview.seen.health, Health::CredentialsRefused);
}

#[tokio::test]
async fn a_restore_needs_the_typed_name_and_the_right_backup() {
    let stage = Stage::with_backup().await;
    let restore = |confirm: &str| StartRestore {
        deployment: sales(),
        backup: stage.backup.clone().expect("a backup"),
        confirm: confirm.into(),
        reason: Reason::default(),
        include_users: false,
        identity: None,
    };
    let wrong =
        stage.test.console.perform(&actor(Role::Operator), restore("Sales")).await.expect_err("refused").problem();
    assert!(wrong.field("confirm").is_some());
    let viewer =
        stage.test.console.perform(&actor(Role::Viewer), restore("sales")).await.expect_err("refused").problem();
    assert_eq!(viewer.kind, ProblemKind::Denied);
}

#[tokio::test]
async fn a_wrong_neo4j_password_is_tried_once() {
    let stage = Stage::new().await;
    stage.test.world.set_password("sales-data", "another");
    let name = DeploymentName::parse("second").ok();
    stage
        .test
        .console
        .perform(&actor(Role::Admin), crate::use_cases::deployments::ForgetDeployment { deployment: sales() })
        .await
        .expect("forgotten");
    let before = stage.test.world.refused_sign_ins();
    let adopt = AdoptDeployment {
        host: domain::host::HostId::local(),
        container: "sales".into(),
        user: "neo4j".into(),
        password: "wrong wrong".into(),
        name,
        environment: Environment::default(),
    };
    let problem = stage.test.console.perform(&actor(Role::Admin), adopt).await.expect_err("refused").problem();
    assert!(problem.field("password").is_some_and(|w| w.contains("refused this user and password")));
    assert_eq!(stage.test.world.refused_sign_ins() - before, 1);
}

#[tokio::test]
async fn a_stale_password_is_not_tried_again_and_again_by_the_observer() {
    let stage = Stage::new().await;
    stage.test.world.set_password("sales-data", "another");
    let before = stage.test.world.refused_sign_ins();
    for _ in 0..5 {
        stage
            .test
            .console
            .ask(&actor(Role::Viewer), crate::use_cases::deployments::RefreshDeployment { deployment: sales() })
            .await
            .expect("looked");
    }
    assert_eq!(stage.test.world.refused_sign_ins() - before, 1);
}

#[tokio::test]
async fn docker_gone_or_refusing_leaves_the_page_with_what_was_known() {
    let stage = Stage::new().await;
    for (error, words) in [
        (EngineError::Unreachable("no socket".into()), "Docker did not answer"),
        (EngineError::Denied("GET /containers".into()), "Docker refused"),
    ] {
        stage.test.world.set_down(Some(error));
        stage
            .test
            .console
            .ask(&actor(Role::Viewer), crate::use_cases::deployments::RefreshDeployment { deployment: sales() })
            .await
            .expect("looked");
        let overview = stage
            .test
            .console
            .ask(&actor(Role::Viewer), GetOverview { deployment: sales() })
            .await
            .expect("an overview");
        assert_eq!(overview.state, domain::overview::State::Unknown);
        assert!(overview.seen.problem.as_ref().is_some_and(|p| p.title.contains(words)));
        assert!(
            overview.seen.container.is_some() && overview.seen.server.nodes == Some(3),
            "the last known facts stay"
        );
        let problem = stage
            .test
            .console
            .perform(
                &actor(Role::Operator),
                StartBackup {
                    deployment: sales(),
                    reason: Reason::default(),
                    targets: vec![],
                    kind: Default::default(),
                },
            )
            .await
            .expect_err("refused")
            .problem();
        assert_eq!(problem.kind, ProblemKind::Unavailable);
        assert!(stage.test.console.ask(&actor(Role::Admin), Discover { now: true }).await.is_err());
    }
}

#[tokio::test]
async fn a_dump_that_is_not_whole_is_never_called_verified() {
    let stage = Stage::new().await;
    let job = stage.queue(Kind::Backup).await;
    stage.test.drive(job, 6).await.expect("the store works");
    // What is read back is shorter than what was written.
    let key = stage.target.names().into_iter().find(|n| n.ends_with("neo4j.dump")).expect("a dump");
    let cut = dump_bytes(b"something else");
    stage.target.files.lock().expect("files").insert(key, cut[..cut.len() - 3].to_vec());
    let view = stage.finish(job).await;
    assert_eq!(view.brief.state, State::RolledBack);
    stage.is_sound(Kind::Backup, State::RolledBack, 3, "cut dump").await;
    assert_eq!(stage.test.console.state.store.backup_count(None).await.expect("count"), 0);
}
