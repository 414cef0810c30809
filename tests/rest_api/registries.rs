//! Sign-ins of registries over HTTP.

use super::{Robot, problem, read};
use domain::member::Role;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tests::registry::{PASSWORD, USER, sign_in};

const ONE: &str = "/registries/registry.example.com:5000";

fn body(password: &str) -> Value {
    json!({ "user": USER, "password": password })
}

#[tokio::test]
async fn a_sign_in_is_saved_listed_without_its_password_and_removed() {
    let robot = Robot::new(Role::Admin).await;
    robot.site.inside.world.close_registry(sign_in("registry.example.com:5000/neo4j", PASSWORD));
    let refused = robot.send("PUT", ONE, Some(&body("wrong-owl"))).await;
    let refused = problem(refused, 400).await;
    assert!(refused["fields"][0]["field"] == "password" && !refused.to_string().contains("owl"), "{refused}");
    assert_eq!(read(robot.get("/registries").await, StatusCode::OK).await, json!([]));

    assert_eq!(robot.send("PUT", ONE, Some(&body(PASSWORD))).await.status(), StatusCode::NO_CONTENT);
    let list = read(robot.get("/registries").await, StatusCode::OK).await;
    let saved_at = list[0]["saved_at"].clone();
    assert!(saved_at.is_string(), "{list}");
    assert_eq!(list, json!([{ "host": "registry.example.com:5000", "user": USER, "saved_at": saved_at }]));

    assert_eq!(robot.send("DELETE", ONE, None).await.status(), StatusCode::NO_CONTENT);
    problem(robot.send("DELETE", ONE, None).await, 404).await;
    problem(robot.send("PUT", "/registries/no%20host", Some(&body("x"))).await, 400).await;
    problem(robot.send("PUT", ONE, Some(&json!({ "user": USER }))).await, 400).await;
}

#[tokio::test]
async fn docker_hub_has_one_sign_in_under_all_its_names() {
    let robot = Robot::new(Role::Admin).await;
    for name in ["index.docker.io", "docker.io"] {
        let saved = robot.send("PUT", &format!("/registries/{name}"), Some(&body("x"))).await;
        assert_eq!(saved.status(), StatusCode::NO_CONTENT, "{name}");
    }
    let list = read(robot.get("/registries").await, StatusCode::OK).await;
    assert_eq!((list.as_array().map(Vec::len), &list[0]["host"]), (Some(1), &json!("docker.io")));
}
