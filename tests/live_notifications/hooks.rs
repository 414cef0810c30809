//! Web hooks and the dead-man ping.

use super::receiver::{Answer, Receiver};
use super::{SECRET, console_by_hand, destination_of, sales, test_of};
use adapters::outbound::Outbound;
use adapters::webhook::WebhookClient;
use domain::channel::{Destination, WebAddress};
use domain::member::Role;
use ops::testing::{TestConsole, actor};
use ops::use_cases::alarms::{ChangeAlarms, NewPing};
use ops::use_cases::backups::StartBackup;
use ops::use_cases::deliveries::ListDeliveries;
use ports::{Body, Call, MessageError, Webhook};
use serde_json::{Value, json};
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tests::smtp_sink::SmtpSink;

fn address(text: &str) -> WebAddress {
    WebAddress::parse("url", text).expect("an address")
}

/// As a receiver would do it, with a program that knows nothing of the console.
fn hmac(text: &str) -> String {
    let mut openssl = Command::new("openssl")
        .args(["dgst", "-sha256", "-hmac", SECRET])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("openssl runs");
    openssl.stdin.take().expect("its input").write_all(text.as_bytes()).expect("written");
    let said = String::from_utf8(openssl.wait_with_output().expect("it ends").stdout).expect("text");
    said.split_whitespace().last().expect("a hash").into()
}

async fn log(console: &TestConsole) -> Vec<domain::channel::Delivery> {
    console.console.ask(&actor(Role::Lead), ListDeliveries { recipient: None, page: 1 }).await.expect("a log").items
}

#[tokio::test]
async fn an_alarm_arrives_after_two_errors_and_its_signature_is_right() {
    let directory = tempfile::tempdir().expect("a directory");
    let console = console_by_hand(&directory).await;
    let receiver = Receiver::start([Answer::Status(204), Answer::Status(500), Answer::Status(500)]).await;
    test_of(&console, destination_of(&format!("{}/hook?x=1", receiver.url))).await.expect("the test arrives");
    assert_eq!(receiver.got().len(), 1);
    for minutes in [0, 1, 5] {
        console.clock.forward(chrono::TimeDelta::minutes(minutes));
        console.notify().await.expect("the store works");
    }
    let got = receiver.got();
    assert_eq!(got.len(), 3, "two errors, then it is taken");
    let bodies: Vec<Value> = got.iter().map(|g| serde_json::from_slice(&g.body).expect("json")).collect();
    assert!(
        bodies.iter().all(|b| b["id"] == bodies[0]["id"] && b["event"] == "overdue" && b["deployment"] == "sales"),
        "{bodies:?}"
    );
    let last = &got[2];
    assert_eq!(
        (last.method.as_str(), last.path.as_str(), &last.headers["content-type"]),
        ("POST", "/hook?x=1", &"application/json".parse().expect("a value"))
    );
    let signature = last.headers["x-neo4j-console-signature"].to_str().expect("text");
    let (time, hash) = signature.split_once(",v1=").expect("both parts");
    let time = time.strip_prefix("t=").expect("a time");
    assert_eq!(hash, hmac(&format!("{time}.{}", String::from_utf8_lossy(&last.body))));
    console.notify().await.expect("the store works");
    assert!(receiver.got().is_empty());
    let entry = &log(&console).await[0];
    assert_eq!((entry.attempts, entry.state.as_str(), &entry.problem), (3, "delivered", &None));
}

#[tokio::test]
async fn each_kind_of_chat_gets_its_shape() {
    let receiver = Receiver::start([]).await;
    let url = || address(&receiver.url);
    for (destination, member) in [
        (Destination::Slack { url: url() }, "blocks"),
        (Destination::Mattermost { url: url() }, "attachments"),
        (Destination::Discord { url: url() }, "allowed_mentions"),
    ] {
        let directory = tempfile::tempdir().expect("a directory");
        test_of(&console_by_hand(&directory).await, destination).await.expect("it arrives");
        let body: Value = serde_json::from_slice(&receiver.got()[0].body).expect("json");
        assert!(body.get(member).is_some(), "{body}");
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let directory = tempfile::tempdir().expect("a directory");
    let receiver = Receiver::start([Answer::RedirectTo("/inner")]).await;
    let why = test_of(&console_by_hand(&directory).await, destination_of(&receiver.url)).await.expect_err("refused");
    assert!(why.contains("wants to lead on to another address (HTTP status 302)"), "{why}");
    assert_eq!(receiver.got().len(), 1, "/inner was not called");
}

#[tokio::test]
async fn an_inner_address_is_not_called_unless_it_was_allowed() {
    let receiver = Receiver::start([]).await;
    let closed = WebhookClient::new(Outbound::new(Vec::new(), None));
    let by_name = receiver.url.replace("127.0.0.1", "localhost");
    for url in [receiver.url.as_str(), &by_name] {
        let body = Some(Body { json: "{}".into(), headers: Vec::new() });
        let refused = closed.call(&Call { url: address(url), body }).await.expect_err("refused");
        assert!(matches!(refused, MessageError::Inner { .. }), "{refused}");
    }
    assert!(receiver.got().is_empty());
}

#[tokio::test]
async fn an_error_is_told_by_its_status_and_nothing_of_the_answer() {
    let directory = tempfile::tempdir().expect("a directory");
    let console = console_by_hand(&directory).await;
    let receiver = Receiver::start([Answer::Status(404)]).await;
    let why = test_of(&console, destination_of(&receiver.url)).await.expect_err("refused");
    assert!(why.contains("HTTP status 404"), "{why}");
    let log = log(&console).await[0].problem.clone().expect("a problem");
    assert!(log.contains("The hook was removed there") && !log.contains("inner secret"), "{log}");
}

#[tokio::test]
async fn a_slow_receiver_is_given_up_after_ten_seconds() {
    let directory = tempfile::tempdir().expect("a directory");
    let receiver = Receiver::start([Answer::Silence]).await;
    let (from, console) = (Instant::now(), console_by_hand(&directory).await);
    let why = test_of(&console, destination_of(&receiver.url)).await.expect_err("too late");
    assert!(why.contains("did not answer in time"), "{why}");
    assert!((9..14).contains(&from.elapsed().as_secs()), "{:?}", from.elapsed());
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let directory = tempfile::tempdir().expect("a directory");
    let receiver = Receiver::start([Answer::Endless]).await;
    let (from, console) = (Instant::now(), console_by_hand(&directory).await);
    test_of(&console, destination_of(&receiver.url)).await.expect("the status counts");
    assert!(from.elapsed() < Duration::from_secs(5), "{:?}", from.elapsed());
}

#[tokio::test]
async fn what_cannot_be_reached_is_told_by_phase() {
    let port = tests::console_process::free_port();
    let tls = SmtpSink::start("tls", "self", None);
    for (url, words) in [
        ("https://no-such-host.invalid/x".to_string(), "The name no-such-host.invalid is not known."),
        (format!("http://127.0.0.1:{port}/x"), "does not take connections"),
        (format!("https://localhost:{}/x", tls.port), "self-made"),
    ] {
        let directory = tempfile::tempdir().expect("a directory");
        let why = test_of(&console_by_hand(&directory).await, destination_of(&url)).await.expect_err("out of reach");
        assert!(why.contains(words), "{url}: {why}");
    }
}

#[tokio::test]
async fn the_ping_is_a_get_after_each_verified_backup() {
    let directory = tempfile::tempdir().expect("a directory");
    let console = console_by_hand(&directory).await;
    let receiver = Receiver::start([Answer::Status(503)]).await;
    let ping = NewPing::Set(address(&format!("{}/ping/abc", receiver.url)));
    let change = ChangeAlarms { deployment: sales(), allowance: None, repeat: None, ping };
    console.console.perform(&actor(Role::Lead), change).await.expect("set");
    let start = StartBackup {
        deployment: sales(),
        reason: domain::text::Reason::default(),
        targets: vec![],
        kind: Default::default(),
    };
    let job = console.console.perform(&actor(Role::Operator), start).await.expect("queued");
    while console.drive(job, 10).await.expect("the store works") {}
    console.notify().await.expect("the store works");
    console.clock.forward(chrono::TimeDelta::minutes(1));
    console.notify().await.expect("the store works");
    let got = receiver.got();
    assert_eq!(
        got.iter().map(|g| (g.method.as_str(), g.path.as_str(), g.body.len())).collect::<Vec<_>>(),
        [("GET", "/ping/abc", 0); 2]
    );
    assert_eq!(serde_json::to_value(log(&console).await[0].state).expect("json"), json!("delivered"));
}
