//! Tags of a deployment's image over HTTP.

use super::{Robot, problem, read};
use domain::member::Role;
use ports::RegistryError;
use reqwest::StatusCode;
use serde_json::{Value, json};

const ALL: &str = "/deployments/sales/image/tags";

#[tokio::test]
async fn tags_are_listed_searched_and_paged() {
    let robot = Robot::with_sales(Role::Viewer).await;
    let many: Vec<String> = (0..1_000).map(|n| format!("5.{}.{}-enterprise", n / 10, n % 10)).collect();
    robot.site.inside.world.publish_tags("neo4j", &many.iter().map(String::as_str).collect::<Vec<_>>());
    let first = robot.get(&format!("{ALL}?q=-ENTERPRISE&page=2")).await;
    // Seven of the catalogue, none of which is among them.
    assert_eq!(first.headers()["x-total-count"], "1007");
    let link = "</api/v1/deployments/sales/image/tags?q=-ENTERPRISE&page=1>; rel=\"prev\", \
                </api/v1/deployments/sales/image/tags?q=-ENTERPRISE&page=3>; rel=\"next\"";
    assert_eq!(first.headers()["link"], link);
    let first = read(first, StatusCode::OK).await;
    assert_eq!((first["tags"].as_array().map(Vec::len), &first["registry"]), (Some(50), &Value::Null));

    let found = read(robot.get(&format!("{ALL}?q=5%2e99.9")).await, StatusCode::OK).await;
    let want = json!({
        "tag": "5.99.9-enterprise", "image": "neo4j:5.99.9-enterprise", "version": "5.99.9", "edition": "enterprise",
        "suffix": null, "pinned": true, "sources": ["registry"], "here": false, "present": false,
    });
    assert_eq!(found["tags"], json!([want]));
    let present = read(robot.get(&format!("{ALL}?q=5.26.5-community")).await, StatusCode::OK).await;
    let one = &present["tags"][0];
    assert_eq!((&one["sources"], &one["here"], &one["present"]), (&json!(["local"]), &json!(true), &json!(true)));
    assert_eq!(robot.site.inside.world.tag_questions(), 1);
    problem(robot.get(&format!("{ALL}?page=0")).await, 400).await;
    problem(robot.get("/deployments/nobody/image/tags").await, 404).await;
}

#[tokio::test]
async fn a_registry_that_does_not_answer_is_told_beside_the_list() {
    let robot = Robot::with_sales(Role::Viewer).await;
    robot.site.inside.world.refuse_tags("neo4j", RegistryError::Denied("docker.io".into()));
    let list = read(robot.get(ALL).await, StatusCode::OK).await;
    let why = list["registry"].as_str().expect("a sentence");
    assert!(why.starts_with("docker.io wants a sign-in.") && list["engine"].is_null(), "{list}");
    assert_eq!(list["tags"][0]["sources"], json!(["catalogue"]));
}

#[tokio::test]
async fn production_takes_no_image_that_is_another_one_tomorrow_and_other_environments_do() {
    let admin = Robot::with_sales(Role::Admin).await;
    let of_now = |detail: Value| detail["environment"].as_str().map(str::to_owned);
    let detail = read(admin.get("/deployments/sales").await, StatusCode::OK).await;
    assert_eq!(of_now(detail).as_deref(), Some("production"), "nobody told");
    let ask = json!({ "kind": "image", "image": "neo4j:5", "dry_run": true });
    let refused = problem(admin.post("/deployments/sales/changes", &ask).await, 400).await;
    assert_eq!(refused["fields"][0]["field"], "image", "{refused}");

    let wrong = admin.send("PUT", "/deployments/sales/environment", Some(&json!({ "environment": "prod" }))).await;
    assert_eq!(problem(wrong, 400).await["fields"][0]["field"], "environment");
    let staging = json!({ "environment": "staging" });
    let set = admin.send("PUT", "/deployments/sales/environment", Some(&staging)).await;
    assert_eq!(set.status(), StatusCode::NO_CONTENT);
    let list = read(admin.get("/deployments").await, StatusCode::OK).await;
    assert_eq!(list[0]["environment"], "staging", "{list}");
    let plan = read(admin.post("/deployments/sales/changes", &ask).await, StatusCode::OK).await;
    assert!(plan.to_string().contains("another image with each release"), "{plan}");
}
