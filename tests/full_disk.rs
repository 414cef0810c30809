//! The disk of the console's own database is full: a real SQLite on a real file system, all else fakes.

use domain::backup::Kind;
use domain::deployment::DeploymentName;
use domain::environment::Environment;
use domain::job::{JobId, State};
use domain::member::Role;
use domain::text::Reason;
use fakes::{MemoryTarget, World};
use ops::testing::{TestConsole, actor};
use ops::use_cases::backups::StartBackup;
use ops::use_cases::deployments::AdoptDeployment;
use ops::use_cases::jobs::GetJob;
use std::sync::Arc;
use std::time::Duration;
use tests::tiny_disk::TinyDisk;

fn sales() -> DeploymentName {
    DeploymentName::parse("sales").expect("a name")
}

async fn with_backup_under_way(disk: &TinyDisk) -> (TestConsole, JobId) {
    let test = TestConsole::open(disk.path(), World::with_sales(), Arc::new(MemoryTarget::default()))
        .await
        .expect("a console");
    test.ensure_space_reserve().await;
    let adopt = AdoptDeployment {
        host: domain::host::HostId::local(),
        container: "sales".into(),
        user: "neo4j".into(),
        password: "correct horse".into(),
        name: None,
        environment: Environment::default(),
    };
    test.console.perform(&actor(Role::Admin), adopt).await.expect("adopted");
    let start = StartBackup { deployment: sales(), reason: Reason::default(), targets: vec![], kind: Kind::default() };
    let job = test.console.perform(&actor(Role::Operator), start).await.expect("queued");
    // Neo4j is stopped.
    test.drive(job, 4).await.expect("the store works");
    (test, job)
}

async fn state(test: &TestConsole, job: JobId) -> State {
    test.console.ask(&actor(Role::Viewer), GetJob { job }).await.expect("a job").brief.state
}

#[tokio::test]
async fn a_job_ends_on_a_full_disk_and_the_room_is_kept_again_when_there_is_some() {
    let place = tempfile::tempdir().expect("a directory");
    let disk = TinyDisk::in_memory(place.path(), "400m");
    let (test, job) = with_backup_under_way(&disk).await;
    let ballast = place.path().join("ballast");
    assert_eq!(ballast.metadata().expect("set aside").len(), 64 << 20);
    disk.fill_but(0);
    tokio::time::timeout(Duration::from_secs(60), test.run(job)).await.expect("it ends");
    assert_eq!(state(&test, job).await, State::Succeeded);
    assert!(!ballast.exists());
    test.ensure_space_reserve().await;
    assert!(!ballast.exists(), "not while the disk is short of room");
    disk.empty();
    test.ensure_space_reserve().await;
    assert!(ballast.exists());
    test.console.store().close().await;
}

#[tokio::test]
async fn without_room_to_give_a_job_waits_and_goes_on_when_there_is_some() {
    let place = tempfile::tempdir().expect("a directory");
    let disk = TinyDisk::in_memory(place.path(), "100m");
    let (test, job) = with_backup_under_way(&disk).await;
    assert!(!place.path().join("ballast").exists(), "too small a disk");
    disk.fill_but(0);
    assert!(tokio::time::timeout(Duration::from_secs(3), test.run(job)).await.is_err(), "it waits");
    disk.empty();
    tokio::time::timeout(Duration::from_secs(60), test.run(job)).await.expect("it ends");
    assert_eq!(state(&test, job).await, State::Succeeded);
    test.console.store().close().await;
}
