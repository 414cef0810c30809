//! A data directory that an older console left.

use super::Store;
use crate::crypto::seal::Seal;
use domain::backup::Search;
use domain::deployment::DeploymentName;
use domain::job::{JobId, Kind, State};
use domain::member::Role;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{ConnectOptions, Connection};
use std::path::Path;

/// Of a console at schema 15.
const SCHEMA_15: &str = include_str!("older/schema_15.sql");

/// What else may be there: alarms and plans, and what is left of a deployment that was forgotten.
const MORE: &str = "
  INSERT INTO alarms VALUES ('overdue', 'sales', 5, 6, 'warning');
  INSERT INTO watches VALUES ('sales', 30, 12, NULL, NULL);
  INSERT INTO drill_plans VALUES ('sales', 14);
  INSERT INTO set_asides (job, deployment, databases, made_at) VALUES (75, 'sales', '[\"neo4j\"]', 7);
  INSERT INTO jobs (id, kind, deployment, state, live, params, by, reason, created_at)
    VALUES (20, 'stop', 'gone', 'succeeded', 0, '{}', 'ana', '', 3);";

async fn left_by(script: &str, directory: &Path) {
    let mut older = SqliteConnectOptions::new()
        .filename(directory.join("console.db"))
        .create_if_missing(true)
        .connect()
        .await
        .expect("made");
    sqlx::raw_sql(script).execute(&mut older).await.expect("as an older console left it");
    older.close().await.expect("closed");
}

#[tokio::test]
async fn a_directory_of_an_older_console_opens_with_all_that_is_in_it() {
    let directory = tempfile::tempdir().expect("a directory");
    left_by(&format!("{SCHEMA_15};{MORE}"), directory.path()).await;
    let store = Store::open(directory.path()).await.expect("opens");
    let sales = DeploymentName::parse("sales").expect("a name");

    let deployment = store.deployment(&sales).await.expect("adopted");
    assert_eq!((deployment.container.as_str(), deployment.neo4j_user.as_str()), ("sales", "neo4j"));
    let seal = Seal::from_key([7; 32]);
    assert_eq!(crate::engine::credentials::password(&deployment, &seal).expect("opened"), "correct horse");

    let schedules = store.schedules(Some(&sales)).await.expect("read");
    assert_eq!(
        schedules.iter().map(|row| row.schedule.name.as_str()).collect::<Vec<_>>(),
        ["daily", "monthly", "weekly"]
    );
    let backups = store.backup_page(Some(&sales), &Search::default(), 1).await.expect("read").items;
    assert_eq!(
        backups.iter().map(|b| b.brief.id.as_str()).collect::<Vec<_>>(),
        ["sales-20260201T043000Z-77", "sales-20260201T033000Z-75"]
    );
    let jobs = store.job_page(Some(&sales), 1, 10).await.expect("read").items;
    assert_eq!(
        jobs.iter().map(|job| (job.kind, job.state)).collect::<Vec<_>>(),
        [
            (Kind::Backup, State::Succeeded),
            (Kind::Prune, State::Succeeded),
            (Kind::Backup, State::Succeeded),
            (Kind::Prune, State::Succeeded)
        ]
    );
    for job in &jobs {
        assert!(!store.marks(job.id).await.expect("read").is_empty(), "{}", job.id);
    }
    let state = store.prune_state(&sales).await.expect("read");
    assert!(state.last.is_some() && state.backup_since, "the schedule of an older backup is known: {state:?}");

    let alarms = store.open_alarms().await.expect("read");
    assert_eq!(alarms.iter().map(|open| open.deployment.as_str()).collect::<Vec<_>>(), ["sales"]);
    assert_eq!(store.alarm_settings(&sales).await.expect("read").allowance.as_hours(), 30);
    assert_eq!(store.drill_interval(&sales).await.expect("read").as_days(), 14);
    assert_eq!(store.set_aside_jobs(&sales).await.expect("read"), [JobId(75)]);
    let gone = DeploymentName::parse("gone").expect("a name");
    assert!(store.deployment(&gone).await.is_err(), "it is not adopted");
    assert_eq!(store.job_page(Some(&gone), 1, 10).await.expect("read").total, 1, "its jobs are there");

    let members = store.members().await.expect("read");
    assert_eq!(members.iter().map(|m| (m.name.as_str(), m.role)).collect::<Vec<_>>(), [("ana", Role::Admin)]);
    assert_eq!(store.tokens(None).await.expect("read").len(), 1);
    assert_eq!(store.targets().await.expect("read").iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["nas"]);
    assert_eq!(store.audit_page("", 1).await.expect("read").total, 7);
}
