//! Channels, deliveries, alarms and metrics as programs use them.

use super::{Robot, problem, read};
use domain::member::Role;
use ports::MessageError;
use reqwest::StatusCode;
use serde_json::{Value, json};

fn hook() -> Value {
    json!({ "name": "ops", "kind": "webhook", "url": "https://hooks.example.com/T0/secret-path" })
}

fn mail() -> Value {
    json!({
        "name": "mail", "kind": "email", "host": "smtp.example.com", "user": "console", "password": "hunter2hunter2",
        "from": "console@example.com", "to": ["ana@example.com", "ben@example.com"], "events": ["overdue", "recovered"],
        "quiet": { "from": "22:00", "to": "07:00", "time_zone": "Europe/Vienna" }
    })
}

#[tokio::test]
async fn a_lead_adds_tests_changes_and_removes_channels() {
    let robot = Robot::with_sales(Role::Lead).await;
    let response = robot.post("/notifications/channels", &hook()).await;
    assert_eq!(response.headers()["location"], "/api/v1/notifications/channels/ops");
    let added = read(response, StatusCode::CREATED).await;
    assert_eq!(added["secret"].as_str().map(str::len), Some(64), "made for it: {added}");
    assert_eq!(
        read(robot.post("/notifications/channels", &mail()).await, StatusCode::CREATED).await,
        json!({ "name": "mail" })
    );
    let again = problem(robot.post("/notifications/channels", &hook()).await, 400).await;
    assert_eq!(again["fields"][0]["field"], "name");

    let list = read(robot.get("/notifications/channels").await, StatusCode::OK).await;
    assert_eq!(list[0]["destination"], "ana@example.com, ben@example.com by smtp.example.com:587", "{list}");
    assert_eq!((&list[0]["events"], &list[0]["quiet"]["from"]), (&json!(["overdue", "recovered"]), &json!("22:00")));
    assert_eq!((&list[1]["destination"], &list[1]["kind"]), (&json!("https://hooks.example.com/…"), &json!("webhook")));
    assert!(!list.to_string().contains("secret-path") && !list.to_string().contains("hunter2"), "{list}");

    let sent = robot.send("POST", "/notifications/channels/ops/test", Some(&json!({}))).await;
    assert_eq!(sent.status(), StatusCode::NO_CONTENT);
    let call = robot.site.inside.messages.calls.lock().expect("calls")[0].clone();
    assert_eq!(call.url.expose(), "https://hooks.example.com/T0/secret-path");
    assert_eq!(call.body.expect("a body").headers[0].0, "X-Neo4j-Console-Signature");

    let changes = json!({ "paused": true, "quiet": null });
    assert_eq!(
        robot.send("PATCH", "/notifications/channels/mail", Some(&changes)).await.status(),
        StatusCode::NO_CONTENT
    );
    let list = read(robot.get("/notifications/channels").await, StatusCode::OK).await;
    assert_eq!(
        (&list[0]["paused"], &list[0]["quiet"], &list[0]["events"]),
        (&json!(true), &Value::Null, &json!(["overdue", "recovered"]))
    );

    assert_eq!(
        robot.send("DELETE", "/notifications/channels/ops", Some(&json!({}))).await.status(),
        StatusCode::NO_CONTENT
    );
    for path in ["/notifications/channels/ops", "/notifications/channels/%3Cscript%3E"] {
        problem(robot.send("DELETE", path, Some(&json!({}))).await, 404).await;
    }
}

#[tokio::test]
async fn a_test_that_fails_says_why_and_stands_in_the_log() {
    let robot = Robot::with_sales(Role::Lead).await;
    read(robot.post("/notifications/channels", &mail()).await, StatusCode::CREATED).await;
    robot.site.inside.messages.breaks(Some(MessageError::SignIn("535 authentication failed".into())));
    let refused = problem(robot.post("/notifications/channels/mail/test", &json!({})).await, 503).await;
    assert!(
        refused["detail"].as_str().is_some_and(|d| d.contains("refused the user or the password: 535")),
        "{refused}"
    );
    let log = robot.get("/notifications/deliveries?channel=mail").await;
    assert_eq!(log.headers()["x-total-count"], "1");
    let log = read(log, StatusCode::OK).await;
    assert_eq!(
        (&log[0]["event"], &log[0]["state"], &log[0]["attempts"]),
        (&json!("test"), &json!("failed"), &json!(1)),
        "{log}"
    );
    let list = read(robot.get("/notifications/channels").await, StatusCode::OK).await;
    assert_eq!(
        (&list[0]["findings"][0]["code"], &list[0]["last_delivery"]["state"]),
        (&json!("channel_failing"), &json!("failed")),
        "{list}"
    );
    assert_eq!(read(robot.get("/notifications/deliveries?channel=other").await, StatusCode::OK).await, json!([]));
}

#[tokio::test]
async fn values_that_cannot_be_used_are_named() {
    let robot = Robot::with_sales(Role::Lead).await;
    let with = |base: Value, member: &str, value: Value| {
        let mut base = base;
        base[member] = value;
        base
    };
    for (body, field) in [
        (with(hook(), "kind", json!("pigeon")), "kind"),
        (with(hook(), "name", json!("<script>")), "name"),
        (with(hook(), "url", json!("https://ana:pw@example.com/")), "url"),
        (with(hook(), "url", json!("file:///etc/passwd")), "url"),
        (with(hook(), "secret", json!("short")), "secret"),
        (with(hook(), "events", json!(["everything"])), "events"),
        (with(mail(), "security", json!("none")), "security"),
        (with(mail(), "to", json!(["ana@example.com\r\nBcc: x@y.z", "@"])), "to"),
        (with(mail(), "from", json!("Ana <ana@example.com>")), "from"),
        (with(mail(), "password", json!("")), "password"),
        (with(mail(), "quiet", json!({ "from": "25:00", "to": "07:00", "time_zone": "UTC" })), "from"),
        (with(mail(), "quiet", json!({ "from": "22:00", "to": "07:00", "time_zone": "Mars" })), "time_zone"),
    ] {
        let refused = problem(robot.post("/notifications/channels", &body).await, 400).await;
        assert_eq!(refused["fields"][0]["field"], field, "{refused}");
    }
    for (body, field) in [
        (json!({ "allowance_hours": 0 }), "allowance_hours"),
        (json!({ "ping_url": "x" }), "ping_url"),
        (json!({ "repeat_hours": 9999 }), "repeat_hours"),
    ] {
        let refused = problem(robot.send("PATCH", "/deployments/sales/alarm", Some(&body)).await, 400).await;
        assert_eq!(refused["fields"][0]["field"], field, "{refused}");
    }
}

#[tokio::test]
async fn a_viewer_sees_alarms_and_figures_and_manages_nothing() {
    let robot = Robot::with_sales(Role::Viewer).await;
    for (method, path, body) in [
        ("GET", "/notifications/channels", json!({})),
        ("GET", "/notifications/deliveries", json!({})),
        ("POST", "/notifications/channels", hook()),
        ("PATCH", "/notifications/channels/ops", json!({})),
        ("DELETE", "/notifications/channels/ops", json!({})),
        ("POST", "/notifications/channels/ops/test", json!({})),
        ("PATCH", "/deployments/sales/alarm", json!({ "allowance_hours": 900 })),
    ] {
        let denied = problem(robot.send(method, path, Some(&body)).await, 403).await;
        assert_eq!(denied["kind"], "denied", "{method} {path}");
    }
    let alarm = read(robot.get("/deployments/sales/alarm").await, StatusCode::OK).await;
    assert_eq!(
        (&alarm["level"], &alarm["allowance_hours"], &alarm["ping"]),
        (&json!("never"), &json!(26), &Value::Null),
        "{alarm}"
    );
    assert_eq!(robot.get("/metrics").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn the_age_of_the_last_backup_is_in_the_deployment_the_alarm_and_the_metrics() {
    let robot = Robot::with_sales(Role::Lead).await;
    let metrics = async || {
        robot
            .person
            .get("/metrics")
            .bearer_auth(&robot.token)
            .send()
            .await
            .expect("an answer")
            .text()
            .await
            .expect("text")
    };
    let shown = read(robot.get("/deployments/sales").await, StatusCode::OK).await;
    assert_eq!((&shown["backup_age_seconds"], &shown["overdue"]), (&Value::Null, &json!(true)), "{shown}");
    let text = metrics().await;
    assert!(
        text.contains("console_backup_overdue{deployment=\"sales\"} 1\n") && !text.contains("age_seconds{"),
        "{text}"
    );

    let queued = read(robot.post("/deployments/sales/backups", &json!({})).await, StatusCode::ACCEPTED).await;
    robot.job(queued["job"].as_i64().expect("a job")).await;
    robot.site.inside.clock.forward(chrono::TimeDelta::hours(30));
    let shown = read(robot.get("/deployments/sales").await, StatusCode::OK).await;
    let age = shown["backup_age_seconds"].as_u64().expect("an age");
    assert!((30 * 3600..31 * 3600).contains(&age) && shown["overdue"] == true, "{shown}");
    assert!(shown["findings"].to_string().contains("backup_old"), "{shown}");
    let body = json!({ "allowance_hours": 170, "ping_url": "https://hc.example.com/secret-path" });
    let alarm = read(robot.send("PATCH", "/deployments/sales/alarm", Some(&body)).await, StatusCode::OK).await;
    assert_eq!(
        (&alarm["level"], &alarm["overdue"], &alarm["ping"]),
        (&json!("ok"), &json!(false), &json!("https://hc.example.com/…")),
        "{alarm}"
    );
    let text = metrics().await;
    assert!(text.contains("console_backup_overdue{deployment=\"sales\"} 0\n"), "{text}");
    assert!(text.contains(&format!("console_backup_age_seconds{{deployment=\"sales\"}} {age}\n")), "{text}");
    let alarm =
        read(robot.send("PATCH", "/deployments/sales/alarm", Some(&json!({ "ping_url": null }))).await, StatusCode::OK)
            .await;
    assert_eq!((&alarm["ping"], &alarm["allowance_hours"]), (&Value::Null, &json!(170)), "{alarm}");
}
