//! A real client against a store that answers what the test says, over names made to mislead.

use crate::s3::S3Store;
use crate::tls;
use domain::target::S3;
use object_store::client::{HttpError, HttpErrorKind};
use ports::{Keys, Target, TargetError};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Of a deployment named `tls`, in a bucket of certificates, made at 10:40:30.
const KEY: &str = "tls/20260403T104030Z-timeout-507/certificate.tar";

fn place(endpoint: String) -> S3 {
    S3 {
        endpoint,
        region: "eu".into(),
        bucket: "dns-403".into(),
        prefix: "AccessDenied".into(),
        path_style: true,
        storage_class: String::new(),
        server_side_encryption: String::new(),
    }
}

fn store(endpoint: String) -> S3Store {
    tls::install_provider();
    let keys = Keys { access_key: "key".into(), secret_key: "secret".into() };
    S3Store::new(&place(endpoint), Some(&keys), &std::env::temp_dir()).expect("a store")
}

/// A port that answers each request so.
async fn answering(status: &str, body: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 8_192];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
        }
    });
    port
}

/// As a store words its refusals: the resource is in them too.
fn refusal(code: &str) -> String {
    format!("<Error><Code>{code}</Code><Message>No.</Message><Resource>/dns-403/{KEY}</Resource></Error>")
}

async fn get(status: &str, body: String) -> TargetError {
    let port = answering(status, body).await;
    store(format!("http://127.0.0.1:{port}")).get(KEY).await.err().expect("refused")
}

#[tokio::test]
async fn each_refusal_is_named_by_its_code_whatever_the_object_is_called() {
    for (status, code, word) in [
        ("403 Forbidden", "RequestTimeTooSkewed", "clock"),
        ("403 Forbidden", "SignatureDoesNotMatch", "secret key"),
        ("403 Forbidden", "InvalidAccessKeyId", "access key"),
        ("404 Not Found", "NoSuchBucket", "no such bucket"),
        ("403 Forbidden", "AccessDenied", "may not"),
        ("403 Forbidden", "SomethingElse", "may not"),
    ] {
        let said = get(status, refusal(code)).await.to_string();
        assert!(said.contains(word) && !said.contains("TLS"), "{code}: {said}");
    }
    let said = get("400 Bad Request", refusal("InvalidRequest")).await.to_string();
    for wrong in ["TLS", "DNS", "does not answer", "may not"] {
        assert!(!said.contains(wrong), "{said}");
    }
    assert!(matches!(get("400 Bad Request", refusal("QuotaExceeded")).await, TargetError::Full(_)));
    assert!(matches!(get("404 Not Found", refusal("NoSuchKey")).await, TargetError::Missing(_)));
}

#[tokio::test]
async fn a_listing_and_an_answer_without_a_body_are_told_by_their_status() {
    let port = answering("403 Forbidden", String::new()).await;
    let store = store(format!("http://127.0.0.1:{port}"));
    for said in [store.list("tls").await.err(), store.size(KEY).await.err()] {
        assert!(said.expect("refused").to_string().contains("may not"));
    }
}

#[tokio::test]
async fn a_connection_that_fails_is_told_from_a_handshake_that_does() {
    let port = answering("200 OK", String::new()).await;
    let said = store(format!("https://127.0.0.1:{port}")).size(KEY).await.expect_err("no TLS there").to_string();
    assert!(said.contains("(TLS)"), "{said}");
    let closed = TcpListener::bind("127.0.0.1:0").await.expect("a port").local_addr().expect("bound").port();
    let said = store(format!("http://127.0.0.1:{closed}")).size(KEY).await.expect_err("closed").to_string();
    assert!(said.contains("does not answer") && !said.contains("(TLS)"), "{said}");
}

/// The real one is asked in `live_targets`.
#[test]
fn an_unknown_name_is_told_by_the_resolvers_own_words() {
    let said = |text: &'static str| {
        let broken = HttpError::new(HttpErrorKind::Connect, std::io::Error::other(text));
        let error = object_store::Error::Generic { store: "S3", source: Box::new(broken) };
        super::explain(&place(String::new()), KEY, &error).to_string()
    };
    assert!(said("dns error").contains("(DNS)"));
    assert!(said("no dns error").contains("does not answer"));
}
