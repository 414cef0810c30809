//! Who may do what, and that nothing is open by accident.

use domain::member::Role;
use domain::permission;
use reqwest::StatusCode;
use tests::TestSite;
use tests::site::{location, path_of};

mod entries;
mod rights;

#[test]
fn the_matrix_of_roles_and_permissions_is_the_one_that_was_agreed() {
    let agreed = include_str!("access.txt");
    assert_eq!(permission::matrix(), agreed, "If the change is meant, write the printed matrix to tests/access.txt.");
}

#[tokio::test]
async fn no_server_function_answers_without_a_session_but_those_for_set_up_and_sign_in() {
    let site = TestSite::start().await;
    site.member("ana", Role::Admin).await;
    let visitor = site.visitor();
    let functions = server::router::functions();
    assert!(functions.len() > 1, "the server functions are linked in");
    let mut open = Vec::new();
    for (path, method) in functions {
        assert!(path.starts_with("/api/fn/"), "{path} stands outside the guard");
        // Nonsense on purpose: it must be refused before anything is decoded.
        let request = if method == "GET" { visitor.get(path) } else { visitor.post(path) };
        let response = request.body("\0nonsense").send().await.expect("an answer");
        if response.status() != StatusCode::UNAUTHORIZED {
            open.push(path.rsplit('/').next().unwrap_or_default());
            continue;
        }
        assert_eq!(response.headers()["content-type"], "application/problem+json", "{path}");
        let problem: serde_json::Value = response.json().await.expect("json");
        assert_eq!(problem["kind"], "sign_in_needed", "{path}");
    }
    open.sort_unstable();
    assert!(open.iter().all(|name| ["set_up", "sign_in"].contains(name)), "open by accident: {open:?}");
}

#[tokio::test]
async fn every_page_leads_a_stranger_to_the_sign_in() {
    let site = TestSite::start().await;
    site.member("ana", Role::Admin).await;
    let visitor = site.visitor();
    for path in server::router::page_paths() {
        let path = path.replace(['{', '}', '*'], "");
        let response = visitor.page(&path).await;
        match path.as_str() {
            "/login" => assert_eq!(response.status(), StatusCode::OK),
            "/setup" => {
                assert_eq!(response.status(), StatusCode::NOT_FOUND, "the set-up is gone once there is a member");
            }
            _ => {
                assert_eq!(response.status(), StatusCode::SEE_OTHER, "{path}");
                assert!(location(&response).starts_with("/login"), "{path} leads to {}", location(&response));
            }
        }
    }
}

#[tokio::test]
async fn the_way_back_is_kept_through_the_sign_in() {
    let site = TestSite::start().await;
    site.member("ana", Role::Viewer).await;
    let visitor = site.visitor();
    assert_eq!(location(&visitor.page("/jobs?page=2").await), "/login?next=/jobs%3Fpage%3D2");
    assert_eq!(location(&visitor.page("/").await), "/login");
    assert_eq!(
        location(&visitor.page("//evil.example").await),
        "/login?next=//evil.example",
        "the sign-in itself refuses to leave the console"
    );
}

#[tokio::test]
async fn before_the_first_member_everything_leads_to_the_set_up() {
    let site = TestSite::start().await;
    let visitor = site.visitor();
    for path in ["/", "/login", "/jobs", "/nowhere"] {
        assert_eq!(location(&visitor.page(path).await), "/setup", "{path}");
    }
    assert_eq!(visitor.page("/setup").await.status(), StatusCode::OK);
}

#[tokio::test]
async fn a_form_sent_after_the_session_ended_leads_to_the_sign_in_and_back_to_its_page() {
    let site = TestSite::start().await;
    site.member("ana", Role::Admin).await;
    let visitor = site.visitor();
    let request = visitor
        .post(&path_of("sign_out"))
        .header("accept", "text/html")
        .header("referer", format!("{}/account?x=1", site.url));
    let response = request.send().await.expect("an answer");
    assert_eq!((response.status(), location(&response)), (StatusCode::SEE_OTHER, "/login?next=/account%3Fx%3D1"));
}

#[tokio::test]
async fn files_of_the_browser_and_health_are_open_and_nothing_else_is() {
    let site = TestSite::start().await;
    site.member("ana", Role::Admin).await;
    let visitor = site.visitor();
    for path in [site.script().as_str(), "/icons.svg", "/healthz", "/readyz", "/api/v1/openapi.json"] {
        assert_eq!(visitor.get(path).send().await.expect("an answer").status(), StatusCode::OK, "{path}");
    }
    for path in ["/console.db", "/pkg/../console.db", "/pkg/..%2f..%2fconsole.db", "/secret.key"] {
        let status = visitor.get(path).send().await.expect("an answer").status();
        assert!([StatusCode::SEE_OTHER, StatusCode::NOT_FOUND].contains(&status), "{path}: {status}");
    }
    assert_eq!(visitor.get("/metrics").send().await.expect("an answer").status(), StatusCode::UNAUTHORIZED);
    let ben = site.signed_in("ben", Role::Admin).await;
    assert_eq!(
        ben.get("/metrics").send().await.expect("an answer").status(),
        StatusCode::UNAUTHORIZED,
        "a cookie is no way in"
    );
}
