//! Schedules, retention and pins over HTTP.

use super::{Robot, problem, read};
use chrono::{DateTime, TimeDelta, Utc};
use domain::member::Role;
use reqwest::StatusCode;
use serde_json::{Value, json};

const ALL: &str = "/deployments/sales/schedules";
const DAILY: &str = "/deployments/sales/schedules/daily";

fn daily() -> Value {
    json!({ "name": "daily", "cron": "30 2 * * *", "time_zone": "Europe/Berlin", "targets": [], "kind": "dump", "keep": { "days": 7 } })
}

fn times(value: &Value) -> Vec<DateTime<Utc>> {
    value.as_array().expect("a list").iter().map(|t| t.as_str().expect("text").parse().expect("a time")).collect()
}

#[tokio::test]
async fn a_schedule_is_added_shown_changed_paused_and_removed() {
    let robot = Robot::with_sales(Role::Admin).await;
    // The night before daylight saving begins.
    robot.site.inside.clock.set("2026-03-28T12:00:00Z".parse().expect("a time"));
    let response = robot.post(ALL, &daily()).await;
    assert_eq!(response.headers()["location"], "/api/v1/deployments/sales/schedules/daily");
    let added = read(response, StatusCode::CREATED).await;
    let runs: Vec<String> = times(&added["next_runs"]).iter().map(|t| t.format("%dT%H:%M").to_string()).collect();
    assert_eq!(runs, ["29T01:00", "30T00:30", "31T00:30", "01T00:30", "02T00:30"], "{added}");
    assert_eq!(
        (&added["keep"], &added["paused"], &added["last_run"]),
        (&json!({ "days": 7 }), &json!(false), &Value::Null)
    );
    assert_eq!(read(robot.get(ALL).await, StatusCode::OK).await, json!([added]));

    let again = problem(robot.post(ALL, &daily()).await, 400).await;
    assert_eq!(again["fields"][0]["field"], "name");

    let change = json!({ "cron": "0 4 * * SUN", "keep": { "days": 30, "count": 4 }, "jitter_minutes": 10 });
    let changed = read(robot.send("PATCH", DAILY, Some(&change)).await, StatusCode::OK).await;
    assert_eq!(
        (&changed["cron"], &changed["keep"], &changed["time_zone"]),
        (&change["cron"], &change["keep"], &json!("Europe/Berlin"))
    );
    let next = times(&changed["next_runs"]);
    let planned: DateTime<Utc> = "2026-03-29T02:00:00Z".parse().expect("a time");
    assert!(next.len() == 5 && next[0] >= planned && next[0] <= planned + TimeDelta::minutes(10), "{changed}");

    let paused = read(robot.send("PATCH", DAILY, Some(&json!({ "paused": true }))).await, StatusCode::OK).await;
    assert_eq!((&paused["paused"], &paused["next_runs"], &paused["cron"]), (&json!(true), &json!([]), &change["cron"]));
    let both = json!({ "paused": false, "jitter_minutes": 0 });
    let resumed = read(robot.send("PATCH", DAILY, Some(&both)).await, StatusCode::OK).await;
    assert_eq!((&resumed["jitter_minutes"], times(&resumed["next_runs"])[0]), (&json!(0), planned));

    assert_eq!(robot.send("DELETE", DAILY, None).await.status(), StatusCode::NO_CONTENT);
    problem(robot.send("DELETE", DAILY, None).await, 404).await;
    assert_eq!(read(robot.get(ALL).await, StatusCode::OK).await, json!([]));
}

#[tokio::test]
async fn what_cannot_be_a_schedule_is_refused_with_a_sentence() {
    let robot = Robot::with_sales(Role::Admin).await;
    let wrong = [
        ("name", json!("../daily"), "small letters"),
        ("cron", json!("at night"), "For example 15 3 * * *"),
        ("cron", json!("0 0 30 2 *"), "never comes"),
        ("time_zone", json!("Berlin"), "Europe/Berlin"),
        ("targets", json!(["nas"]), "There is no target nas"),
        ("kind", json!("apoc"), "dump"),
        ("keep", json!({ "days": 0 }), "1 to 10000 days"),
        ("keep", json!({ "count": 0 }), "last 1 to 10000"),
        ("jitter_minutes", json!(999), "0 to 240"),
    ];
    for (field, value, words) in wrong {
        let mut body = daily();
        body[field] = value.clone();
        let refused = problem(robot.post(ALL, &body).await, 400).await;
        assert_eq!(refused["fields"][0]["field"], field, "{value}: {refused}");
        assert!(refused["title"].as_str().expect("text").contains(words), "{value}: {refused}");
    }
    let hourly = json!({ "name": "h", "cron": "*/30 * * * *", "time_zone": "UTC", "jitter_minutes": 30 });
    assert!(
        problem(robot.post(ALL, &hourly).await, 400).await["title"]
            .as_str()
            .expect("text")
            .contains("as close as 30 minutes")
    );
    problem(robot.post(ALL, &json!({ "name": "daily", "cron": "0 0 * * *" })).await, 400).await;
    problem(robot.post("/deployments/none/schedules", &daily()).await, 404).await;
    problem(robot.send("PATCH", DAILY, Some(&json!({}))).await, 404).await;
    problem(robot.post(&format!("{DAILY}/run"), &json!({})).await, 404).await;
    problem(robot.get("/deployments/none/retention").await, 404).await;
    for id in ["none", "..%2Fx"] {
        problem(robot.send("PUT", &format!("/backups/{id}/pin"), None).await, 404).await;
    }
}

#[tokio::test]
async fn each_role_may_what_it_may() {
    let admin = Robot::with_sales(Role::Admin).await;
    read(admin.post(ALL, &daily()).await, StatusCode::CREATED).await;
    let viewer = admin.with_role(Role::Viewer).await;
    let operator = admin.with_role(Role::Operator).await;
    for robot in [&viewer, &operator] {
        let mut other = daily();
        other["name"] = json!("other");
        problem(robot.post(ALL, &other).await, 403).await;
        problem(robot.send("PATCH", DAILY, Some(&json!({ "paused": true }))).await, 403).await;
        problem(robot.send("DELETE", DAILY, None).await, 403).await;
        problem(robot.send("PUT", "/backups/sales-1/pin", None).await, 403).await;
        read(robot.get(ALL).await, StatusCode::OK).await;
        read(robot.get("/deployments/sales/retention").await, StatusCode::OK).await;
    }
    problem(viewer.post(&format!("{DAILY}/run"), &json!({})).await, 403).await;
    read(operator.post(&format!("{DAILY}/run"), &json!({})).await, StatusCode::ACCEPTED).await;
}

#[tokio::test]
async fn a_schedule_runs_now_and_the_preview_says_what_goes() {
    let robot = Robot::with_sales(Role::Admin).await;
    read(robot.post(ALL, &daily()).await, StatusCode::CREATED).await;
    let mut made = Vec::new();
    for _ in 0..3 {
        let queued = read(robot.send("POST", &format!("{DAILY}/run"), None).await, StatusCode::ACCEPTED).await;
        let job = robot.job(queued["job"].as_i64().expect("a job")).await;
        made.push(job["result"]["backup"].as_str().expect("a backup").to_string());
        robot.site.inside.clock.forward(TimeDelta::days(1));
    }
    assert_eq!(robot.send("PUT", &format!("/backups/{}/pin", made[0]), None).await.status(), StatusCode::NO_CONTENT);
    let list = read(robot.get("/deployments/sales/backups").await, StatusCode::OK).await;
    assert_eq!(
        (&list[2]["id"], &list[2]["pinned"], &list[2]["schedule"]),
        (&json!(made[0]), &json!(true), &json!("daily")),
        "{list}"
    );
    assert_eq!(list[1]["pinned"], json!(false));

    robot.site.inside.clock.forward(TimeDelta::days(5));
    let preview = read(robot.get("/deployments/sales/retention").await, StatusCode::OK).await;
    let fates: Vec<(&Value, &Value)> =
        preview.as_array().expect("a list").iter().map(|f| (&f["backup"], &f["goes"])).collect();
    let (yes, no) = (json!(true), json!(false));
    assert_eq!(fates, [(&json!(made[2]), &no), (&json!(made[1]), &yes), (&json!(made[0]), &no)], "{preview}");
    assert!(preview[0]["why"].as_str().expect("text").contains("newest verified"), "{preview}");
    assert!(preview[0]["goes_at"].as_str().is_some(), "when the next one takes its place: {preview}");
    assert!(preview[1]["why"].as_str().expect("text").contains("keeps 7 days"), "{preview}");
    assert!(preview[2]["why"].as_str().expect("text").starts_with("Pinned"), "{preview}");

    assert_eq!(robot.send("DELETE", &format!("/backups/{}/pin", made[0]), None).await.status(), StatusCode::NO_CONTENT);
    let preview = read(robot.get("/deployments/sales/retention").await, StatusCode::OK).await;
    assert_eq!(preview[2]["goes"], json!(true), "{preview}");
}
