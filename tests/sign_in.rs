//! Signing in, sessions and their ends.

use chrono::TimeDelta;
use domain::member::Role;
use ops::testing::actor;
use ops::use_cases::audit::ListAudit;
use ops::use_cases::members::{ListMembers, SetDisabled};
use reqwest::StatusCode;
use reqwest::header::{ACCEPT, COOKIE};
use tests::site::{PASSWORD, cookies, location};
use tests::{Person, TestSite};

async fn is_in(person: &Person) -> bool {
    person.page("/jobs").await.status() == StatusCode::OK
}

#[tokio::test]
async fn a_member_signs_in_looks_around_and_signs_out() {
    let site = TestSite::start().await;
    let mut ana = site.signed_in("ana", Role::Viewer).await;
    assert!(is_in(&ana).await);
    let old = ana.cookie.clone();
    let response = ana.call("sign_out", &[]).await;
    ana.remember(&response);
    assert!(!is_in(&ana).await);
    ana.cookie = old;
    assert!(!is_in(&ana).await, "the cookie is worth nothing after the sign-out");
}

#[tokio::test]
async fn an_unknown_member_and_a_wrong_password_get_the_same_answer() {
    let site = TestSite::start().await;
    site.member("ana", Role::Viewer).await;
    let mut visitor = site.visitor();
    let mut answers = Vec::new();
    for (name, password) in [("ana", "wrong wrong wrong"), ("nobody", PASSWORD)] {
        let response = visitor.sign_in(name, password).await;
        assert!(visitor.cookie.is_empty());
        answers.push((response.status(), response.text().await.expect("text")));
    }
    assert_eq!(answers[0], answers[1]);
    assert!(answers[0].0.is_client_error() || answers[0].0.is_server_error());
}

#[tokio::test]
async fn guessing_is_slowed_down_even_for_the_right_password() {
    let site = TestSite::start().await;
    site.member("ana", Role::Viewer).await;
    let mut visitor = site.visitor();
    for _ in 0..4 {
        visitor.sign_in("ana", "wrong wrong wrong").await;
    }
    visitor.sign_in("ana", PASSWORD).await;
    assert!(!is_in(&visitor).await, "the delay runs");
    site.inside.clock.forward(TimeDelta::minutes(16));
    visitor.sign_in("ana", PASSWORD).await;
    assert!(is_in(&visitor).await);
}

/// A site behind a proxy that tells the visitors' addresses.
async fn behind_a_proxy() -> TestSite {
    let site = TestSite::start_with(&[("CONSOLE_TRUSTED_PROXIES", "127.0.0.1")]).await;
    site.member("ana", Role::Viewer).await;
    site
}

/// What a try from this address is told: its status.
async fn tried(site: &TestSite, name: &str, password: &str, address: &str) -> u16 {
    let form = [("name", name), ("password", password)];
    let answer = site
        .visitor()
        .post("/api/fn/sign_in")
        .header("x-forwarded-for", address)
        .header(ACCEPT, "application/json")
        .form(&form)
        .send()
        .await;
    answer.expect("an answer").status().as_u16()
}

async fn looked_at(site: &TestSite) -> u64 {
    let found = ListAudit { find: "wrong name or password".into(), page: 1 };
    site.inside.console.ask(&actor(Role::Admin), found).await.expect("the log").total
}

const WRONG: u16 = 400;
const TOO_MANY: u16 = 409;

#[tokio::test]
async fn of_a_hundred_guesses_at_once_three_are_looked_at() {
    let site = behind_a_proxy().await;
    let all =
        futures::future::join_all((0..100).map(|_| tried(&site, "ana", "wrong wrong wrong", "203.0.113.9"))).await;
    assert_eq!((looked_at(&site).await, all.iter().filter(|status| **status == WRONG).count()), (3, 3));
    assert!(all.iter().all(|status| [WRONG, TOO_MANY].contains(status)), "{all:?}");
}

#[tokio::test]
async fn guessing_strangers_lock_nobody_out_of_where_they_sign_in_and_guess_no_faster_from_many_networks() {
    let site = behind_a_proxy().await;
    assert!(tried(&site, "ana", PASSWORD, "203.0.113.9").await < 400);
    let mut looked = 0;
    for n in 0..60 {
        looked += u32::from(tried(&site, "Ana", "wrong wrong wrong", &format!("198.51.100.{n}")).await == WRONG);
    }
    assert_eq!(looked, 30, "of the account, from wherever");
    assert_eq!(tried(&site, "ana", PASSWORD, "198.51.100.200").await, TOO_MANY, "a network she never signed in from");
    assert!(tried(&site, "ANA", PASSWORD, "203.0.113.9").await < 400, "where she did");
    site.inside.console.unlock_from_command_line("ana").await.expect("unlocked");
    assert!(tried(&site, "ana", PASSWORD, "198.51.100.201").await < 400);
}

#[tokio::test]
async fn what_the_command_line_does_to_a_member_stands_in_the_audit_log_with_the_member_as_what_it_was_done_to() {
    let site = TestSite::start().await;
    site.token(Role::Admin).await;
    site.inside.console.unlock_from_command_line("robot-admin").await.expect("unlocked");
    let all = ListAudit { find: String::new(), page: 1 };
    let log = site.inside.console.ask(&actor(Role::Admin), all).await.expect("the log").items;
    for (act, on) in [
        ("add member", "robot-admin as admin"),
        ("create token", "test of robot-admin"),
        ("unlock member", "robot-admin"),
    ] {
        let entry = log.iter().find(|entry| entry.act == act).unwrap_or_else(|| panic!("{act}: {log:?}"));
        assert_eq!((entry.target.as_str(), entry.detail.as_str()), (on, ""), "{act}");
    }
}

#[tokio::test]
async fn whoever_has_a_network_of_ipv6_has_one_address() {
    let site = behind_a_proxy().await;
    let mut looked = 0;
    for n in 0..10 {
        looked += u32::from(tried(&site, "ana", "wrong wrong wrong", &format!("2001:db8:1:2::{n:x}")).await == WRONG);
    }
    assert_eq!(looked, 3);
    assert_eq!(tried(&site, "ana", "wrong wrong wrong", "2001:db8:1:3::1").await, WRONG, "the neighbour");
}

#[tokio::test]
async fn a_flood_of_sign_ins_is_turned_away_and_not_made_to_wait() {
    let site = behind_a_proxy().await;
    let flood = (0..200).map(|n| {
        let site = &site;
        async move { tried(site, &format!("name{n}"), "wrong wrong wrong", &format!("198.51.100.{n}")).await }
    });
    let all = futures::future::join_all(flood).await;
    assert!(
        all.contains(&503) && all.contains(&WRONG) && all.iter().all(|status| [503, WRONG].contains(status)),
        "{all:?}"
    );
    // Nothing was held against whom nobody looked at.
    assert!(tried(&site, "ana", PASSWORD, "203.0.113.9").await < 400);
}

#[tokio::test]
async fn the_session_gets_a_new_number_at_sign_in() {
    let site = TestSite::start().await;
    let mut ana = site.signed_in("ana", Role::Viewer).await;
    let first = ana.cookie.clone();
    ana.sign_in("ana", PASSWORD).await;
    assert_ne!(ana.cookie, first);
    assert!(is_in(&ana).await);
    ana.cookie = first;
    assert!(!is_in(&ana).await, "the number from before is worth nothing");
}

#[tokio::test]
async fn a_number_the_visitor_chose_is_never_taken_over() {
    let site = TestSite::start().await;
    site.member("ana", Role::Viewer).await;
    let mut visitor = site.visitor();
    let chosen = "session=AAAAAAAAAAAAAAAAAAAAAA";
    visitor.cookie = chosen.into();
    visitor.sign_in("ana", PASSWORD).await;
    assert_ne!(visitor.cookie, chosen);
    assert!(is_in(&visitor).await);
}

#[tokio::test]
async fn a_session_ends_after_an_hour_without_a_click() {
    let site = TestSite::start().await;
    let ana = site.signed_in("ana", Role::Viewer).await;
    for _ in 0..3 {
        site.inside.clock.forward(TimeDelta::minutes(59));
        assert!(is_in(&ana).await, "a click now and then keeps it");
    }
    site.inside.clock.forward(TimeDelta::minutes(60));
    assert!(!is_in(&ana).await);
    assert!(!is_in(&ana).await, "it does not come back");
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_in_any_case() {
    let site = TestSite::start().await;
    let ana = site.signed_in("ana", Role::Viewer).await;
    for minutes in (0..720).step_by(40) {
        assert!(is_in(&ana).await, "after {minutes} minutes");
        site.inside.clock.forward(TimeDelta::minutes(40));
    }
    assert!(!is_in(&ana).await);
}

#[tokio::test]
async fn the_times_of_a_session_can_be_set() {
    let site = TestSite::start_with(&[("CONSOLE_SESSION_IDLE_MINUTES", "5"), ("CONSOLE_SESSION_HOURS", "1")]).await;
    let ana = site.signed_in("ana", Role::Viewer).await;
    site.inside.clock.forward(TimeDelta::minutes(4));
    assert!(is_in(&ana).await);
    site.inside.clock.forward(TimeDelta::minutes(5));
    assert!(!is_in(&ana).await);
}

#[tokio::test]
async fn a_session_survives_a_restart_of_the_console() {
    let site = TestSite::start().await;
    let mut ana = site.signed_in("ana", Role::Viewer).await;
    let site = site.restart().await;
    ana.url.clone_from(&site.url);
    assert!(is_in(&ana).await);
}

#[tokio::test]
async fn a_disabled_member_is_out_at_once() {
    let site = TestSite::start().await;
    let ana = site.signed_in("ana", Role::Viewer).await;
    let admin = ops::testing::actor(Role::Admin);
    let members = site.inside.console.ask(&admin, ListMembers {}).await.expect("members");
    site.member("another admin", Role::Admin).await;
    site.inside.console.perform(&admin, SetDisabled { member: members[0].id, disabled: true }).await.expect("disabled");
    assert!(!is_in(&ana).await);
    assert_eq!(location(&ana.page("/jobs").await), "/login?next=/jobs");
}

#[tokio::test]
async fn two_hundred_clicks_write_the_session_at_most_once_a_minute() {
    let site = TestSite::start().await;
    let ana = site.signed_in("ana", Role::Viewer).await;
    let file = site.directory.path().join("sessions.db-wal");
    let size = || std::fs::metadata(&file).map_or(0, |m| m.len());
    let before = size();
    for _ in 0..200 {
        assert!(is_in(&ana).await);
    }
    assert_eq!(size(), before);
    site.inside.clock.forward(TimeDelta::minutes(2));
    assert!(is_in(&ana).await);
    assert!(size() > before, "the visit is noted");
}

#[tokio::test]
async fn the_cookie_can_neither_be_read_by_scripts_nor_sent_by_other_sites() {
    let site = TestSite::start().await;
    site.member("ana", Role::Viewer).await;
    let response = site.visitor().sign_in("ana", PASSWORD).await;
    let cookie = cookies(&response).into_iter().find(|c| c.starts_with("session=")).expect("a session cookie");
    for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43"] {
        assert!(cookie.contains(part), "{part} is missing: {cookie}");
    }
    assert!(!cookie.contains("Secure"), "plain http on this machine: {cookie}");
}

#[tokio::test]
async fn behind_https_the_cookie_is_secure_and_bound_to_the_host() {
    let site = TestSite::start_with(&[("CONSOLE_URL", "https://console.example.com")]).await;
    site.member("ana", Role::Viewer).await;
    let response = site.visitor().sign_in("ana", PASSWORD).await;
    let cookie = cookies(&response).into_iter().find(|c| c.starts_with("__Host-session=")).expect("a session cookie");
    assert!(cookie.contains("Secure") && cookie.contains("Path=/") && !cookie.contains("Domain"), "{cookie}");
    assert_eq!(response.headers()["strict-transport-security"], "max-age=31536000");
}

#[tokio::test]
async fn behind_https_no_other_host_of_the_domain_can_set_a_cookie_of_the_console() {
    let site = TestSite::start_with(&[("CONSOLE_URL", "https://console.example.com")]).await;
    site.member("ana", Role::Viewer).await;
    let ana = site.visitor();
    let wrong = ana
        .post("/api/fn/sign_in")
        .header(ACCEPT, "text/html")
        .form(&[("name", "ana"), ("password", "wrong")])
        .send()
        .await
        .expect("an answer");
    let refused = cookies(&wrong).into_iter().find(|c| c.starts_with("__Host-refused=")).expect("the reason");
    assert!(refused.contains("; Secure") && refused.contains("; HttpOnly") && !refused.contains("Domain"), "{refused}");
    let value = refused.split(['=', ';']).nth(1).expect("a value");
    for (name, shown) in [("__Host-refused", true), ("refused", false)] {
        let page = ana
            .get("/login")
            .header(ACCEPT, "text/html")
            .header(COOKIE, format!("{name}={value}"))
            .send()
            .await
            .expect("a page");
        assert_eq!(page.text().await.expect("a page").contains("The name or the password is wrong."), shown, "{name}");
    }
}
