//! Fetching an image from its registry. The engine fetches and unpacks; here its many words become one progress.

use super::containers::inspect_image;
use super::errors::{IDLE, in_path, translate};
use bollard::Docker;
use bollard::auth::DockerCredentials;
use bollard::errors::Error;
use bollard::models::CreateImageInfo;
use bollard::query_parameters::CreateImageOptionsBuilder;
use domain::registry_sign_in::RegistrySignIn;
use futures::stream::{self, BoxStream};
use futures::{Stream, StreamExt};
use ports::{EngineError, PullProgress, PullStream};
use reqwest::header::HeaderValue;
use std::collections::HashMap;
use std::time::Duration;

/// The longest silence once it has begun. While a large layer is moved to its place the engine says nothing.
const SILENT: Duration = Duration::from_mins(10);
/// More layers than an image can have, so that an answer without an end takes no memory.
const LAYERS: usize = 1024;

pub async fn pull(client: &Docker, image: &str, sign_in: Option<&RegistrySignIn>) -> Result<PullStream, EngineError> {
    let image = with_tag(in_path(image)?);
    let options = CreateImageOptionsBuilder::new().from_image(&image).build();
    let asking = with_readable_sign_in(client);
    let mut answers = asking.create_image(Some(options), None, sign_in.map(credentials)).boxed();
    // The first answer is awaited here, so that what cannot be pulled is an error of the call and not of the stream.
    let first = next(&image, IDLE, &mut answers).await.transpose()?;
    let mut pull = Pull { client: client.clone(), image, answers, layers: Layers::default(), ended: false };
    let first = first.map(|answer| Ok(pull.layers.take(answer)));
    let rest = stream::unfold(pull, |mut pull| async move { Some((pull.next().await?, pull)) });
    Ok(stream::iter(first).chain(rest).boxed())
}

/// The engine shows them to the image's registry alone; the address is what `docker login` keeps them under.
fn credentials(sign_in: &RegistrySignIn) -> DockerCredentials {
    let host = sign_in.host.as_str();
    let address = if host == "docker.io" { "https://index.docker.io/v1/" } else { host };
    DockerCredentials {
        username: Some(sign_in.user.as_str().into()),
        password: Some(sign_in.password.expose().into()),
        serveraddress: Some(address.into()),
        ..DockerCredentials::default()
    }
}

/// bollard writes a sign-in in base64's common alphabet. The engine reads the one for addresses, and what it cannot
/// read is no sign-in to it: passwords with some signs would not be shown to the registry, without a word.
fn with_readable_sign_in(client: &Docker) -> Docker {
    client.clone().with_request_modifier(|mut request| {
        if let Some(value) = request.headers_mut().get_mut("X-Registry-Auth") {
            let text = value.to_str().unwrap_or_default().replace('+', "-").replace('/', "_");
            *value = HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""));
            value.set_sensitive(true);
        }
        request
    })
}

/// Without a tag the engine would fetch every image of the repository.
fn with_tag(image: &str) -> String {
    let name = image.rsplit('/').next().unwrap_or_default();
    if name.contains([':', '@']) { image.into() } else { format!("{image}:latest") }
}

type Answers = BoxStream<'static, Result<CreateImageInfo, Error>>;

async fn next(
    image: &str,
    limit: Duration,
    answers: &mut (impl Stream<Item = Result<CreateImageInfo, Error>> + Unpin),
) -> Option<Result<CreateImageInfo, EngineError>> {
    match tokio::time::timeout(limit, answers.next()).await {
        Ok(answer) => answer.map(|answer| answer.map_err(|error| refused(image, &error))),
        Err(_) => Some(Err(EngineError::Unreachable(format!(
            "nothing came for {} s of the image {image} (POST /images/create)",
            limit.as_secs()
        )))),
    }
}

struct Pull {
    client: Docker,
    image: String,
    answers: Answers,
    layers: Layers,
    ended: bool,
}

impl Pull {
    async fn next(&mut self) -> Option<Result<PullProgress, EngineError>> {
        if self.ended {
            return None;
        }
        let answer = next(&self.image, SILENT, &mut self.answers).await;
        self.ended = !matches!(answer, Some(Ok(_)));
        match answer {
            Some(answer) => Some(answer.map(|answer| self.layers.take(answer))),
            // A proxy between may end an answer politely that was not whole.
            None => inspect_image(&self.client, &self.image).await.err().map(Err),
        }
    }
}

/// What is known of the layers that are downloaded.
#[derive(Default)]
struct Layers {
    /// Bytes done and in all.
    known: HashMap<String, (u64, u64)>,
}

impl Layers {
    fn take(&mut self, answer: CreateImageInfo) -> PullProgress {
        let status = answer.status.unwrap_or_default();
        let id = answer.id.unwrap_or_default();
        if self.known.len() < LAYERS || self.known.contains_key(&id) {
            self.note(id, &status, answer.progress_detail.and_then(|detail| Some((detail.current?, detail.total?))));
        }
        let (done, total) = self.known.values().fold((0, 0), |sum, layer| (sum.0 + layer.0, sum.1 + layer.1));
        PullProgress { status, done, total }
    }

    /// Unpacking counts the same bytes a second time.
    fn note(&mut self, id: String, status: &str, bytes: Option<(i64, i64)>) {
        let bytes = bytes.and_then(|(done, total)| Some((u64::try_from(done).ok()?, u64::try_from(total).ok()?)));
        match (status, bytes) {
            ("Downloading", Some((done, total))) => {
                self.known.insert(id, (done.min(total), total));
            }
            ("Extracting", Some((_, total))) => {
                self.known.insert(id, (total, total));
            }
            ("Verifying Checksum" | "Download complete" | "Pull complete", _) => {
                if let Some(layer) = self.known.get_mut(&id) {
                    layer.0 = layer.1;
                }
            }
            _ => {}
        }
    }
}

/// The engine passes on what it heard of the registry in words, under any status or in the midst of its answer.
fn refused(image: &str, error: &Error) -> EngineError {
    let asked = format!("pull the image {image} (POST /images/create)");
    let (status, words) = match error {
        // Of a socket proxy.
        Error::DockerResponseServerError { status_code: 403 | 502..=504, .. } => return translate(&asked, error),
        Error::DockerResponseServerError { status_code, message } => (*status_code, message.as_str()),
        Error::DockerStreamError { error } => (200, error.as_str()),
        other => return translate(&asked, other),
    };
    let has = |all: &[&str]| all.iter().any(|one| words.to_lowercase().contains(one));
    let told = || format!("{image}: {}", words.trim().chars().take(400).collect::<String>());
    if has(&["no space left on device"]) {
        EngineError::DiskFull(told())
    } else if has(&UNREACHABLE) {
        EngineError::Unreachable(format!("the registry is not reached: {}", told()))
    } else if status == 404 || has(&UNKNOWN) {
        EngineError::NotFound(told())
    } else if has(&FORBIDDEN) {
        EngineError::Denied(format!("the registry wants another sign-in: {}", told()))
    } else {
        EngineError::Failed(format!("{asked}: {}", told()))
    }
}

/// Of Go's network.
const UNREACHABLE: [&str; 10] = [
    "dial tcp",
    "connection refused",
    "connection reset",
    "no such host",
    "i/o timeout",
    "client.timeout exceeded",
    "tls handshake timeout",
    "context deadline exceeded",
    "unexpected eof",
    "\": eof",
];
/// A registry may hide what is private: to it that is unknown, too, and the engine's words say so.
const UNKNOWN: [&str; 5] =
    ["manifest unknown", "name unknown", "repository does not exist", "no matching manifest", "not found"];
const FORBIDDEN: [&str; 5] =
    ["unauthorized", "authentication required", "no basic auth credentials", "denied", "forbidden"];

#[cfg(test)]
mod tests {
    use super::super::scripted_engine::{Answer, ScriptedEngine};
    use super::*;

    const LAYER: &[u8] =
        b"{\"status\":\"Downloading\",\"id\":\"a\",\"progressDetail\":{\"current\":5,\"total\":9}}\r\n";

    /// The first progress, and what came after it.
    async fn after_first(answers: Vec<Answer>) -> Vec<Result<PullProgress, EngineError>> {
        let engine = ScriptedEngine::start(answers).await;
        let mut progress = pull(&engine.client, "neo4j:5", None).await.expect("it begins");
        let first = progress.next().await.expect("an answer").expect("progress");
        assert_eq!((first.done, first.total), (5, 9));
        let rest = progress.collect().await;
        assert!(engine.asked().await[0].starts_with("POST /images/create?"));
        rest
    }

    #[tokio::test]
    async fn a_pull_that_does_not_come_to_its_end_is_an_error() {
        let full = br#"{"errorDetail":{"message":"write /x: no space left on device"},"error":"x"}"#;
        let rest = after_first(vec![Answer::pieces(&[LAYER, full, b"\n"]).whole()]).await;
        assert!(matches!(rest[..], [Err(EngineError::DiskFull(_))]), "{rest:?}");
        let rest = after_first(vec![Answer::pieces(&[LAYER])]).await;
        assert!(matches!(rest[..], [Err(EngineError::Unreachable(_))]), "{rest:?}");
        let absent = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        let rest = after_first(vec![Answer::pieces(&[LAYER]).whole(), Answer::raw(absent)]).await;
        assert!(matches!(rest[..], [Err(EngineError::NotFound(_))]), "{rest:?}");
        let there = Answer::json(r#"{"Id":"sha256:0af"}"#);
        assert_eq!(after_first(vec![Answer::pieces(&[LAYER]).whole(), there]).await, []);
    }

    #[tokio::test]
    async fn whoever_drops_a_pull_lets_the_engine_go() {
        let engine = ScriptedEngine::start(vec![Answer::pieces(&[LAYER]).stays()]).await;
        drop(pull(&engine.client, "neo4j:5", None).await.expect("it begins"));
        engine.asked().await;
    }

    fn progress(layers: &mut Layers, answer: serde_json::Value) -> (u64, u64) {
        let progress = layers.take(serde_json::from_value(answer).expect("an answer"));
        (progress.done, progress.total)
    }

    #[test]
    fn the_layers_are_summed_and_unpacking_counts_nothing_twice() {
        let mut layers = Layers::default();
        let mut told = |id: &str, status: &str, detail: serde_json::Value| {
            progress(&mut layers, serde_json::json!({"id": id, "status": status, "progressDetail": detail}))
        };
        let nothing = || serde_json::json!({});
        assert_eq!(told("5.26.5", "Pulling from library/neo4j", nothing()), (0, 0));
        assert_eq!(told("a", "Pulling fs layer", nothing()), (0, 0));
        assert_eq!(told("z", "Already exists", nothing()), (0, 0));
        assert_eq!(told("a", "Downloading", serde_json::json!({"current": 10, "total": 100})), (10, 100));
        assert_eq!(told("b", "Downloading", serde_json::json!({"current": 5, "total": 50})), (15, 150));
        assert_eq!(told("a", "Download complete", nothing()), (105, 150));
        assert_eq!(told("a", "Extracting", serde_json::json!({"current": 1, "total": 100})), (105, 150));
        assert_eq!(told("b", "Downloading", serde_json::json!({"current": -1, "total": 50})), (105, 150));
        assert_eq!(told("c", "Extracting", serde_json::json!({"current": 1, "total": 7})), (112, 157));
        assert_eq!(told("b", "Pull complete", nothing()), (157, 157));
        assert_eq!(told("", "Status: Downloaded newer image for neo4j:5.26.5", nothing()), (157, 157));
        for layer in 0..2 * LAYERS {
            let _sum = told(&layer.to_string(), "Downloading", serde_json::json!({"current": 1, "total": 1}));
        }
        assert!(layers.known.len() <= LAYERS);
    }

    #[test]
    fn only_one_image_is_ever_asked_for() {
        for (given, asked) in [
            ("neo4j", "neo4j:latest"),
            ("neo4j:5.26.5", "neo4j:5.26.5"),
            ("registry:5000/team/neo4j", "registry:5000/team/neo4j:latest"),
            ("neo4j@sha256:0af", "neo4j@sha256:0af"),
        ] {
            assert_eq!(with_tag(given), asked);
        }
    }

    #[test]
    fn each_refusal_becomes_the_error_that_tells_what_to_do() {
        let of = |status_code: u16, words: &str| {
            let answered = Error::DockerResponseServerError { status_code, message: words.into() };
            let streamed = refused("neo4j:5", &Error::DockerStreamError { error: words.into() });
            (refused("neo4j:5", &answered), streamed)
        };
        let unknown = "manifest for neo4j:9 not found: manifest unknown: manifest unknown";
        assert!(
            matches!(of(404, unknown), (EngineError::NotFound(_), EngineError::NotFound(why)) if why.contains(unknown))
        );
        let hidden = "pull access denied for a/b, repository does not exist or may require 'docker login'";
        assert!(matches!(of(404, hidden), (EngineError::NotFound(_), EngineError::NotFound(_))));
        for words in ["unauthorized: authentication required", "Head \"https://r/v2/a\": no basic auth credentials"] {
            assert!(matches!(of(500, words), (EngineError::Denied(_), EngineError::Denied(_))), "{words}");
        }
        for words in [
            "Get \"https://r/v2/\": dial tcp: lookup r: no such host",
            "Get \"http://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused",
            "Get \"http://127.0.0.1:1/v2/cut/blobs/sha256:22\": EOF",
            "net/http: request canceled while waiting for connection (Client.Timeout exceeded while awaiting headers)",
        ] {
            assert!(matches!(of(500, words), (EngineError::Unreachable(_), EngineError::Unreachable(_))), "{words}");
        }
        let full = "failed to register layer: write /var/lib: no space left on device";
        assert!(matches!(of(500, full), (EngineError::DiskFull(_), EngineError::DiskFull(_))));
        let limited = "toomanyrequests: You have reached your pull rate limit";
        assert!(
            matches!(of(500, limited), (EngineError::Failed(_), EngineError::Failed(why)) if why.contains("rate limit"))
        );
        assert!(matches!(of(403, "<html>").0, EngineError::Denied(why) if why.contains("POST /images/create")));
    }

    #[tokio::test(start_paused = true)]
    async fn an_engine_that_says_nothing_is_given_up() {
        let answer = next("neo4j:5", IDLE, &mut stream::pending()).await;
        assert!(matches!(answer, Some(Err(EngineError::Unreachable(_)))));
    }
}
