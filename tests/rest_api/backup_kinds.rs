//! Kinds of backup over HTTP: asked for, refused, and shown as what was made.

use super::{Robot, problem, read};
use domain::member::Role;
use reqwest::StatusCode;
use serde_json::{Value, json};

const BACKUPS: &str = "/deployments/sales/backups";

/// The job's end, and the backup it made, if any.
async fn backup(robot: &Robot, body: Value) -> (Value, Value) {
    let queued = read(robot.post(BACKUPS, &body).await, StatusCode::ACCEPTED).await;
    let job = robot.job(queued["job"].as_i64().expect("a job")).await;
    match job["result"]["backup"].as_str() {
        Some(id) => (job.clone(), read(robot.get(&format!("/backups/{id}")).await, StatusCode::OK).await),
        None => (job, Value::Null),
    }
}

#[tokio::test]
async fn a_kind_is_asked_for_and_the_backup_says_what_was_made_and_why() {
    let robot = Robot::with_sales(Role::Admin).await;
    let (_, made) = backup(&robot, json!({})).await;
    assert_eq!(made["kind"], "dump", "{made}");
    assert!(made["manifest"]["how"].as_str().is_some_and(|how| how.contains("cannot clone files")), "{made}");

    let (job, made) = backup(&robot, json!({ "kind": "short_outage_dump" })).await;
    assert_eq!((&job["state"], &made), (&json!("failed"), &Value::Null), "{job}");
    assert!(job["problem"].to_string().contains("short-outage dump is not possible here"), "{job}");

    robot.site.inside.world.let_clone();
    for (asked, kind) in [
        (json!({}), "short_outage_dump"),
        (json!({ "kind": "dump" }), "short_outage_dump"),
        (json!({ "kind": "offline_dump" }), "offline_dump"),
    ] {
        let (job, made) = backup(&robot, asked).await;
        assert_eq!(made["kind"], kind, "{job}");
        let steps: Vec<&str> =
            job["steps"].as_array().expect("steps").iter().filter_map(|s| s["name"].as_str()).collect();
        assert_eq!(steps.contains(&"clone"), kind == "short_outage_dump", "{steps:?}");
    }
    let refused = problem(robot.post(BACKUPS, &json!({ "kind": "hot" })).await, 400).await;
    assert_eq!(refused["fields"][0]["field"], "kind", "{refused}");
}

#[tokio::test]
async fn a_schedule_keeps_its_kind_and_its_runs_are_of_it() {
    let robot = Robot::with_sales(Role::Admin).await;
    robot.site.inside.world.let_clone();
    let daily = json!({ "name": "daily", "cron": "30 2 * * *", "time_zone": "Europe/Berlin", "kind": "offline_dump" });
    let added = read(robot.post("/deployments/sales/schedules", &daily).await, StatusCode::CREATED).await;
    assert_eq!(added["kind"], "offline_dump", "{added}");
    let queued =
        read(robot.post("/deployments/sales/schedules/daily/run", &json!({})).await, StatusCode::ACCEPTED).await;
    let job = robot.job(queued["job"].as_i64().expect("a job")).await;
    let id = job["result"]["backup"].as_str().expect("a backup");
    assert_eq!(read(robot.get(&format!("/backups/{id}")).await, StatusCode::OK).await["kind"], "offline_dump");

    let changed = read(
        robot.send("PATCH", "/deployments/sales/schedules/daily", Some(&json!({ "kind": "dump" }))).await,
        StatusCode::OK,
    )
    .await;
    assert_eq!(changed["kind"], "dump", "{changed}");
}
