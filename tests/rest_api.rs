//! `/api/v1` as programs use it.

use domain::job::JobId;
use domain::member::Role;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use tests::{Person, TestSite};

mod backup_kinds;
mod changes;
mod encryption;
mod images;
mod new_deployments;
mod notifications;
mod probe_queries;
mod registries;
mod schedules;
mod tokens;
mod uploaded_dumps;
mod uploads;

pub(crate) use uploads::backed_up;

/// A program with a token, and the console it talks to.
pub(crate) struct Robot {
    pub(crate) site: Arc<TestSite>,
    person: Person,
    token: String,
}

impl Robot {
    pub(crate) async fn new(role: Role) -> Self {
        let site = TestSite::start().await;
        let token = site.token(role).await;
        Self { person: site.visitor(), site: Arc::new(site), token }
    }

    /// One that has adopted `sales`.
    async fn with_sales(role: Role) -> Self {
        let admin = Self::new(Role::Admin).await;
        let response = admin.post("/deployments", &sales()).await;
        assert_eq!(response.status(), StatusCode::CREATED, "{}", response.text().await.expect("text"));
        if role == Role::Admin {
            return admin;
        }
        admin.with_role(role).await
    }

    /// Another program of a new member of the same console.
    async fn with_role(&self, role: Role) -> Self {
        Self { token: self.site.token(role).await, person: self.site.visitor(), site: self.site.clone() }
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.person.get(&format!("/api/v1{path}")).bearer_auth(&self.token).send().await.expect("an answer")
    }

    async fn post(&self, path: &str, body: &Value) -> Response {
        self.person.post(&format!("/api/v1{path}")).bearer_auth(&self.token).json(body).send().await.expect("an answer")
    }

    async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Response {
        let request = self.person.request(method, &format!("/api/v1{path}")).bearer_auth(&self.token);
        let request = if let Some(body) = body { request.json(body) } else { request };
        request.send().await.expect("an answer")
    }

    /// Runs a job to its end and shows it.
    async fn job(&self, id: i64) -> Value {
        while self.site.inside.drive(JobId(id), 10).await.expect("a step") {}
        read(self.get(&format!("/jobs/{id}")).await, StatusCode::OK).await
    }
}

fn sales() -> Value {
    json!({ "container": "sales", "username": "neo4j", "password": "correct horse" })
}

async fn read(response: Response, status: StatusCode) -> Value {
    let seen = response.status();
    let text = response.text().await.expect("text");
    assert_eq!(seen, status, "{text}");
    serde_json::from_str(&text).expect("json")
}

/// The answer is a problem document with this status.
async fn problem(response: Response, status: u16) -> Value {
    assert_eq!(response.headers()["content-type"], "application/problem+json");
    let problem = read(response, StatusCode::from_u16(status).expect("a status")).await;
    assert_eq!((&problem["type"], &problem["status"]), (&json!("about:blank"), &json!(status)), "{problem}");
    assert!(problem["title"].is_string() && problem["detail"].is_string(), "{problem}");
    problem
}

/// Which those are: `access/entries.rs`.
#[tokio::test]
async fn every_documented_address_exists_and_asks_for_a_token() {
    let robot = Robot::new(Role::Viewer).await;
    let described: Value =
        robot.person.get("/api/v1/openapi.json").send().await.expect("an answer").json().await.expect("json");
    for (path, methods) in described["paths"].as_object().expect("paths") {
        for method in methods.as_object().expect("methods").keys() {
            let path = path
                .replace("{name}", "sales")
                .replace("{id}", "99")
                .replace("{schedule}", "daily")
                .replace("{host}", "docker.io");
            let path = format!("/api/v1{path}");
            let method = method.to_uppercase();
            let request = || robot.person.request(&method, &path).body(if method == "GET" { "" } else { "\0nonsense" });
            for request in [request(), request().bearer_auth("wrong"), request().header("authorization", "Basic YTpi")]
            {
                let response = request.send().await.expect("an answer");
                assert!(response.headers()["www-authenticate"].to_str().expect("text").starts_with("Bearer"), "{path}");
                problem(response, 401).await;
            }
            let known = request().bearer_auth(&robot.token).send().await.expect("an answer").status();
            assert_ne!(known, StatusCode::METHOD_NOT_ALLOWED, "{method} {path}");
            assert_ne!(known, StatusCode::UNAUTHORIZED, "{method} {path}");
        }
    }
    let kinds = &described["components"]["schemas"]["Job"]["properties"]["kind"]["enum"];
    assert_eq!(*kinds, json!(domain::job::Kind::ALL));
    assert_eq!(described["components"]["securitySchemes"]["token"]["scheme"], "bearer");
}

#[tokio::test]
async fn a_cookie_is_no_way_in() {
    let site = TestSite::start().await;
    let ana = site.signed_in("ana", Role::Admin).await;
    problem(ana.get("/api/v1/deployments").send().await.expect("an answer"), 401).await;
}

#[tokio::test]
async fn a_program_adopts_backs_up_and_restores() {
    let robot = Robot::new(Role::Admin).await;
    assert_eq!(read(robot.get("/deployments").await, StatusCode::OK).await, json!([]));

    let response = robot.post("/deployments", &sales()).await;
    assert_eq!(response.headers()["location"], "/api/v1/deployments/sales");
    let adopted = read(response, StatusCode::CREATED).await;
    assert_eq!(
        (&adopted["name"], &adopted["health"], &adopted["edition"]),
        (&json!("sales"), &json!("answers"), &json!("community")),
        "{adopted}"
    );

    let queued = read(
        robot.post("/deployments/sales/backups", &json!({ "reason": "before the test" })).await,
        StatusCode::ACCEPTED,
    )
    .await;
    let backup = robot.job(queued["job"].as_i64().expect("a job")).await;
    assert_eq!(
        (&backup["kind"], &backup["state"], &backup["deployment"]),
        (&json!("backup"), &json!("succeeded"), &json!("sales")),
        "{backup}"
    );
    let mut members: Vec<&String> = backup.as_object().expect("an object").keys().collect();
    members.sort();
    assert_eq!(members, ["deployment", "id", "kind", "problem", "progress", "result", "state", "steps"]);
    let id = backup["result"]["backup"].as_str().expect("a backup").to_string();

    let list = robot.get("/deployments/sales/backups").await;
    assert_eq!(list.headers()["x-total-count"], "1");
    let list = read(list, StatusCode::OK).await;
    assert_eq!(
        (&list[0]["id"], &list[0]["verified"], &list[0]["reason"]),
        (&json!(id), &json!(true), &json!("before the test")),
        "{list}"
    );
    let shown = read(robot.get("/deployments/sales").await, StatusCode::OK).await;
    assert_eq!(shown["last_verified_backup"]["id"], json!(id), "{shown}");

    let body = json!({ "backup": id, "confirm": "sales", "reason": "a test", "include_users": false });
    let queued = read(robot.post("/deployments/sales/restore", &body).await, StatusCode::ACCEPTED).await;
    let restore = robot.job(queued["job"].as_i64().expect("a job")).await;
    assert_eq!((&restore["state"], &restore["problem"]), (&json!("succeeded"), &Value::Null), "{restore}");
    assert!(restore["steps"].as_array().expect("steps").iter().all(|s| s["state"] == "done"), "{restore}");
}

#[tokio::test]
async fn a_deployment_is_stopped_started_and_restarted() {
    let robot = Robot::with_sales(Role::Operator).await;
    for act in ["stop", "start", "restart"] {
        let response = robot
            .person
            .post(&format!("/api/v1/deployments/sales/{act}"))
            .bearer_auth(&robot.token)
            .send()
            .await
            .expect("an answer");
        let queued = read(response, StatusCode::ACCEPTED).await;
        let job = robot.job(queued["job"].as_i64().expect("a job")).await;
        assert_eq!((&job["kind"], &job["state"]), (&json!(act), &json!("succeeded")), "{job}");
    }
}

#[tokio::test]
async fn two_jobs_at_once_are_refused_with_the_job_in_the_way() {
    let robot = Robot::with_sales(Role::Operator).await;
    let first = read(robot.post("/deployments/sales/backups", &json!({})).await, StatusCode::ACCEPTED).await;
    let busy = problem(robot.post("/deployments/sales/stop", &json!({})).await, 409).await;
    assert_eq!((&busy["kind"], &busy["job"]), (&json!("busy"), &first["job"]));
}

#[tokio::test]
async fn a_token_may_do_what_its_member_may_and_no_more() {
    let robot = Robot::with_sales(Role::Viewer).await;
    read(robot.get("/deployments").await, StatusCode::OK).await;
    for (path, body) in
        [("/deployments/sales/backups", json!({})), ("/deployments/sales/stop", json!({})), ("/deployments", sales())]
    {
        let denied = problem(robot.post(path, &body).await, 403).await;
        assert_eq!(denied["kind"], "denied", "{path}");
    }
}

#[tokio::test]
async fn a_wrong_password_of_neo4j_is_tried_once_and_said() {
    let robot = Robot::new(Role::Admin).await;
    let body = json!({ "container": "sales", "username": "neo4j", "password": "wrong" });
    let refused = problem(robot.post("/deployments", &body).await, 400).await;
    assert_eq!(refused["fields"][0]["field"], "password");
    assert!(refused["title"].as_str().expect("text").contains("refused"), "{refused}");
    assert_eq!(robot.site.inside.world.refused_sign_ins(), 1);
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused_with_the_reason() {
    let robot = Robot::with_sales(Role::Admin).await;
    let wrong = [
        ("/deployments", r#"{"container":"sales""#, "not JSON"),
        ("/deployments", "[]", "right members"),
        ("/deployments", r#"{"container":"sales","username":"neo4j"}"#, "right members"),
        ("/deployments", r#"{"container":1,"username":"neo4j","password":"x"}"#, "right members"),
        ("/deployments", r#"{"container":"sales","username":"neo4j","password":"x","port":7687}"#, "right members"),
        ("/deployments/sales/backups", r#"{"why":"x"}"#, "right members"),
        ("/deployments/sales/accept-data", r#"{"confirm":"sales","reason":"x"}"#, "right members"),
        ("/deployments/sales/restore", r#"{"backup":"x","confirm":"sales","include_users":"yes"}"#, "right members"),
    ];
    for (path, body, word) in wrong {
        let request = robot
            .person
            .post(&format!("/api/v1{path}"))
            .bearer_auth(&robot.token)
            .header("content-type", "application/json");
        let refused = problem(request.body(body).send().await.expect("an answer"), 400).await;
        assert!(refused["title"].as_str().expect("text").contains(word), "{body}: {refused}");
    }
    let request =
        robot.person.post("/api/v1/deployments").bearer_auth(&robot.token).header("content-type", "text/plain");
    problem(request.body(sales().to_string()).send().await.expect("an answer"), 415).await;
}

#[tokio::test]
async fn refused_values_are_named() {
    let robot = Robot::with_sales(Role::Admin).await;
    let long = "x".repeat(10_000);
    for (path, body, field) in [
        ("/deployments/sales/backups", json!({ "reason": long }), "reason"),
        ("/deployments/sales/restore", json!({ "backup": "../x", "confirm": "sales", "reason": "r" }), "backup"),
        ("/deployments/sales/restore", json!({ "backup": "sales-1", "confirm": "sales" }), "reason"),
        (
            "/deployments",
            json!({ "container": "sales", "username": "neo4j", "password": "x", "name": "<script>" }),
            "name",
        ),
    ] {
        let refused = problem(robot.post(path, &body).await, 400).await;
        assert_eq!(refused["fields"][0]["field"], field, "{refused}");
    }
}

#[tokio::test]
async fn what_does_not_exist_is_not_found() {
    let robot = Robot::with_sales(Role::Admin).await;
    for path in [
        "/deployments/none",
        "/deployments/%3Cscript%3E",
        "/deployments/none/backups",
        "/jobs/999",
        "/jobs/x",
        "/jobs/-1",
        "/nowhere",
        "/",
    ] {
        problem(robot.get(path).await, 404).await;
    }
    problem(robot.post("/deployments/none/backups", &json!({})).await, 404).await;
    problem(robot.get("/deployments/sales/backups?page=0").await, 400).await;
    assert_eq!(read(robot.get("/deployments/sales/backups?page=9").await, StatusCode::OK).await, json!([]));
}

#[tokio::test]
async fn a_wrong_method_is_told_the_right_ones() {
    let robot = Robot::with_sales(Role::Admin).await;
    let response = robot.get("/deployments/sales/stop").await;
    assert_eq!(response.headers()["allow"], "POST");
    problem(response, 405).await;
}

#[tokio::test]
async fn a_restore_must_be_confirmed_with_the_deployments_name() {
    let robot = Robot::with_sales(Role::Admin).await;
    let queued = read(robot.post("/deployments/sales/backups", &json!({})).await, StatusCode::ACCEPTED).await;
    let backup = robot.job(queued["job"].as_i64().expect("a job")).await["result"]["backup"].clone();
    let body = json!({ "backup": backup, "confirm": "Sales", "reason": "a test", "include_users": false });
    let refused = problem(robot.post("/deployments/sales/restore", &body).await, 400).await;
    assert_eq!(refused["fields"][0]["field"], "confirm", "{refused}");
}

#[tokio::test]
async fn a_backup_becomes_a_new_deployment_beside_the_old_one() {
    let robot = Robot::with_sales(Role::Admin).await;
    let queued = read(robot.post("/deployments/sales/backups", &json!({})).await, StatusCode::ACCEPTED).await;
    let backup = robot.job(queued["job"].as_i64().expect("a job")).await["result"]["backup"].clone();
    let body = |name: &str| json!({ "backup": backup, "reason": "to look something up", "as_new": { "name": name } });
    for taken in ["sales", "a b", "x"] {
        let refused = problem(robot.post("/deployments/sales/restore", &body(taken)).await, 400).await;
        assert_eq!(refused["fields"][0]["field"], "name", "{refused}");
    }
    let queued = read(robot.post("/deployments/sales/restore", &body("copy")).await, StatusCode::ACCEPTED).await;
    let job = robot.job(queued["job"].as_i64().expect("a job")).await;
    assert_eq!(
        (&job["kind"], &job["state"], &job["result"]["deployment"]),
        (&json!("restore_as_new"), &json!("succeeded"), &json!("copy")),
        "{job}"
    );
    let list = read(robot.get("/deployments").await, StatusCode::OK).await;
    assert_eq!(list.as_array().expect("a list").iter().map(|d| &d["name"]).collect::<Vec<_>>(), ["copy", "sales"]);
    let made = read(robot.get("/deployments/copy").await, StatusCode::OK).await;
    assert_eq!((&made["health"], &made["owner"]), (&json!("answers"), &json!("console")), "{made}");

    let lead = Robot::with_sales(Role::Lead).await;
    let denied = problem(lead.post("/deployments/sales/restore", &body("copy")).await, 403).await;
    assert_eq!(denied["kind"], "denied");
}
