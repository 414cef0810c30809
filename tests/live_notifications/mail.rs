//! E-mail to a real mail server.

use super::{console_by_hand, test_of};
use domain::channel::{Address, Destination, MailServer, Security, SignIn};
use std::process::Command;
use tests::smtp_sink::{SmtpSink, directory};

const PASSWORD: &str = "hunter2 \"quoted\"";

fn people(text: &str) -> Vec<Address> {
    Address::parse_list("to", text).expect("addresses")
}

fn mail(host: &str, port: u16, security: Security, password: Option<&str>, to: &str) -> Destination {
    let sign_in = password.map(|password| SignIn { user: "console".into(), password: password.into() });
    let server = MailServer::parse(host, Some(port), security, sign_in).expect("a server");
    Destination::Email { server, from: people("console@example.com").remove(0), to: people(to) }
}

/// Sends a test in a console of its own.
async fn send(to: Destination) -> Result<(), String> {
    let directory = tempfile::tempdir().expect("a directory");
    test_of(&console_by_hand(&directory).await, to).await
}

#[tokio::test]
async fn a_mail_arrives_with_its_subject_and_text() {
    let mut sink = SmtpSink::start("none", "self", None);
    send(mail("localhost", sink.port, Security::None, None, "ana@example.com, ben@example.org"))
        .await
        .expect("it arrives");
    let message = sink.message();
    assert_eq!(
        (&message["from"], &message["to"]),
        (&"console@example.com".into(), &serde_json::json!(["ana@example.com", "ben@example.org"]))
    );
    let text = message["text"].as_str().expect("text");
    assert!(text.contains("Subject: [neo4j] A test of the channel ops.\r\n"), "{text}");
    assert!(text.contains("Message-ID: <test-") && text.contains("Content-Type: text/plain; charset=utf-8"), "{text}");
    assert!(text.contains("asked for it in the Neo4j Admin Console"), "{text}");
}

#[tokio::test]
async fn a_self_made_certificate_is_refused_in_words_and_nothing_is_sent() {
    for (word, security) in [("starttls", Security::Starttls), ("tls", Security::Tls)] {
        let sink = SmtpSink::start(word, "self", Some(PASSWORD));
        let why =
            send(mail("localhost", sink.port, security, Some(PASSWORD), "ana@example.com")).await.expect_err("refused");
        assert!(why.contains("The encrypted connection to localhost") && why.contains("self-made"), "{why}");
        assert_eq!(sink.end(), 0);
    }
}

#[tokio::test]
async fn without_starttls_nothing_is_sent_in_the_clear() {
    let sink = SmtpSink::start("none", "self", None);
    let why = send(mail("localhost", sink.port, Security::Starttls, Some(PASSWORD), "ana@example.com"))
        .await
        .expect_err("refused");
    assert!(why.contains("does not offer STARTTLS; nothing was sent"), "{why}");
    assert_eq!(sink.end(), 0);
}

#[tokio::test]
async fn a_wrong_password_and_a_refused_recipient_are_told_apart() {
    let mut sink = SmtpSink::start("none", "self", Some(PASSWORD));
    let to = |password, to| mail("127.0.0.1", sink.port, Security::None, Some(password), to);
    let why = send(to("wrong", "ana@example.com")).await.expect_err("refused");
    assert!(why.contains("refused the user or the password: 535"), "{why}");
    let why = send(to(PASSWORD, "ana@example.com, nobody@example.com")).await.expect_err("refused");
    assert!(why.contains("refused nobody@example.com: 550"), "{why}");
    send(to(PASSWORD, "ana@example.com")).await.expect("it arrives");
    assert_eq!(sink.message()["to"], serde_json::json!(["ana@example.com"]));
    assert_eq!(sink.end(), 0, "only the last one");
}

#[tokio::test]
async fn what_cannot_be_reached_is_told_by_phase() {
    let closed = tests::console_process::free_port();
    let web = super::receiver::Receiver::start([]).await;
    let web: u16 = web.url.rsplit(':').next().and_then(|p| p.parse().ok()).expect("a port");
    let plain = SmtpSink::start("none", "self", None);
    for (host, port, security, words) in [
        ("no-such-host.invalid", 587, Security::Starttls, "The name no-such-host.invalid is not known."),
        ("127.0.0.1", closed, Security::Starttls, "does not take connections"),
        ("localhost", plain.port, Security::Tls, "it does not speak TLS on this port"),
    ] {
        let why = send(mail(host, port, security, None, "ana@example.com")).await.expect_err("out of reach");
        assert!(why.contains(words), "{why}");
    }
    // A web server waits for the client to speak first, as a mail client does.
    let why = send(mail("127.0.0.1", web, Security::None, None, "ana@example.com")).await.expect_err("no mail server");
    assert!(why.contains(&format!("127.0.0.1:{web} did not answer in time")), "{why}");
}

/// Known authorities are read from the machine; a process of its own can be told of one more.
#[test]
fn a_certificate_of_a_known_authority_is_taken() {
    let again = Command::new(std::env::current_exe().expect("the tests' own path"))
        .args(["--exact", "live_notifications::mail::over_encrypted_connections", "--ignored"])
        .env("SSL_CERT_FILE", directory().join("authority.pem"))
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&again.stdout);
    assert!(again.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&again.stderr));
}

#[tokio::test]
#[ignore = "a_certificate_of_a_known_authority_is_taken runs it, in a process that knows the authority"]
async fn over_encrypted_connections() {
    for (word, security) in [("starttls", Security::Starttls), ("tls", Security::Tls)] {
        let mut sink = SmtpSink::start(word, "good", (word == "starttls").then_some(PASSWORD));
        let password = (word == "starttls").then_some(PASSWORD);
        send(mail("localhost", sink.port, security, password, "ana@example.com")).await.expect("it arrives");
        assert_eq!(sink.message()["to"], serde_json::json!(["ana@example.com"]));
        let why =
            send(mail("127.0.0.1", sink.port, security, None, "ana@example.com")).await.expect_err("another name");
        assert!(why.contains("its certificate is for another name"), "{why}");
    }
}
