//! Probe queries over the API.

use super::Robot;
use domain::member::Role;
use reqwest::StatusCode;
use serde_json::{Value, json};

const ALL: &str = "/deployments/sales/probe-queries";

#[tokio::test]
async fn probe_queries_are_put_listed_and_deleted() {
    let robot = Robot::with_sales(Role::Admin).await;
    let one = format!("{ALL}/Orders%20of%20today");
    let put = async |body: Value| {
        let answer = robot.send("PUT", &one, Some(&body)).await;
        (answer.status(), answer.json::<Value>().await.expect("json"))
    };
    assert_eq!(put(json!({ "query": "RETURN 1;" })).await, (StatusCode::OK, json!({ "checked": true })));
    let list: Value = robot.get(ALL).await.json().await.expect("json");
    assert_eq!(list, json!([{ "name": "Orders of today", "database": "neo4j", "query": "RETURN 1" }]));
    let (status, problem) = put(json!({ "query": "CREATE (n) RETURN n" })).await;
    assert_eq!((status, problem["fields"][0]["field"].as_str()), (StatusCode::BAD_REQUEST, Some("query")), "{problem}");
    assert_eq!(put(json!({ "query": "RETURN 1; RETURN 2" })).await.0, StatusCode::BAD_REQUEST);
    robot.site.inside.world.set_silent(true);
    assert_eq!(put(json!({ "query": "RETURN 2", "database": "other" })).await.1, json!({ "checked": false }));
    assert_eq!(robot.send("DELETE", &one, None).await.status(), StatusCode::NO_CONTENT);
    assert_eq!(robot.send("DELETE", &one, None).await.status(), StatusCode::NOT_FOUND);
}
