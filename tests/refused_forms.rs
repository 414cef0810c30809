//! What a form that was refused without JavaScript holds when it comes back: everything that was typed and ticked, for
//! whoever sends it again changes what it shows.

use domain::member::Role;
use reqwest::Response;
use reqwest::header::{ACCEPT, COOKIE, REFERER};
use serde_json::json;
use tests::registry::{PASSWORD, USER, sign_in};
use tests::site::{cookies, location, path_of};
use tests::{Person, TestSite};

/// As the browser sends a form by itself.
async fn send(person: &Person, from: &str, function: &str, fields: &[(&str, &str)]) -> Response {
    let request = person.post(&path_of(function)).header(ACCEPT, "text/html");
    let request = request.header(REFERER, format!("{}{from}", person.url));
    request.form(fields).send().await.expect("an answer")
}

/// The page of the form as it comes back with the refusal.
async fn refused(person: &Person, page: &str, function: &str, fields: &[(&str, &str)]) -> String {
    let answer = send(person, page, function, fields).await;
    assert_eq!(location(&answer), page, "{function} with {fields:?} was not refused");
    let all = cookies(&answer);
    let kept = all.iter().find(|cookie| cookie.starts_with("refused=")).expect("the reason");
    let pair = kept.split(';').next().unwrap_or_default();
    let request = person.client.get(format!("{}{page}", person.url)).header(ACCEPT, "text/html");
    let request = request.header(COOKIE, format!("{}; {pair}", person.cookie));
    request.send().await.expect("an answer").text().await.expect("a page")
}

/// The names or values of the boxes that are ticked.
fn ticked(page: &str) -> Vec<String> {
    let boxes = page.split("<input ").skip(1).filter_map(|rest| rest.split('>').next());
    let attribute = |tag: &str, name: &str| {
        let rest = tag.split_once(&format!("{name}=\""))?.1;
        Some(rest.split('"').next().unwrap_or_default().to_string())
    };
    boxes
        .filter(|tag| tag.contains("type=\"checkbox\"") && tag.contains(" checked"))
        .filter_map(|tag| attribute(tag, "value").filter(|value| value != "on").or_else(|| attribute(tag, "name")))
        .collect()
}

/// With a channel `chat` that is paused, and `sales` with a ping.
async fn admin(site: &TestSite) -> Person {
    let ana = site.signed_in("ana", Role::Admin).await;
    let (robot, token) = (site.visitor(), site.token(Role::Admin).await);
    let adopt = json!({ "container": "sales", "username": "neo4j", "password": "correct horse" });
    let adopted = robot.post("/api/v1/deployments").bearer_auth(token).json(&adopt).send().await.expect("an answer");
    assert!(adopted.status().is_success(), "{adopted:?}");
    let url = ("url", "https://hooks.example.com/x");
    let hook = [("name", "chat"), ("kind", "slack"), url, ("events[0]", "overdue"), ("events[1]", "stuck_job")];
    let paused = [("name", "chat"), ("paused", "on"), ("events[0]", "overdue"), ("events[1]", "stuck_job")];
    let ping =
        [("deployment", "sales"), ("allowance_hours", "26"), ("repeat_hours", "24"), ("ping_url", "https://hc.io/x")];
    for (function, fields) in [("add_hook", &hook[..]), ("change_channel", &paused), ("set_alarms", &ping)] {
        let answer = send(&ana, "/", function, fields).await;
        assert!(location(&answer).contains("?done="), "{function}: {}", location(&answer));
    }
    ana
}

#[tokio::test]
async fn boxes_stay_as_they_were_ticked() {
    let site = TestSite::start().await;
    let ana = admin(&site).await;
    let chat = "/notifications/chat";
    assert_eq!(ticked(&ana.page(chat).await.text().await.expect("a page")), ["overdue", "stuck_job", "paused"]);
    let bad_hours = ("from", "25:99");
    let on = [("name", "chat"), ("paused", "on"), ("events[0]", "drill_failed"), bad_hours];
    let off = [("name", "chat"), ("events[0]", "drill_failed"), ("events[1]", "overdue"), bad_hours];
    let alarms = "/deployments/sales/alarms";
    let end = [("deployment", "sales"), ("allowance_hours", "x"), ("repeat_hours", "24"), ("no_ping", "on")];
    let keep = [("present", "wrong"), ("new", "another long password"), ("keep_tokens", "on")];
    let mounted = [("name", "a/b"), ("path", "/x"), ("mounted", "on")];
    let (directory, s3) = ("/targets/new?kind=directory", "/targets/new?kind=s3");
    let backup = "/deployments/sales/backups/new";
    let daily = [("deployment", "sales"), ("name", "a b"), ("often", "daily"), ("at", "03:00"), ("kind", "dump")];
    for (page, function, fields, want) in [
        (chat, "change_channel", &on[..], vec!["drill_failed", "paused"]),
        (chat, "change_channel", &off, vec!["overdue", "drill_failed"]),
        (alarms, "set_alarms", &end, vec!["no_ping"]),
        (alarms, "set_alarms", &end[..3], vec![]),
        ("/account", "change_password", &keep, vec!["keep_tokens"]),
        ("/account", "change_password", &keep[..2], vec![]),
        (directory, "add_directory", &mounted, vec!["mounted"]),
        (directory, "add_directory", &mounted[..2], vec![]),
        (s3, "add_s3", &[("name", "a/b"), ("path_style", "on")], vec!["path_style"]),
        (s3, "add_s3", &[("name", "a/b")], vec![]),
        (backup, "start_backup", &[("deployment", "sales"), ("kind", "none")], vec![]),
        (backup, "start_backup", &[("deployment", "sales"), ("kind", "none"), ("targets[0]", "local")], vec!["local"]),
        ("/deployments/sales/schedules/new", "save_schedule", &daily, vec![]),
    ] {
        let mut seen = ticked(&refused(&ana, page, function, fields).await);
        let mut want = want;
        seen.sort();
        want.sort_unstable();
        assert_eq!(seen, want, "{function} with {fields:?}");
    }
}

#[tokio::test]
async fn a_channel_that_tells_of_nothing_is_refused_with_words() {
    let site = TestSite::start().await;
    let ana = admin(&site).await;
    let url = ("url", "https://hooks.example.com/y");
    let forms = [
        ("/notifications/chat", "change_channel", &[("name", "chat")][..]),
        ("/notifications/new?kind=hook", "add_hook", &[("name", "other"), ("kind", "slack"), url]),
    ];
    for (page, function, fields) in forms {
        let page = refused(&ana, page, function, fields).await;
        assert!(page.contains("Tick at least one"), "{function}: {page}");
        assert_eq!(ticked(&page), Vec::<String>::new(), "{function}");
    }
}

#[tokio::test]
async fn a_long_field_comes_back_whole() {
    let site = TestSite::start().await;
    let ana = site.signed_in("ana", Role::Admin).await;
    let page = "/targets/new?kind=directory";
    let list = |lines: usize| (0..lines).map(|n| format!("age1{n:058}")).collect::<Vec<_>>().join("\n");
    let many = list(400);
    let fields = |list| [("name", "a/b"), ("path", "/mnt/x"), ("mounted", "on"), ("age_recipients", list)];
    let shown = refused(&ana, page, "add_directory", &fields(&many)).await;
    assert!(many.lines().all(|line| shown.contains(line)), "{shown}");
    assert_eq!(ticked(&shown), ["mounted"]);
}

#[tokio::test]
async fn a_refusal_waits_for_the_page_of_its_form_whatever_else_the_browser_asks_for() {
    let site = TestSite::start().await;
    let ana = site.signed_in("ana", Role::Admin).await;
    let page = "/members/new";
    let answer =
        send(&ana, page, "add_member", &[("name", "ana"), ("password", "seven brown owls"), ("role", "viewer")]).await;
    let all = cookies(&answer);
    let pair = all.iter().find(|cookie| cookie.starts_with("refused=")).and_then(|cookie| cookie.split(';').next());
    let with = format!("{}; {}", ana.cookie, pair.expect("the reason"));
    let ask =
        |path: &str| ana.client.get(format!("{}{path}", ana.url)).header(ACCEPT, "text/html").header(COOKIE, &with);
    let text = async |request: reqwest::RequestBuilder| {
        let answer = request.send().await.expect("an answer");
        (answer.headers().contains_key("set-cookie"), answer.text().await.expect("a page"))
    };
    for request in [ask("/members"), ask(page).header("x-live", "1"), ask(page).header("sec-purpose", "prefetch")] {
        let (clears, shown) = text(request).await;
        assert!(!clears && !shown.contains("name-error"), "{shown}");
    }
    let (clears, shown) = text(ask(page)).await;
    assert!(clears && shown.contains("name-error"), "{shown}");
    assert!(!text(ask(page)).await.1.contains("name-error"), "once");
}

#[tokio::test]
async fn a_refused_sign_in_of_a_registry_keeps_what_was_typed_but_the_password() {
    let site = TestSite::start().await;
    let ana = site.signed_in("ana", Role::Admin).await;
    site.inside.world.close_registry(sign_in("registry.example.com/neo4j", PASSWORD));
    let typed = |password: &'static str| [("host", "registry.example.com"), ("user", USER), ("password", password)];
    let page = refused(&ana, "/registries", "save_registry", &typed("wrong-owl")).await;
    assert!(page.contains("registry.example.com refused this sign-in.") && page.contains("value=\"ana\""), "{page}");
    assert!(!page.contains("wrong-owl"), "{page}");
    let saved = send(&ana, "/registries", "save_registry", &typed(PASSWORD)).await;
    assert_eq!(location(&saved), "/registries?done=registry-saved");
    let host = ("host", "registry.example.com");
    let list = ana.page("/registries").await.text().await.expect("a page");
    assert!(list.contains("/registries/remove?host=registry.example.com") && !list.contains(PASSWORD), "{list}");
    let remove = "/registries/remove?host=registry.example.com";
    let page = refused(&ana, remove, "remove_registry", &[host, ("confirm", "registry")]).await;
    assert!(page.contains("Type registry.example.com exactly."), "{page}");
    let removed = send(&ana, remove, "remove_registry", &[host, ("confirm", "registry.example.com")]).await;
    assert_eq!(location(&removed), "/registries?done=registry-removed");
}
