//! Each way into the console × each role, with a session or a token. What is not in the table of `entries.rs` fails.

use super::entries::{API, Asks, FUNCTIONS, PAGES, body};
use domain::member::Role;
use domain::permission::Permission;
use ops::testing::actor;
use ops::use_cases::audit::ListAudit;
use ops::use_cases::deployments::AdoptDeployment;
use reqwest::header::ACCEPT;
use reqwest::{RequestBuilder, StatusCode};
use serde_json::Value;
use std::collections::BTreeSet;
use tests::TestSite;
use tests::site::path_of;

fn permission(name: &str) -> Permission {
    *Permission::ALL
        .iter()
        .find(|permission| permission.name() == name)
        .unwrap_or_else(|| panic!("there is no permission {name}"))
}

async fn site_with_sales() -> TestSite {
    let site = TestSite::start().await;
    let adopt = AdoptDeployment {
        host: domain::host::HostId::local(),
        container: "sales".into(),
        user: "neo4j".into(),
        password: "correct horse".into(),
        name: None,
        environment: domain::environment::Environment::default(),
    };
    site.inside.console.perform(&actor(Role::Admin), adopt).await.expect("adopted");
    site
}

/// Whoever has the permission is let in, whatever comes of it; others are told which one they lack.
///
/// # Errors
/// What was answered instead.
async fn is_asked(request: RequestBuilder, needs: Permission, role: Role, what: &str) -> Result<(), String> {
    let answer = request.send().await.expect("an answer");
    let (status, text) = (answer.status(), answer.text().await.unwrap_or_default());
    let right = match role.has(needs) {
        true => ![StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN].contains(&status),
        false => status == StatusCode::FORBIDDEN && text.contains(&format!("permission {}", needs.name())),
    };
    if right { Ok(()) } else { Err(format!("{what}, {role:?}, {}: {status} {text}", needs.name())) }
}

#[test]
fn every_server_function_is_in_the_table() {
    let there: BTreeSet<_> =
        server::router::functions().into_iter().map(|(path, _)| path.rsplit('/').next().expect("a name")).collect();
    let listed: BTreeSet<_> = FUNCTIONS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(there, listed);
}

#[tokio::test]
async fn every_server_function_asks_every_role_for_its_permission() {
    let site = site_with_sales().await;
    let mut wrong = Vec::new();
    for &role in Role::ALL {
        let person = site.signed_in(role.as_str(), role).await;
        for (name, asks, fields) in FUNCTIONS {
            let request = person.request("POST", &path_of(name)).header(ACCEPT, "application/json").form(fields);
            match asks {
                Asks::Permission(needs) => wrong.extend(is_asked(request, permission(needs), role, name).await.err()),
                Asks::Session | Asks::Nothing => {
                    let status = request.send().await.expect("an answer").status();
                    assert!(
                        ![StatusCode::FORBIDDEN, StatusCode::UNAUTHORIZED].contains(&status),
                        "{name}, {role:?}: {status}"
                    );
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn every_page_asks_every_role_for_its_permission() {
    let site = site_with_sales().await;
    let there: BTreeSet<_> = server::router::page_paths().into_iter().map(String::from).collect();
    assert_eq!(there, PAGES.iter().map(|(path, _)| (*path).to_string()).collect());
    let mut wrong = Vec::new();
    for &role in Role::ALL {
        let person = site.signed_in(role.as_str(), role).await;
        for (path, asks) in PAGES {
            let real = path.replace("{name}", "sales").replace("{backup}", "sales-1").replace("{*any}", "nowhere");
            let real = real.replace("{id}", "999").replace("{job}", "999").replace(['{', '}'], "");
            let request = person.get(&real).header(ACCEPT, "text/html");
            match asks {
                Asks::Permission(needs) => wrong.extend(is_asked(request, permission(needs), role, path).await.err()),
                Asks::Session | Asks::Nothing => {
                    let status = request.send().await.expect("an answer").status();
                    assert!(
                        ![StatusCode::FORBIDDEN, StatusCode::UNAUTHORIZED].contains(&status),
                        "{path}, {role:?}: {status}"
                    );
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn a_refused_try_to_read_is_in_the_audit_log_too() {
    let site = site_with_sales().await;
    let person = site.signed_in("vera", Role::Viewer).await;
    let request = person.get("/members").header(ACCEPT, "text/html");
    is_asked(request, Permission::MemberManage, Role::Viewer, "/members").await.expect("refused");
    let find = ListAudit { find: "member.manage".into(), page: 1 };
    let seen = site.inside.console.ask(&actor(Role::Admin), find).await.expect("the log");
    assert_eq!((seen.total, seen.items[0].who.as_str(), seen.items[0].act.as_str()), (1, "vera", "read"));
}

#[tokio::test]
async fn every_address_of_the_api_asks_every_role_for_its_permission() {
    let site = site_with_sales().await;
    let described: Value =
        site.visitor().get("/api/v1/openapi.json").send().await.expect("an answer").json().await.expect("json");
    let paths = described["paths"].as_object().expect("paths");
    let there: BTreeSet<_> = paths
        .iter()
        .flat_map(|(path, of)| {
            of.as_object().expect("methods").keys().map(move |method| (method.as_str(), path.as_str()))
        })
        .collect();
    assert_eq!(there, API.iter().map(|(method, path, _)| (*method, *path)).collect());
    let mut wrong = Vec::new();
    for &role in Role::ALL {
        let (token, robot) = (site.token(role).await, site.visitor());
        for (method, path, needs) in API {
            let real = path
                .replace("{name}", if path.starts_with("/deployments") { "sales" } else { "none" })
                .replace("{schedule}", "none")
                .replace("{host}", "registry.example.com");
            let real = real
                .replace("{id}", if path.starts_with("/backups") { "sales-1" } else { "999" })
                .replace("{job}", "999");
            let request = robot.request(&method.to_uppercase(), &format!("/api/v1{real}")).bearer_auth(&token);
            let request = match body(method, path) {
                Value::Null => request,
                body => request.json(&body),
            };
            wrong.extend(is_asked(request, permission(needs), role, &format!("{method} {path}")).await.err());
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
