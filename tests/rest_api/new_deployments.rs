//! Deployments that are made and deleted over HTTP.

use super::{Robot, problem, read};
use domain::member::Role;
use reqwest::StatusCode;
use serde_json::{Value, json};

fn shop(more: &Value) -> Value {
    let mut body = json!({ "name": "shop", "image": "neo4j:5.26.24", "limit": "1g", "password": "another horse" });
    let fields = more.as_object().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone()));
    body.as_object_mut().expect("an object").extend(fields);
    body
}

impl Robot {
    async fn ended(&self, answer: reqwest::Response) -> Value {
        let job = read(answer, StatusCode::ACCEPTED).await["job"].as_i64().expect("a job");
        let end = self.job(job).await;
        self.site.inside.sweep().await;
        end
    }
}

#[tokio::test]
async fn a_deployment_is_shown_made_and_deleted_with_its_data_once_that_is_in_a_backup() {
    let admin = Robot::with_sales(Role::Admin).await;
    admin.site.inside.world.publish("neo4j:5.26.24", 1 << 20);
    let shown = read(admin.post("/deployments/new", &shop(&json!({ "dry_run": true }))).await, StatusCode::OK).await;
    let compose = shown["compose"].as_str().expect("a file");
    assert!(compose.contains("NEO4J_AUTH") && !compose.contains("another horse"), "{compose}");
    assert!(compose.contains("shop-data:/data") && shown["image_here"] == false, "{shown}");
    problem(admin.get("/deployments/shop").await, 404).await;

    let end = admin.ended(admin.post("/deployments/new", &shop(&json!({}))).await).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    let made = read(admin.get("/deployments/shop").await, StatusCode::OK).await;
    assert_eq!((&made["owner"], &made["environment"]), (&json!("console"), &json!("production")), "{made}");

    let delete = json!({ "confirm": "shop", "with_data": true });
    let refused = problem(admin.send("DELETE", "/deployments/shop", Some(&delete)).await, 409).await;
    assert!(refused["title"].as_str().is_some_and(|title| title.contains("no verified backup")), "{refused}");
    let backup = admin.ended(admin.post("/deployments/shop/backups", &json!({})).await).await;
    assert_eq!(backup["state"], "succeeded", "{backup}");
    let end = admin.ended(admin.send("DELETE", "/deployments/shop", Some(&delete)).await).await;
    assert_eq!(end["state"], "succeeded", "{end}");
    problem(admin.get("/deployments/shop").await, 404).await;
    let world = &admin.site.inside.world;
    assert!(world.run_state("shop").is_none() && world.store("shop-data", "system").is_none());
    let id = backup["result"]["backup"].as_str().expect("a backup");
    assert_eq!(read(admin.get(&format!("/backups/{id}")).await, StatusCode::OK).await["id"], id, "it stays");
}

#[tokio::test]
async fn what_is_in_the_way_is_named_and_nobody_elses_container_is_deleted() {
    let admin = Robot::with_sales(Role::Admin).await;
    let world = &admin.site.inside.world;
    world.add_volume("old");
    world.publish("neo4j:5.26.24", 1 << 20);
    for (more, field) in [
        (json!({ "name": "sales" }), "name"),
        (json!({ "data_volume": "old" }), "data_volume"),
        (json!({ "network": "nowhere" }), "network"),
        (json!({ "image": "neo4j:5" }), "image"),
        (json!({ "heap": "2g" }), "heap"),
        (json!({ "password": "short" }), "password"),
        (json!({ "address": "0.0.0.0" }), "address"),
    ] {
        let refused = problem(admin.post("/deployments/new", &shop(&more)).await, 400).await;
        assert_eq!(refused["fields"][0]["field"], field, "{refused}");
    }
    let wrong = admin.send("DELETE", "/deployments/sales", Some(&json!({ "confirm": "sale" }))).await;
    assert_eq!(problem(wrong, 400).await["fields"][0]["field"], "confirm");
    world.change("sales", |c| _ = c.labels.insert("com.docker.compose.project".into(), "shop".into()));
    let refused = admin.send("DELETE", "/deployments/sales", Some(&json!({ "confirm": "sales" }))).await;
    assert!(problem(refused, 409).await["next_steps"].to_string().contains("compose file"));
    assert!(world.run_state("sales").is_some_and(|run| run.is_running()));
}

#[tokio::test]
async fn a_creation_that_fails_says_why_and_leaves_the_name_free() {
    let admin = Robot::with_sales(Role::Admin).await;
    let end = admin.ended(admin.post("/deployments/new", &shop(&json!({}))).await).await;
    assert_eq!(
        (&end["state"], &end["problem"]["title"]),
        (&json!("failed"), &json!("neo4j:5.26.24 could not be pulled."))
    );
    problem(admin.get("/deployments/shop").await, 404).await;
    admin.site.inside.world.publish("neo4j:5.26.24", 1 << 20);
    let end = admin.ended(admin.post("/deployments/new", &shop(&json!({}))).await).await;
    assert_eq!(end["state"], "succeeded", "{end}");
}
