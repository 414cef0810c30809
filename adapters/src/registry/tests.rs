//! The adapter against a server that answers as it is told to.

use super::*;
use domain::registry_sign_in::{RegistryHost, RegistryPassword, RegistryUser};
use std::net::Ipv4Addr;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

struct Scripted {
    image: ImageReference,
    asked: JoinHandle<Vec<String>>,
}

/// Gives these answers, one a connection. `PORT` in them is its own.
async fn scripted(answers: Vec<String>) -> Scripted {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let asked = tokio::spawn(async move {
        let mut asked = vec![];
        for answer in answers {
            let (mut stream, _) = listener.accept().await.expect("a client");
            asked.push(request(&mut stream).await);
            stream.write_all(answer.replace("PORT", &port.to_string()).as_bytes()).await.expect("answered");
        }
        asked
    });
    Scripted { image: ImageReference::parse(&format!("127.0.0.1:{port}/neo4j:5")).expect("an image"), asked }
}

async fn request(stream: &mut TcpStream) -> String {
    let mut head = vec![];
    while !head.windows(4).any(|four| four == b"\r\n\r\n") {
        let mut piece = [0; 1024];
        let read = stream.read(&mut piece).await.expect("a request");
        assert!(read > 0, "the client said nothing");
        head.extend_from_slice(&piece[..read]);
    }
    String::from_utf8_lossy(&head).into_owned()
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n{headers}\r\n{body}", body.len())
}

fn challenge(realm: &str) -> String {
    let header = format!("WWW-Authenticate: Bearer realm=\"{realm}\",service=\"here\"\r\n");
    answer("401 Unauthorized", &header, "{}")
}

fn client() -> RegistryClient {
    RegistryClient::new(Outbound::new(Vec::new(), None).with_private())
}

fn sign_in(registry: &Scripted) -> RegistrySignIn {
    RegistrySignIn {
        host: RegistryHost::of(&registry.image),
        user: RegistryUser::parse("ana").expect("a user"),
        password: RegistryPassword::parse("hunter2").expect("a password"),
    }
}

/// `ana:hunter2`
const BASIC: &str = "authorization: basic yw5homh1bnrlcji=";

/// Which of the questions showed the password.
fn showed(asked: &[String]) -> Vec<bool> {
    asked.iter().map(|head| head.to_lowercase().contains(BASIC)).collect()
}

async fn tags(answers: Vec<String>) -> (Result<Vec<String>>, Vec<String>) {
    let registry = scripted(answers).await;
    let told = client().tags(&registry.image, None).await;
    (told, registry.asked.await.expect("it ended"))
}

#[tokio::test]
async fn a_token_is_fetched_once_and_shown_to_the_registry_alone() {
    let more = "Link: <http://elsewhere.example.com/v2/neo4j/tags/list?last=a>; rel=\"next\"\r\n";
    let answers = vec![
        challenge("http://user:word@127.0.0.1:PORT/token"),
        answer("200 OK", "", r#"{"access_token":"abc"}"#),
        answer("200 OK", more, r#"{"name":"neo4j","tags":["a","-no tag","<b>"]}"#),
        answer("200 OK", "", r#"{"name":"neo4j","tags":null}"#),
    ];
    let (told, asked) = tags(answers).await;
    assert_eq!(told, Ok(vec!["a".into()]), "what cannot be a tag is left out");
    let lines: Vec<&str> = asked.iter().filter_map(|head| head.lines().next()).collect();
    assert_eq!(
        lines,
        [
            "GET /v2/neo4j/tags/list?n=1000 HTTP/1.1",
            "GET /token?service=here&scope=repository%3Aneo4j%3Apull HTTP/1.1",
            "GET /v2/neo4j/tags/list?n=1000 HTTP/1.1",
            "GET /v2/neo4j/tags/list?last=a HTTP/1.1",
        ]
    );
    let signed: Vec<bool> =
        asked.iter().map(|head| head.to_lowercase().contains("authorization: bearer abc")).collect();
    assert_eq!(signed, [false, false, true, true]);
    assert!(!asked.concat().to_lowercase().contains("authorization: basic"), "{asked:?}");
}

#[tokio::test]
async fn each_answer_becomes_the_error_that_tells_what_to_do() {
    let basic = answer("401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n", "");
    assert!(matches!(tags(vec![basic]).await.0, Err(RegistryError::Denied(_))));
    assert!(matches!(tags(vec![answer("404 Not Found", "", "")]).await.0, Err(RegistryError::NotFound(_))));
    let here = || challenge("http://127.0.0.1:PORT/token");
    let still = vec![here(), answer("200 OK", "", r#"{"token":"abc"}"#), here()];
    assert!(matches!(tags(still).await.0, Err(RegistryError::Denied(_))), "a token that is not enough");
    for (answers, words) in [
        (vec![answer("302 Found", "Location: http://127.0.0.1:1/\r\n", "")], "lead on"),
        (vec![answer("429 Too Many Requests", "", "")], "too often"),
        (vec![answer("500 Oh", "", "secret")], "HTTP status 500"),
        (vec![answer("200 OK", "", "<html>secret")], "something else than tags"),
        (vec![answer("200 OK", "", r#"{"name":"secret"}"#)], "something else than tags"),
        (vec![challenge("nowhere")], "from nowhere"),
        (vec![challenge("http://192.0.2.1/token")], "unencrypted"),
        (vec![challenge("https://169.254.169.254/token")], "does not call"),
        (vec![here(), answer("200 OK", "", "secret")], "gave no token"),
        (vec![here(), answer("200 OK", "", r#"{"token":"a\r\nb"}"#)], "gave no token"),
        (vec![here(), answer("503 Oh", "", "secret")], "HTTP status 503"),
    ] {
        let (told, _) = tags(answers).await;
        let Err(RegistryError::Failed(why)) = &told else { panic!("{words}: {told:?}") };
        assert!(why.contains(words) && !why.contains("secret"), "{why}");
    }
}

#[tokio::test]
async fn what_is_cut_short_or_has_no_end_is_no_list() {
    let cut = "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nConnection: close\r\n\r\n{\"tags\":[".to_string();
    assert!(matches!(tags(vec![cut]).await.0, Err(RegistryError::Unreachable(_))));
    let tags_of =
        |count: usize| serde_json::json!({ "tags": (0..count).map(|n| format!("5.{n}")).collect::<Vec<_>>() });
    let most = answer("200 OK", "", &tags_of(TAGS).to_string());
    assert_eq!(tags(vec![most]).await.0.map(|all| all.len()), Ok(TAGS));
    let many = answer("200 OK", "", &tags_of(TAGS + 1).to_string());
    assert!(matches!(tags(vec![many]).await.0, Err(RegistryError::TooMuch(_))));
    let same = answer("200 OK", "Link: </v2/neo4j/tags/list>; rel=\"next\"\r\n", r#"{"tags":[]}"#);
    assert!(matches!(tags(vec![same; PAGES]).await.0, Err(RegistryError::TooMuch(_))));
}

#[tokio::test]
async fn a_digest_is_asked_for_without_the_manifest() {
    let digest = format!("sha256:{}", "0a".repeat(32));
    let head = |header: &str| vec![answer("200 OK", header, "")];
    let registry = scripted(head(&format!("Docker-Content-Digest: {digest}\r\n"))).await;
    assert_eq!(client().digest(&registry.image, None).await, Ok(digest));
    let asked = registry.asked.await.expect("it ended").concat();
    assert!(asked.starts_with("HEAD /v2/neo4j/manifests/5 ") && asked.contains("image.index.v1+json"), "{asked}");
    let registry = scripted(head("Docker-Content-Digest: sha256:0a\r\n")).await;
    let told = client().digest(&registry.image, None).await;
    assert!(matches!(&told, Err(RegistryError::Failed(why)) if why.contains("digest")), "{told:?}");
}

#[tokio::test]
async fn docker_itself_and_places_of_secrets_are_never_asked() {
    let registry = scripted(vec![]).await;
    let port = registry.image.registry().rsplit_once(':').expect("a port").1.parse().expect("a number");
    let engine = Outbound::new(Vec::new(), Some(("127.0.0.1".into(), port))).with_private();
    let told = RegistryClient::new(engine).tags(&registry.image, None).await;
    assert!(matches!(&told, Err(RegistryError::Failed(why)) if why.contains("does not call")), "{told:?}");
    let metadata = ImageReference::parse("169.254.169.254/neo4j:5").expect("an image");
    let told = client().tags(&metadata, None).await;
    assert!(matches!(&told, Err(RegistryError::Failed(why)) if why.contains("does not call")), "{told:?}");
}

#[tokio::test(start_paused = true)]
async fn a_registry_that_says_nothing_is_given_up() {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let image = ImageReference::parse(&format!("127.0.0.1:{port}/neo4j")).expect("an image");
    let told = client().tags(&image, None).await;
    assert!(matches!(told, Err(RegistryError::Unreachable(_))), "{told:?}");
}

#[tokio::test]
async fn a_password_is_shown_where_it_is_asked_for_and_nowhere_else() {
    let list = || answer("200 OK", "", r#"{"tags":["a"]}"#);
    let basic = || answer("401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n", "");
    let token = || vec![challenge("http://127.0.0.1:PORT/token"), answer("200 OK", "", r#"{"token":"abc"}"#), list()];
    let on = || answer("302 Found", "Location: http://127.0.0.1:1/\r\n", "");
    for (answers, shown) in [
        (vec![list()], vec![false]),
        (vec![basic(), list()], vec![false, true]),
        (token(), vec![false, true, false]),
        (vec![basic(), on()], vec![false, true]),
        (vec![challenge("http://127.0.0.1:PORT/token"), on()], vec![false, true]),
        (vec![challenge("http://192.0.2.1/token")], vec![false]),
        (vec![answer("401 Unauthorized", "WWW-Authenticate: Digest realm=\"x\"\r\n", "")], vec![false]),
    ] {
        let registry = scripted(answers).await;
        let told = client().tags(&registry.image, Some(&sign_in(&registry))).await;
        assert!(!matches!(told, Err(RegistryError::Denied(_) | RegistryError::SignInRefused(_))), "{told:?}");
        assert_eq!(showed(&registry.asked.await.expect("it ended")), shown, "{told:?}");
    }
    let registry = scripted(vec![basic()]).await;
    let other = RegistrySignIn { host: RegistryHost::parse("r.example.com").expect("a host"), ..sign_in(&registry) };
    let told = client().tags(&registry.image, Some(&other)).await;
    assert!(matches!(told, Err(RegistryError::Denied(_))), "{told:?}");
}

#[tokio::test]
async fn a_registry_elsewhere_is_not_believed_that_tokens_are_had_here_unencrypted() {
    let outbound = Outbound::new(Vec::new(), None).with_private();
    let subject = Subject { registry: "192.0.2.1", repository: None };
    let registry = scripted(vec![]).await;
    let sign_in = sign_in(&registry);
    for (sign_in, good) in [(None, true), (Some(&sign_in), false)] {
        let session = Session::open(&outbound, subject, sign_in).await.expect("an address");
        assert_eq!(session.token_address("http://127.0.0.1/token").is_ok(), good);
        assert!(session.token_address("https://auth.example.com/token").is_ok());
    }
}

#[tokio::test]
async fn a_sign_in_is_tried_as_docker_does_and_every_refusal_is_told() {
    let basic = || answer("401 Unauthorized", "WWW-Authenticate: Basic realm=\"x\"\r\n", "secret");
    let here = || challenge("http://127.0.0.1:PORT/token");
    let token = || answer("200 OK", "", r#"{"token":"abc"}"#);
    let fine = || answer("200 OK", "", "");
    for (answers, paths) in [
        (vec![basic(), fine()], vec!["/v2/", "/v2/"]),
        (vec![fine(), fine()], vec!["/v2/", "/v2/"]),
        (vec![here(), token(), fine()], vec!["/v2/", "/token?service=here", "/v2/"]),
    ] {
        let registry = scripted(answers).await;
        assert_eq!(client().try_sign_in(&sign_in(&registry)).await, Ok(()));
        let asked = registry.asked.await.expect("it ended");
        let seen: Vec<&str> = asked.iter().filter_map(|head| head.split(' ').nth(1)).collect();
        assert_eq!(seen, paths);
    }
    let refused = || answer("403 Forbidden", "", "secret");
    for answers in
        [vec![basic(), basic()], vec![fine(), basic()], vec![here(), refused()], vec![here(), token(), here()]]
    {
        let registry = scripted(answers).await;
        let told = client().try_sign_in(&sign_in(&registry)).await;
        assert!(matches!(told, Err(RegistryError::SignInRefused(_))), "{told:?}");
    }
    let registry = scripted(vec![answer("404 Not Found", "", "")]).await;
    let told = client().try_sign_in(&sign_in(&registry)).await;
    assert!(matches!(&told, Err(RegistryError::Failed(why)) if why.contains("as a registry")), "{told:?}");
}
