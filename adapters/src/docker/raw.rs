//! Answers of the engine as it gave them, and requests as they are meant.
//!
//! bollard reads an answer through its models, which drop every field they do not know, and output through a decoder
//! that may panic; it has no request of one's own. But the export of a container it hands out as plain bytes, and it
//! lets its user change a request before it is sent. So a copy of the client asks for an export and sends another path,
//! or another body, over the same connection and with the same certificates.

use super::errors::{READ, WRITE, bounded, in_path};
use bollard::errors::Error;
use bollard::{Docker, body_full};
use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt, TryStreamExt};
use ports::EngineError;
use serde_json::Value;

/// The largest description that is read. A large one has some ten thousand bytes.
const LONGEST: usize = 16 * 1024 * 1024;

/// The answer's body to `GET path`. `path` with its query; what stands in it was checked with [`in_path`]. Only the
/// wait for the answer's head is bounded here, by [`WRITE`].
pub fn get(client: &Docker, path: String) -> BoxStream<'static, Result<Bytes, Error>> {
    let changed = client.clone().with_timeout(WRITE).with_request_modifier(move |mut request| {
        let uri = request.uri();
        let (scheme, authority) = (uri.scheme_str().unwrap_or_default(), uri.authority().map(ToString::to_string));
        // An empty address leads nowhere; the old one would be an export.
        *request.uri_mut() = format!("{scheme}://{}{path}", authority.unwrap_or_default()).parse().unwrap_or_default();
        request
    });
    changed.export_container("any").boxed()
}

/// Every field of a container, also those bollard's model lacks.
pub async fn inspect(client: &Docker, id: &str) -> Result<Value, EngineError> {
    let path = format!("/containers/{}/json", in_path(id)?);
    document(client, &format!("inspect a container (GET {path})"), path.clone()).await
}

/// The same of an image, by its id or name.
pub async fn image(client: &Docker, id: &str) -> Result<Value, EngineError> {
    let path = format!("/images/{}/json", in_path(id)?);
    document(client, &format!("inspect an image (GET {path})"), path.clone()).await
}

async fn document(client: &Docker, asked: &str, path: String) -> Result<Value, EngineError> {
    let whole = get(client, path).try_fold(vec![], |mut whole: Vec<u8>, piece| async move {
        if whole.len() + piece.len() > LONGEST {
            return Err(Error::DockerStreamError { error: format!("the answer is longer than {LONGEST} bytes") });
        }
        whole.extend_from_slice(&piece);
        Ok(whole)
    });
    let whole = bounded(asked, READ, whole).await?;
    serde_json::from_slice(&whole).map_err(|error| EngineError::Failed(format!("{asked}: {error}")))
}

/// A copy of the client that sends this as the body of a request, whatever is given to bollard's model.
pub fn saying(client: &Docker, body: &Value) -> Docker {
    let bytes = Bytes::from(body.to_string());
    client.clone().with_request_modifier(move |mut request| {
        *request.body_mut() = body_full(bytes.clone());
        request
    })
}

#[cfg(test)]
mod tests {
    use super::super::scripted_engine::{Answer, ScriptedEngine};
    use super::*;

    #[tokio::test]
    async fn a_field_nobody_knows_is_kept_and_the_path_is_the_one_that_was_asked_for() {
        let body = r#"{"Id":"x","HostConfig":{"Future":{"Deep":[1.5,18446744073709551615,null]}}}"#;
        let engine = ScriptedEngine::start(vec![Answer::json(body)]).await;
        let seen = inspect(&engine.client, "sales").await.expect("a description");
        assert_eq!(seen["HostConfig"]["Future"]["Deep"], serde_json::json!([1.5, u64::MAX, null]));
        assert_eq!(engine.asked().await, ["GET /containers/sales/json"]);
    }

    #[tokio::test]
    async fn an_answer_that_breaks_off_or_is_none_is_an_error() {
        let engine = ScriptedEngine::start(vec![Answer::pieces(&[br#"{"Id":"#]), Answer::json("<html>")]).await;
        let broken = inspect(&engine.client, "sales").await;
        assert!(matches!(broken, Err(EngineError::Unreachable(_))), "{broken:?}");
        let nonsense = inspect(&engine.client, "sales").await;
        assert!(matches!(nonsense, Err(EngineError::Failed(_))), "{nonsense:?}");
        engine.asked().await;
    }
}
