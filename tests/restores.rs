//! The restore wizard as a browser without JavaScript walks through it.

use domain::job::JobId;
use domain::member::Role;
use reqwest::Response;
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, REFERER};
use serde_json::{Value, json};
use tests::site::{location, path_of};
use tests::{Person, TestSite};

/// A console with `sales` and one backup of it: its id.
async fn with_backup(site: &TestSite) -> String {
    let (robot, token) = (site.visitor(), site.token(Role::Admin).await);
    let post = async |path: &str, body: Value| {
        let answer =
            robot.post(&format!("/api/v1{path}")).bearer_auth(&token).json(&body).send().await.expect("an answer");
        answer.json::<Value>().await.expect("json")
    };
    post("/deployments", json!({ "container": "sales", "username": "neo4j", "password": "correct horse" })).await;
    let job = post("/deployments/sales/backups", json!({})).await["job"].as_i64().expect("a job");
    while site.inside.drive(JobId(job), 10).await.expect("a step") {}
    let shown = robot
        .get(&format!("/api/v1/jobs/{job}"))
        .bearer_auth(&token)
        .send()
        .await
        .expect("an answer")
        .json::<Value>()
        .await;
    shown.expect("json")["result"]["backup"].as_str().expect("a backup").into()
}

async fn text(person: &Person, path: &str) -> String {
    let page = person.page(path).await;
    assert_eq!(page.status(), StatusCode::OK, "{path}");
    page.text().await.expect("text")
}

/// As the browser sends a form by itself.
async fn send(site: &TestSite, person: &Person, from: &str, fields: &[(&str, &str)]) -> Response {
    let request = person
        .post(&path_of("restore_as_new"))
        .header(ACCEPT, "text/html")
        .header(REFERER, format!("{}{from}", site.url));
    request.form(fields).send().await.expect("an answer")
}

#[tokio::test]
async fn the_wizard_leads_into_a_new_deployment_by_plain_pages_and_forms() {
    let site = TestSite::start().await;
    let backup = with_backup(&site).await;
    let ana = site.signed_in("ana", Role::Admin).await;
    let base = format!("/deployments/sales/restore/{backup}");

    assert!(text(&ana, "/deployments/sales/restore").await.contains("Into a new deployment"));
    let chosen = ana.page(&format!("/deployments/sales/restore?backup={backup}&into=new")).await;
    assert_eq!(location(&chosen), format!("{base}?into=new"));
    assert!(text(&ana, &format!("{base}?into=new")).await.contains(&format!("{base}/checks?into=new")));
    let checks = text(&ana, &format!("{base}/checks?into=new")).await;
    assert!(
        checks.contains("sales is not stopped")
            && checks.contains("Free memory")
            && checks.contains("/confirm?into=new"),
        "{checks}"
    );
    let confirm = format!("{base}/confirm?into=new");
    let page = text(&ana, &confirm).await;
    assert!(
        page.contains(r#"value="sales-copy""#)
            && page.contains("sign in as neo4j with the password that this console knows for sales"),
        "{page}"
    );

    let fields = |name| {
        [("deployment", "sales"), ("backup", backup.as_str()), ("name", name), ("reason", "to look"), ("what", "data")]
    };
    let refused = send(&site, &ana, &confirm, &fields("sales")).await;
    assert_eq!(location(&refused), confirm, "back to the form");
    let queued = send(&site, &ana, &confirm, &fields("copy")).await;
    let job = location(&queued).to_string();
    assert!(job.starts_with("/jobs/"), "{job}");
    let id = job.trim_start_matches("/jobs/").parse().expect("a number");
    while site.inside.drive(JobId(id), 10).await.expect("a step") {}
    let done = text(&ana, &job).await;
    assert!(done.contains("copy is running and verified") && done.contains(r#"href="/deployments/copy""#), "{done}");
    assert!(text(&ana, "/deployments/copy").await.contains("console"));
}

#[tokio::test]
async fn who_may_not_make_deployments_sees_why_and_is_refused() {
    let site = TestSite::start().await;
    let backup = with_backup(&site).await;
    let lea = site.signed_in("lea", Role::Lead).await;
    assert!(
        text(&lea, "/deployments/sales/restore")
            .await
            .contains("Only members with the role admin may make deployments")
    );
    let confirm = format!("/deployments/sales/restore/{backup}/confirm?into=new");
    assert!(text(&lea, &confirm).await.contains("You may not make deployments"));
    let fields = [
        ("deployment", "sales"),
        ("backup", backup.as_str()),
        ("name", "copy"),
        ("reason", "to look"),
        ("what", "data"),
    ];
    let refused = send(&site, &lea, &confirm, &fields).await;
    assert!(!location(&refused).starts_with("/jobs/"));
    assert_eq!(site.inside.world.run_state("copy"), None);
}
