//! A bare dump that somebody has: it is proven, counted and can be restored.

use super::{Robot, problem, read};
use domain::member::Role;
use fakes::{FakeStore, dump_bytes};
use reqwest::StatusCode;
use serde_json::json;

async fn upload(robot: &Robot, to: &str, file: Vec<u8>) -> reqwest::Response {
    robot
        .person
        .post(&format!("/api/v1/uploads{to}"))
        .bearer_auth(&robot.token)
        .body(file)
        .send()
        .await
        .expect("an answer")
}

fn dump(nodes: u64) -> Vec<u8> {
    let store = FakeStore { nodes, relationships: nodes - 1, users: Default::default() };
    dump_bytes(&serde_json::to_vec(&store).expect("json"))
}

#[tokio::test]
async fn a_bare_dump_is_proven_counted_and_restored_but_never_taken_for_the_newest_backup() {
    let robot = Robot::with_sales(Role::Admin).await;
    let answer = read(upload(&robot, "?deployment=sales", dump(7)).await, StatusCode::CREATED).await;
    let id = answer["upload"].as_str().expect("an id").to_string();
    let done = robot.job(answer["job"].as_i64().expect("a job")).await;
    assert_eq!(
        (&done["kind"], &done["state"], &done["result"]["nodes"]),
        (&json!("prove_dump"), &json!("succeeded"), &json!(7)),
        "{done}"
    );

    let seen = read(robot.get(&format!("/backups/{id}")).await, StatusCode::OK).await;
    assert_eq!((&seen["kind"], &seen["targets"][0]["state"]), (&json!("uploaded_dump"), &json!("verified")), "{seen}");
    assert_eq!(seen["manifest"]["databases"][0]["nodes"], json!(7), "what was counted stands in the manifest");
    let shown = read(robot.get("/deployments/sales").await, StatusCode::OK).await;
    assert_eq!(shown["last_verified_backup"], json!(null), "nobody knows how old its data is: {shown}");

    let mut restore = json!({ "backup": id, "confirm": "sales", "reason": "a test", "include_users": true });
    let refused = problem(robot.post("/deployments/sales/restore", &restore).await, 400).await;
    assert_eq!(refused["fields"][0]["field"], "include_users", "{refused}");
    restore["include_users"] = json!(false);
    let queued = read(robot.post("/deployments/sales/restore", &restore).await, StatusCode::ACCEPTED).await;
    let done = robot.job(queued["job"].as_i64().expect("a job")).await;
    assert_eq!(done["state"], "succeeded", "{done}");
    assert_eq!(robot.site.inside.world.store("sales-data", "neo4j").map(|store| store.nodes), Some(7));
    let queued =
        read(robot.post("/deployments/sales/drills", &json!({ "backup": id })).await, StatusCode::ACCEPTED).await;
    assert_eq!(robot.job(queued["job"].as_i64().expect("a job")).await["state"], "succeeded", "a drill needs no users");
}

#[tokio::test]
async fn a_dump_that_has_no_place_leaves_nothing_and_one_that_does_not_load_is_broken() {
    let robot = Robot::with_sales(Role::Admin).await;
    let kept = || robot.site.inside.target.names();
    let refused = problem(upload(&robot, "", dump(2)).await, 400).await;
    assert_eq!(refused["fields"][0]["field"], "deployment", "{refused}");
    problem(upload(&robot, "?deployment=unknown", dump(2)).await, 404).await;
    problem(upload(&robot.with_role(Role::Operator).await, "?deployment=sales", dump(2)).await, 403).await;
    assert_eq!(kept(), Vec::<String>::new());

    // Its first bytes are right, and it is cut short: the job finds out.
    let whole = dump(2);
    let answer =
        read(upload(&robot, "?deployment=sales", whole[..whole.len() / 2].to_vec()).await, StatusCode::CREATED).await;
    let done = robot.job(answer["job"].as_i64().expect("a job")).await;
    assert_eq!(done["state"], "failed", "{done}");
    let id = answer["upload"].as_str().expect("an id");
    let seen = read(robot.get(&format!("/backups/{id}")).await, StatusCode::OK).await;
    assert_eq!(seen["targets"][0]["state"], "failed", "{seen}");
    assert!(seen["targets"][0]["problem"].as_str().is_some_and(|why| why.contains("not a whole Neo4j dump")), "{seen}");
    let restore = json!({ "backup": id, "confirm": "sales", "reason": "a test", "include_users": false });
    problem(robot.post("/deployments/sales/restore", &restore).await, 409).await;
    // Whoever reads it back has it proven once more.
    let queued = read(robot.post(&format!("/backups/{id}/verify"), &json!({})).await, StatusCode::ACCEPTED).await;
    assert_eq!(robot.job(queued["job"].as_i64().expect("a job")).await["kind"], "prove_dump");
}

#[tokio::test]
async fn a_dump_that_comes_while_the_deployment_is_busy_is_proven_later() {
    let robot = Robot::with_sales(Role::Admin).await;
    let busy = read(robot.post("/deployments/sales/backups", &json!({})).await, StatusCode::ACCEPTED).await;
    let answer = read(upload(&robot, "?deployment=sales", dump(4)).await, StatusCode::CREATED).await;
    assert_eq!(answer["job"], json!(null), "{answer}");
    robot.job(busy["job"].as_i64().expect("a job")).await;
    let id = answer["upload"].as_str().expect("an id");
    let queued = read(robot.post(&format!("/backups/{id}/verify"), &json!({})).await, StatusCode::ACCEPTED).await;
    let done = robot.job(queued["job"].as_i64().expect("a job")).await;
    assert_eq!((&done["state"], &done["result"]["nodes"]), (&json!("succeeded"), &json!(4)), "{done}");
}
