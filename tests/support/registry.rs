//! A registry of images on loopback with one small image, that answers as the distribution specification says, and some
//! repositories that only have tags or answer badly. Docker speaks to a registry on loopback without TLS. Ended when
//! dropped.

mod bad;
mod door;
mod tags;

pub use door::{Door, PASSWORD, USER, sign_in};

use axum::Router;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_TYPE, RANGE, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const CONFIG: &str = "application/vnd.docker.container.image.v1+json";
const LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";
const DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

pub struct Registry {
    pub port: u16,
    image: Arc<Image>,
    task: tokio::task::JoinHandle<()>,
}

/// Digest → what has it, and its type.
type Kept = HashMap<String, (Vec<u8>, &'static str)>;

struct Image {
    manifest: String,
    kept: Kept,
    /// How often tags were asked for.
    pages: AtomicUsize,
}

impl Registry {
    /// With the image `tiny:1`: one layer with one file of `content`. Of `cut:1`, which is the same, the layer always
    /// ends in its middle with the connection. What is below `private/` wants a sign-in,
    /// `guarded` a token that anybody gets. `many` and `guarded` have 1,000 tags; `garbage`, `endless` and `circle`
    /// answer with what is no list, has no end, or leads to itself.
    pub async fn start(content: &[u8]) -> Self {
        Self::serve(content, None).await
    }

    /// The same, only for [`USER`] with [`PASSWORD`].
    pub async fn behind(door: Door, content: &[u8]) -> Self {
        Self::serve(content, Some(door)).await
    }

    async fn serve(content: &[u8], door: Option<Door>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let image = Arc::new(image(content));
        let routes = Router::new()
            .merge(tags::routes())
            .merge(bad::routes())
            .route("/v2/", get(|| async { "{}" }))
            .route("/v2/{name}/manifests/{reference}", get(manifest))
            .route("/v2/{name}/blobs/{digest}", get(blob))
            .route("/v2/private/{*rest}", get(private));
        let routes = door.map_or(routes.clone(), |door| door.before(routes)).with_state(image.clone());
        let task = tokio::spawn(async move { axum::serve(listener, routes).await.expect("it serves") });
        Self { port, image, task }
    }

    /// Of the manifest of `tiny:1`.
    pub fn digest(&self) -> &str {
        &self.image.manifest
    }

    /// How often it was asked for tags, whatever it answered.
    pub fn pages(&self) -> usize {
        self.image.pages.load(Ordering::Relaxed)
    }

    /// How an engine names an image of this registry.
    pub fn image(&self, name: &str) -> String {
        format!("127.0.0.1:{}/{name}", self.port)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

fn image(content: &[u8]) -> Image {
    let mut tar = tar::Builder::new(vec![]);
    let mut header = tar::Header::new_gnu();
    header.set_size(content.len() as u64);
    header.set_mode(0o644);
    tar.append_data(&mut header, "content", content).expect("a file");
    // Docker finds out by itself that it is not compressed.
    let layer = tar.into_inner().expect("a layer");
    let config = json!({
        "architecture": "amd64", "os": "linux", "config": { "Cmd": ["/nothing"] },
        "rootfs": { "type": "layers", "diff_ids": [digest(&layer)] },
    });
    let config = config.to_string().into_bytes();
    let part = |bytes: &[u8], kind: &str| json!({ "mediaType": kind, "size": bytes.len(), "digest": digest(bytes) });
    let manifest = json!({
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": part(&config, CONFIG), "layers": [part(&layer, LAYER)],
    });
    let manifest = manifest.to_string().into_bytes();
    let name = digest(&manifest);
    let kept = [(manifest, MANIFEST), (config, CONFIG), (layer, LAYER)];
    Image {
        pages: AtomicUsize::new(0),
        manifest: name,
        kept: kept.into_iter().map(|one| (digest(&one.0), one)).collect(),
    }
}

fn unknown(code: &str) -> Response {
    (StatusCode::NOT_FOUND, json!({ "errors": [{ "code": code, "message": "unknown" }] }).to_string()).into_response()
}

async fn manifest(State(image): State<Arc<Image>>, Path((name, reference)): Path<(String, String)>) -> Response {
    let by_tag = ["tiny", "cut"].contains(&name.as_str()) && reference == "1";
    if by_tag { kept(&image, &image.manifest) } else { kept(&image, &reference) }
        .unwrap_or_else(|| unknown("MANIFEST_UNKNOWN"))
}

async fn blob(
    State(image): State<Arc<Image>>,
    Path((name, digest)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    if let Some((layer, _)) = image.kept.get(&digest).filter(|(_, kind)| name == "cut" && *kind == LAYER) {
        return bad::cut_short(layer, headers.contains_key(RANGE));
    }
    kept(&image, &digest).unwrap_or_else(|| unknown("BLOB_UNKNOWN"))
}

fn kept(image: &Image, digest: &str) -> Option<Response> {
    let (bytes, kind) = image.kept.get(digest)?;
    Some(([(CONTENT_TYPE, (*kind).to_string()), (DIGEST, digest.to_string())], bytes.clone()).into_response())
}

async fn private() -> Response {
    (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, "Basic realm=\"test\"")], "{}").into_response()
}
