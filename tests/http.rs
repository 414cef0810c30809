//! Headers, forged requests, limits, files, health: what holds for every request.

use domain::member::Role;
use ops::background::supervisor::supervise;
use ops::console::loops::Loop;
use ports::EngineError;
use reqwest::StatusCode;
use serde_json::Value;
use std::collections::HashSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use tests::TestSite;
use tests::site::{PASSWORD, path_of};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let site = TestSite::start().await;
    let ana = site.signed_in("ana", Role::Admin).await;
    for path in [
        "/",
        "/login",
        "/nowhere",
        "/healthz",
        &site.script(),
        "/pkg/none.js",
        "/api/v1/deployments",
        "/api/v1/openapi.json",
        "/api/fn/none",
    ] {
        let response = ana.page(path).await;
        let header = |name: &str| response.headers().get(name).map_or("", |v| v.to_str().expect("text")).to_string();
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(header("cross-origin-opener-policy"), "same-origin", "{path}");
        assert!(header("permissions-policy").contains("camera=()"), "{path}");
        let policy = header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{path}: {policy}");
        assert_eq!(header("strict-transport-security"), "", "plain http must not promise https");
        let for_good = path == site.script();
        assert_eq!(
            header("cache-control"),
            if for_good { "public, max-age=31536000, immutable" } else { "no-store" },
            "{path}"
        );
    }
}

#[tokio::test]
async fn each_page_has_a_nonce_of_its_own_and_every_inline_script_carries_it() {
    let site = TestSite::start().await;
    let ana = site.signed_in("ana", Role::Admin).await;
    let mut nonces = HashSet::new();
    for path in ["/", "/", "/jobs", "/no/such/page"] {
        let response = ana.page(path).await;
        let policy = response.headers()["content-security-policy"].to_str().expect("text").to_string();
        let nonce = policy
            .split("'nonce-")
            .nth(1)
            .and_then(|rest| rest.split('\'').next())
            .unwrap_or_else(|| panic!("{path}: no nonce in {policy}"))
            .to_string();
        assert!(nonce.len() >= 22, "{nonce}");
        let html = response.text().await.expect("text");
        let scripts: Vec<&str> =
            html.split("<script").skip(1).map(|s| s.split('>').next().unwrap_or_default()).collect();
        assert!(!scripts.is_empty(), "{path}");
        assert!(scripts.iter().all(|s| s.contains(&format!("nonce=\"{nonce}\""))), "{path}: {scripts:?}");
        assert!(!html.contains("<style") && !html.contains(" style=\"") && !html.contains(" onclick="), "{path}");
        assert!(nonces.insert(nonce), "the nonce was used before");
    }
}

#[tokio::test]
async fn a_forged_request_is_refused_before_it_changes_anything() {
    let site = TestSite::start().await;
    let ana = site.signed_in("ana", Role::Admin).await;
    let sign_out = path_of("sign_out");
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("origin", "null"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let response = ana.post(&sign_out).header(name, value).send().await.expect("an answer");
        assert_eq!(response.status(), StatusCode::FORBIDDEN, "{name}: {value}");
        assert_eq!(response.json::<Value>().await.expect("json")["kind"], "denied");
    }
    assert_eq!(ana.page("/jobs").await.status(), StatusCode::OK, "still signed in");
    let page = ana
        .post(&sign_out)
        .header("origin", "https://evil.example")
        .header("accept", "text/html")
        .send()
        .await
        .expect("an answer");
    assert!(page.headers()["content-type"].to_str().expect("text").starts_with("text/html"), "people get a page");
}

#[tokio::test]
async fn the_consoles_own_requests_pass_with_every_browser() {
    let site = TestSite::start_with(&[("CONSOLE_URL", "https://console.example.com")]).await;
    site.member("ana", Role::Admin).await;
    let own = site.url.clone();
    // By its own address, by the public one behind a proxy that rewrites Host, by a new browser, and by a program.
    for (name, value) in [
        ("origin", own.as_str()),
        ("origin", "https://console.example.com"),
        ("sec-fetch-site", "same-origin"),
        ("x-nothing", "x"),
    ] {
        let request = site
            .visitor()
            .post(&path_of("sign_in"))
            .header(name, value)
            .form(&[("name", "ana"), ("password", PASSWORD)]);
        let response = request.send().await.expect("an answer");
        assert_ne!(response.status(), StatusCode::FORBIDDEN, "{name}: {value}");
        assert_eq!(tests::site::cookies(&response).len(), 1, "{name}: {value}");
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused() {
    let site = TestSite::start().await;
    let ana = site.signed_in("ana", Role::Admin).await;
    let token = site.token(Role::Admin).await;
    let large = "x".repeat(300 * 1024);
    let form = ana.post(&path_of("sign_in")).body(large.clone()).send().await.expect("an answer");
    assert_eq!(form.status(), StatusCode::PAYLOAD_TOO_LARGE);
    let api = ana
        .post("/api/v1/deployments")
        .bearer_auth(token)
        .header("content-type", "application/json")
        .body(large)
        .send()
        .await
        .expect("an answer");
    assert_eq!(api.status(), StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(api.json::<Value>().await.expect("json")["status"], 413);
}

#[tokio::test]
async fn an_unknown_page_is_a_page_and_an_unknown_call_a_problem() {
    let site = TestSite::start().await;
    let ana = site.signed_in("ana", Role::Viewer).await;
    let page = ana.page("/no/such/page").await;
    assert_eq!(page.status(), StatusCode::NOT_FOUND);
    assert!(page.headers()["content-type"].to_str().expect("text").starts_with("text/html"));
    for path in ["/api/fn/no_such_function", "/api/fn/"] {
        let call = ana.post(path).send().await.expect("an answer");
        assert!(call.status().is_client_error(), "{path}: {}", call.status());
        assert_eq!(call.headers()["content-type"], "application/problem+json", "{path}");
    }
    let method = ana.post("/healthz").send().await.expect("an answer");
    assert_eq!(method.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert!(method.headers()["allow"].to_str().expect("text").contains("GET"));
}

#[tokio::test]
async fn odd_addresses_do_no_harm() {
    let site = TestSite::start().await;
    let ana = site.signed_in("ana", Role::Admin).await;
    for path in [
        "/deployments/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
        "/deployments/%F0%9F%9A%80",
        "/deployments/%ff%fe",
        "/deployments/'%22",
        "/jobs/99999999999999999999",
    ] {
        let response = ana.page(path).await;
        let status = response.status();
        assert!(status == StatusCode::OK || status.is_client_error(), "{path}: {status}");
        assert!(!response.text().await.expect("text").contains("<script>alert(1)"), "{path}");
    }
    let long = ana.page(&format!("/deployments/{}", "x".repeat(10_000))).await;
    assert!(!long.status().is_server_error(), "{}", long.status());
}

#[tokio::test]
async fn files_made_ahead_are_sent_compressed_and_pages_are_compressed_on_the_way() {
    let site = TestSite::start().await;
    let ana = site.signed_in("ana", Role::Admin).await;
    let file = ana.get(&site.script()).header("accept-encoding", "gzip, br").send().await.expect("an answer");
    assert_eq!(file.headers()["content-encoding"], "br");
    assert_eq!(file.text().await.expect("text"), "brotli", "the file made ahead, not made anew");
    let plain = ana.get(&site.script()).send().await.expect("an answer");
    assert_eq!(plain.text().await.expect("text"), "plain");
    let page = ana.get("/api/v1/openapi.json").header("accept-encoding", "gzip").send().await.expect("an answer");
    assert_eq!(page.headers()["content-encoding"], "gzip");
}

#[tokio::test]
async fn health_and_readiness_tell_process_database_and_docker_apart() {
    let site = TestSite::start().await;
    let visitor = site.visitor();
    let ready = visitor.get("/readyz").send().await.expect("an answer");
    assert_eq!(
        ready.json::<Value>().await.expect("json"),
        serde_json::json!({ "database": "ok", "docker": "ok", "loops": {} })
    );
    site.inside.world.set_down(Some(EngineError::Unreachable("gone".into())));
    site.inside.clock.forward(chrono::TimeDelta::seconds(6));
    let ready = visitor.get("/readyz").send().await.expect("an answer");
    assert_eq!(ready.status(), StatusCode::OK, "without Docker the console still shows what it knows");
    assert_eq!(ready.json::<Value>().await.expect("json")["docker"], "gone");
    let (looping, done) = tokio::sync::oneshot::channel::<()>();
    let console = site.inside.console.clone();
    let (started, begun) = tokio::sync::oneshot::channel();
    let (done, started) = (Mutex::new(Some(done)), Mutex::new(Some(started)));
    let panics_once = AtomicBool::new(true);
    let supervised = tokio::spawn(async move {
        let run = || {
            assert!(!panics_once.swap(false, Ordering::Relaxed), "a panic of the test");
            let _ = started.lock().expect("once").take().expect("once").send(());
            let done = done.lock().expect("once").take().expect("once");
            async move { done.await.expect("told") }
        };
        supervise(&console, Loop::Alarms, run).await;
    });
    begun.await.expect("started again after the panic");
    let ready = visitor.get("/readyz").send().await.expect("an answer");
    assert_eq!(ready.json::<Value>().await.expect("json")["loops"], serde_json::json!({ "alarms": "running" }));
    looping.send(()).expect("it waits");
    supervised.await.expect("ended");
    site.inside.console.store().close().await;
    assert_eq!(visitor.get("/readyz").send().await.expect("an answer").status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(visitor.get("/healthz").send().await.expect("an answer").status(), StatusCode::OK, "the process is up");
}

#[tokio::test]
async fn a_database_that_is_gone_is_said_and_shows_no_cause() {
    let site = TestSite::start().await;
    let ana = site.signed_in("ana", Role::Admin).await;
    site.inside.console.store().close().await;
    for response in [ana.page("/").await, ana.call("sign_out", &[]).await] {
        assert!(response.status().is_server_error(), "{}", response.status());
        let text = response.text().await.expect("text");
        assert!(text.contains("Internal error.") || text.contains("database"), "{text}");
        assert!(!text.contains("sqlx") && !text.contains("pool"), "{text}");
    }
}

/// What a program does that sends half a change and leaves: the change is still done to its end, or not begun.
#[tokio::test]
async fn a_visitor_who_leaves_in_the_middle_leaves_no_half_change() {
    let site = TestSite::start().await;
    let token = site.token(Role::Admin).await;
    let body = r#"{"container":"sales","username":"neo4j","password":"correct horse"}"#;
    let head = format!(
        "POST /api/v1/deployments HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\ncontent-type: \
         application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream =
        tokio::net::TcpStream::connect(site.url.trim_start_matches("http://")).await.expect("a connection");
    stream.write_all(head.as_bytes()).await.expect("written");
    // Long enough for the request to be read, too short for its answer to matter.
    let mut first = [0; 1];
    let _ = tokio::time::timeout(std::time::Duration::from_millis(5), stream.read(&mut first)).await;
    drop(stream);
    let mut found = StatusCode::NOT_FOUND;
    for _ in 0..100 {
        found = site
            .visitor()
            .get("/api/v1/deployments/sales")
            .bearer_auth(&token)
            .send()
            .await
            .expect("an answer")
            .status();
        if found == StatusCode::OK {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(found, StatusCode::OK, "the adoption went on to its end");
}

/// More visitors than the database has connections. A page that holds one while it waits for its turn to be drawn would
/// starve all others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_load_pages_at_once_all_get_them() {
    let site = TestSite::start().await;
    let ana = site.signed_in("ana", Role::Admin).await;
    let pages = ["/", "/members", "/audit", "/targets", "/jobs"];
    let load = async |visitor: usize| {
        for at in 0..20 {
            let path = pages[(visitor + at) % pages.len()];
            assert_eq!(ana.page(path).await.status(), StatusCode::OK, "{path}");
        }
    };
    futures::future::join_all((0..20).map(load)).await;
}
