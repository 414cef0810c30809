//! Set-ups that people run, from public reports: each works, or is refused in words before the stop.

use super::stage::Stage;
use domain::container::{Mount, MountSource, VolumeName};
use domain::job::Kind;
use domain::job::State;

/// Ends without a start or a stop of the server; the words of its problem.
async fn refused(stage: &Stage, kind: Kind) -> String {
    let moved = stage.test.world.times_moved("sales");
    let job = stage.queue(kind).await;
    let view = stage.finish(job).await;
    assert!(matches!(view.brief.state, State::Failed | State::RolledBack), "{kind:?}: {:?}", view.brief.state);
    assert_eq!(stage.test.world.times_moved("sales"), moved, "{kind:?}");
    view.problem.expect("a problem").to_string()
}

fn at(at: &str, source: MountSource) -> Mount {
    Mount { source, at: at.into(), writable: true }
}

#[tokio::test]
async fn data_in_memory_is_never_stopped() {
    for kind in [Kind::Backup, Kind::Restore, Kind::UndoRestore, Kind::Stop, Kind::Restart] {
        let stage = Stage::for_kind(kind).await;
        let job = stage.queue(kind).await;
        stage.test.world.change("sales", |c| c.mounts = vec![at("/data", MountSource::Other("tmpfs".into()))]);
        let moved = stage.test.world.times_moved("sales");
        let view = stage.finish(job).await;
        let problem = view.problem.expect("a problem").to_string();
        assert!(problem.contains("in memory only") && problem.contains("was not stopped"), "{kind:?}: {problem}");
        assert_eq!(stage.test.world.times_moved("sales"), moved, "{kind:?}");
        assert!(!stage.test.world.leftovers().iter().any(|name| name == "tmpfs"), "no volume of that name");
    }
}

#[tokio::test]
async fn a_volume_below_the_data_or_a_user_without_a_number_is_refused_and_named() {
    let stage = Stage::new().await;
    stage
        .test
        .world
        .change("sales", |c| c.mounts.push(at("/data/transactions", MountSource::Volume(VolumeName("tx".into())))));
    assert!(refused(&stage, Kind::Backup).await.contains("/data/transactions"));
    let stage = Stage::new().await;
    stage.test.world.change("sales", |c| c.user = "app".into());
    assert!(refused(&stage, Kind::Backup).await.contains("user app"));
}

#[tokio::test]
async fn a_volume_at_the_link_to_the_data_is_the_data() {
    let stage = Stage::with_backup().await;
    stage.test.world.change("sales", |c| {
        c.mounts[0].at = "/var/lib/neo4j/data".into();
        c.mounts.push(at("/data", MountSource::Volume(VolumeName("a".repeat(64)))));
    });
    let job = stage.queue(Kind::Restore).await;
    let view = stage.finish(job).await;
    assert_eq!((view.brief.state, stage.nodes()), (State::Succeeded, 3), "{:?}", view.problem);
    assert_eq!(stage.test.world.paths(&"a".repeat(64)), Vec::<String>::new(), "what it covers is left alone");
}

#[tokio::test]
async fn what_helpers_cannot_reach_is_found_before_the_stop() {
    for kind in [Kind::Backup, Kind::Restore] {
        let stage = Stage::for_kind(kind).await;
        stage.test.world.set_access("no databases/neo4j/neostore cannot be read and written");
        let problem = refused(&stage, kind).await;
        assert!(problem.contains("7474:7474 databases/neo4j/neostore cannot be read"), "{problem}");
    }
}

#[tokio::test]
async fn helpers_on_the_data_are_whoever_the_server_is() {
    let stage = Stage::with_backup().await;
    stage.test.world.change("sales", |c| c.user = "1000:1000".into());
    for kind in [Kind::Backup, Kind::Restore] {
        let job = stage.queue(kind).await;
        assert_eq!(stage.finish(job).await.brief.state, State::Succeeded);
    }
    let users = stage.test.world.helper_users();
    for (role, expected) in [
        ("dump", "1000:1000"),
        ("load", "1000:1000"),
        ("set-aside", "1000:1000"),
        ("test-access", "1000:1000"),
        ("check", "7474:7474"),
    ] {
        let last = users.iter().rev().find(|(of, _)| of == role).map(|(_, user)| user.as_str());
        assert_eq!(last, Some(expected), "{role}: {users:?}");
    }
}
