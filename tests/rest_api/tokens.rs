//! Tokens: listed, revoked, expired, and what the audit log says of them.

use super::{Robot, problem, read};
use chrono::TimeDelta;
use domain::member::{MemberId, Role};
use ops::testing::actor;
use ops::use_cases::audit::ListAudit;
use ops::use_cases::members::SetDisabled;
use reqwest::StatusCode;
use serde_json::Value;
use tests::site::PASSWORD;

async fn list(robot: &Robot) -> Vec<Value> {
    read(robot.get("/tokens").await, StatusCode::OK).await.as_array().expect("a list").clone()
}

async fn is_taken(robot: &Robot) -> bool {
    robot.get("/deployments").await.status() == StatusCode::OK
}

/// Entries of the audit log that hold this.
async fn audited(robot: &Robot, find: &str) -> u64 {
    robot
        .site
        .inside
        .console
        .ask(&actor(Role::Admin), ListAudit { find: find.into(), page: 1 })
        .await
        .expect("the log")
        .total
}

async fn member_of(robot: &Robot, name: &str) -> MemberId {
    let members = robot
        .site
        .inside
        .console
        .ask(&actor(Role::Admin), ops::use_cases::members::ListMembers {})
        .await
        .expect("members");
    members.into_iter().find(|member| member.name == name).expect("a member").id
}

#[tokio::test]
async fn everybody_sees_their_own_and_an_admin_all_and_nobody_the_token_itself() {
    let admin = Robot::new(Role::Admin).await;
    let viewer = admin.with_role(Role::Viewer).await;
    let own = list(&viewer).await;
    assert_eq!((own.len(), &own[0]["member"], &own[0]["label"]), (1, &"robot-viewer".into(), &"test".into()));
    assert_eq!((own[0]["last_used_from"].as_str(), own[0].get("token")), (Some("127.0.0.1"), None));
    let all = list(&admin).await;
    assert_eq!(
        all.iter().map(|token| token["member"].as_str().expect("a name")).collect::<Vec<_>>(),
        ["robot-viewer", "robot-admin"]
    );
    assert!(!all.iter().any(|token| token.to_string().contains(&viewer.token)));
    let page = admin.site.signed_in("ana", Role::Admin).await.page("/account").await.text().await.expect("a page");
    assert!(page.contains("robot-viewer") && page.contains("Valid") && !page.contains(&viewer.token), "{page}");
}

#[tokio::test]
async fn a_revoked_token_is_refused_from_the_next_request_on_and_only_its_owner_or_an_admin_revokes_it() {
    let admin = Robot::new(Role::Admin).await;
    let (viewer, lead) = (admin.with_role(Role::Viewer).await, admin.with_role(Role::Lead).await);
    let id = |tokens: &[Value]| tokens[0]["id"].as_i64().expect("an id");
    let (of_viewer, of_lead) = (id(&list(&viewer).await), id(&list(&lead).await));
    problem(lead.send("DELETE", &format!("/tokens/{of_viewer}"), None).await, 404).await;
    problem(lead.send("DELETE", "/tokens/999", None).await, 404).await;
    assert!(is_taken(&viewer).await);
    assert_eq!(viewer.send("DELETE", &format!("/tokens/{of_viewer}"), None).await.status(), StatusCode::NO_CONTENT);
    assert!(!is_taken(&viewer).await);
    assert_eq!(admin.send("DELETE", &format!("/tokens/{of_lead}"), None).await.status(), StatusCode::NO_CONTENT);
    assert!(!is_taken(&lead).await && is_taken(&admin).await);
    let log = admin
        .site
        .inside
        .console
        .ask(&actor(Role::Admin), ListAudit { find: "revoke token".into(), page: 1 })
        .await
        .expect("the log");
    assert_eq!(
        log.items.iter().map(|entry| entry.via.as_str()).collect::<Vec<_>>(),
        ["api (test)"; 4],
        "by which token"
    );
}

#[tokio::test]
async fn a_token_ends_after_its_days() {
    let robot = Robot::new(Role::Viewer).await;
    robot.site.inside.clock.forward(TimeDelta::days(89));
    assert!(is_taken(&robot).await);
    robot.site.inside.clock.forward(TimeDelta::days(2));
    let told = problem(robot.get("/deployments").await, 401).await;
    assert!(told.to_string().contains("has expired"), "{told}");
    assert_eq!(audited(&robot, "use token").await, 1);
}

#[tokio::test]
async fn a_new_password_ends_ones_tokens_unless_told_otherwise_and_so_does_disabling() {
    let admin = Robot::new(Role::Admin).await;
    for (role, keep, left) in [(Role::Lead, true, true), (Role::Operator, false, false)] {
        let robot = admin.with_role(role).await;
        let mut person = admin.site.visitor();
        person.sign_in(&format!("robot-{}", role.as_str()), PASSWORD).await;
        let mut form = vec![("present", PASSWORD), ("new", "nine purple herons")];
        form.extend(keep.then_some(("keep_tokens", "on")));
        let changed = person.call("change_password", &form).await;
        assert!(changed.status().as_u16() < 400, "{}", changed.status());
        assert_eq!(is_taken(&robot).await, left, "{role:?}");
    }
    let viewer = admin.with_role(Role::Viewer).await;
    let member = member_of(&admin, "robot-viewer").await;
    for disabled in [true, false] {
        admin
            .site
            .inside
            .console
            .perform(&actor(Role::Admin), SetDisabled { member, disabled })
            .await
            .expect("changed");
        assert!(!is_taken(&viewer).await, "enabled again, there is none");
    }
}

#[tokio::test]
async fn a_flood_of_wrong_tokens_fills_no_audit_log_and_keeps_nobody_out() {
    let robot = Robot::new(Role::Viewer).await;
    for n in 0..100 {
        let answer =
            robot.person.get("/api/v1/deployments").bearer_auth(format!("wrong-{n}")).send().await.expect("an answer");
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    }
    assert_eq!(audited(&robot, "use token").await, 30);
    assert!(is_taken(&robot).await);
}
