//! Changes and memory over HTTP.

use super::{Robot, problem, read};
use domain::member::Role;
use reqwest::StatusCode;
use serde_json::{Value, json};

const ALL: &str = "/deployments/sales/changes";

fn memory(more: &Value) -> Value {
    let mut body = json!({ "kind": "memory", "heap": "600m", "page_cache": "1g", "limit": "4g", "reason": "slow" });
    body.as_object_mut().expect("an object").extend(more.as_object().cloned().expect("an object"));
    body
}

/// The job ran to its end.
async fn done(robot: &Robot, answer: &Value) -> Value {
    let job = answer["job"].as_i64().expect("a job");
    robot.site.inside.run(domain::job::JobId(job)).await;
    read(robot.get(&format!("/jobs/{job}")).await, StatusCode::OK).await
}

#[tokio::test]
async fn a_dry_run_tells_the_plan_and_changes_nothing() {
    let robot = Robot::with_sales(Role::Admin).await;
    let plan = read(robot.post(ALL, &memory(&json!({ "dry_run": true }))).await, StatusCode::OK).await;
    let heap =
        json!({ "part": "variable", "name": "NEO4J_server_memory_heap_max__size", "before": null, "after": "600m" });
    assert_eq!((&plan["kind"], &plan["restart"], &plan["differences"][1]), (&json!("memory"), &json!(true), &heap));
    let limit = json!({ "part": "memory_limit", "before": null, "after": "4294967296" });
    assert_eq!(plan["differences"].as_array().and_then(|all| all.last()), Some(&limit));
    assert_eq!(read(robot.get(ALL).await, StatusCode::OK).await, json!([]));
    let container = robot.site.inside.world.container("sales").expect("a container");
    assert_eq!(container.memory_limit, None);
}

#[tokio::test]
async fn a_change_is_applied_listed_shown_and_reverted() {
    let robot = Robot::with_sales(Role::Admin).await;
    let queued = read(robot.post(ALL, &memory(&json!({}))).await, StatusCode::ACCEPTED).await;
    let busy = problem(robot.post(ALL, &memory(&json!({ "heap": "700m" }))).await, 409).await;
    assert_eq!(busy["job"], queued["job"], "{busy}");
    let job = done(&robot, &queued).await;
    assert_eq!((&job["kind"], &job["state"]), (&json!("change"), &json!("succeeded")), "{job}");

    let one = format!("{ALL}/{}", queued["change"]);
    let change = read(robot.get(&one).await, StatusCode::OK).await;
    assert_eq!(
        (&change["state"], &change["job"], &change["reason"]),
        (&json!("succeeded"), &queued["job"], &json!("slow"))
    );
    assert_eq!(change["digest"].as_str().map(str::len), Some(64));
    let same = problem(robot.post(ALL, &memory(&json!({}))).await, 409).await;
    assert!(same["title"].as_str().is_some_and(|title| title.contains("nothing to change")), "{same}");

    let back = read(robot.post(&format!("{one}/revert"), &json!({ "reason": "no" })).await, StatusCode::ACCEPTED).await;
    assert_eq!(done(&robot, &back).await["state"], "succeeded");
    let list = robot.get(ALL).await;
    assert_eq!(list.headers()["x-total-count"], "2", "what was refused is not kept");
    let list = read(list, StatusCode::OK).await;
    assert_eq!((&list[0]["reverts"], &list[0]["plan"]["kind"]), (&queued["change"], &json!("revert")), "{list}");
    assert_eq!(robot.site.inside.world.container("sales").expect("a container").memory_limit, None);
    problem(robot.get(&format!("{ALL}/999")).await, 404).await;
    problem(robot.post(&format!("{ALL}/999/revert"), &json!({})).await, 404).await;
}

#[tokio::test]
async fn what_cannot_be_is_refused_with_the_field_named() {
    let robot = Robot::with_sales(Role::Admin).await;
    let wrong = [
        (json!({ "heap": "4g" }), "heap"),
        (json!({ "page_cache": "3500m" }), "page_cache"),
        (json!({ "limit": "17g" }), "limit"),
        (json!({ "limit": "much" }), "limit"),
        (json!({ "transaction_total": "1k" }), "transaction_total"),
        (json!({ "reason": "x".repeat(501) }), "reason"),
    ];
    for (more, field) in wrong {
        for dry_run in [true, false] {
            let mut body = memory(&more);
            body["dry_run"] = json!(dry_run);
            let said = problem(robot.post(ALL, &body).await, 400).await;
            assert_eq!(said["fields"][0]["field"], field, "{said}");
        }
    }
    problem(robot.post(ALL, &json!({ "kind": "colour", "heap": "1g", "page_cache": "1g" })).await, 400).await;
    problem(robot.post(ALL, &memory(&json!({ "colour": "red" }))).await, 400).await;
    problem(robot.post(ALL, &json!({ "kind": "memory", "heap": "1g" })).await, 400).await;
}

#[tokio::test]
async fn the_recommendation_of_neo4j_is_told_for_any_limit() {
    let robot = Robot::with_sales(Role::Viewer).await;
    let path = "/deployments/sales/memory/recommendation";
    let of = async |query: &str| read(robot.get(&format!("{path}{query}")).await, StatusCode::OK).await;
    let gib = |n: u64| json!(n << 30);
    let host = of("").await;
    assert_eq!((&host["total"], &host["heap"], &host["page_cache"]), (&gib(16), &gib(5), &gib(7)));
    assert_eq!(of("?limit=4g").await["heap"], gib(2));
    assert_eq!(problem(robot.get(&format!("{path}?limit=much")).await, 400).await["fields"][0]["field"], "limit");
}
