//! Registries of images over HTTP, as the OCI distribution specification says. By `reqwest` itself: the crates for
//! registries resolve names, follow redirects and read answers by themselves. Here each address is looked at before it
//! is called, redirects are not followed and nothing is read without a bound (docs/decisions/0023). A sign-in goes to
//! its registry alone, and where that says that tokens are had.

mod answer;
mod connection;
mod headers;
mod session;
#[cfg(test)]
mod tests;

use super::outbound::Outbound;
use super::tls;
use answer::Room;
use async_trait::async_trait;
use domain::image::ImageReference;
use domain::registry_sign_in::{RegistryHost, RegistrySignIn};
use ports::{Registry, RegistryError};
use reqwest::Method;
use serde::Deserialize;
use session::{Session, Subject};
use std::time::Duration;
use tokio::time::timeout;

type Result<T> = std::result::Result<T, RegistryError>;

/// For all pages together, with the token.
const LIMIT: Duration = Duration::from_secs(20);
/// Of all pages together.
const BYTES: usize = 5_000_000;
const TAGS: usize = 10_000;
/// So that pages without tags come to an end, too.
const PAGES: usize = 500;
/// Asked for; registries give fewer if they like.
const AT_ONCE: usize = 1_000;

/// Asks registries. Installs the provider of TLS for the whole process.
pub struct RegistryClient {
    outbound: Outbound,
}

impl RegistryClient {
    /// Calls only what `outbound` allows.
    pub fn new(outbound: Outbound) -> Self {
        tls::install_provider();
        Self { outbound }
    }

    /// Another registry's sign-in is none.
    async fn open<'a>(&'a self, image: &ImageReference, sign_in: Option<&'a RegistrySignIn>) -> Result<Session<'a>> {
        let own = sign_in.filter(|sign_in| sign_in.host == RegistryHost::of(image));
        Session::open(&self.outbound, Subject::of(image), own).await
    }
}

#[async_trait]
impl Registry for RegistryClient {
    async fn tags(&self, image: &ImageReference, sign_in: Option<&RegistrySignIn>) -> Result<Vec<String>> {
        in_time(image.registry(), async { all_tags(self.open(image, sign_in).await?).await }).await
    }

    async fn digest(&self, image: &ImageReference, sign_in: Option<&RegistrySignIn>) -> Result<String> {
        in_time(image.registry(), async { digest(self.open(image, sign_in).await?, image).await }).await
    }

    async fn try_sign_in(&self, sign_in: &RegistrySignIn) -> Result<()> {
        let subject = Subject { registry: sign_in.host.as_str(), repository: None };
        in_time(subject.registry, async {
            Session::open(&self.outbound, subject, Some(sign_in)).await?.try_sign_in().await
        })
        .await
    }
}

async fn in_time<T>(registry: &str, asked: impl Future<Output = Result<T>>) -> Result<T> {
    let late = |_| RegistryError::Unreachable(format!("{registry} did not answer in time"));
    timeout(LIMIT, asked).await.map_err(late)?
}

/// One page. `tags` must be there, and is null of a repository without any.
#[derive(Deserialize)]
struct Listed {
    tags: serde_json::Value,
}

async fn all_tags(mut session: Session<'_>) -> Result<Vec<String>> {
    let (mut tags, mut room) = (Vec::new(), Room(BYTES));
    let mut next = Some(session.url(&format!("tags/list?n={AT_ONCE}"))?);
    for _ in 0..PAGES {
        let Some(url) = next else { return Ok(tags) };
        let response = session.ask(&Method::GET, url.clone()).await?;
        next = headers::next(response.headers(), &url);
        let body = room.read(response, &session.registry).await?;
        let listed = serde_json::from_slice::<Listed>(&body).and_then(|listed| serde_json::from_value(listed.tags));
        let page: Option<Vec<String>> = listed.map_err(|_| session.failed("answered with something else than tags"))?;
        tags.extend(page.into_iter().flatten().filter(|tag| is_tag(tag)));
        if tags.len() > TAGS {
            break;
        }
    }
    Err(RegistryError::TooMuch(session.registry))
}

/// OCI distribution specification, "Pulling manifests". What is no tag cannot be pulled and is not shown.
fn is_tag(text: &str) -> bool {
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let bytes = text.as_bytes();
    bytes.len() <= 128 && bytes.first().is_some_and(|first| word(*first)) && {
        bytes.iter().all(|byte| word(*byte) || matches!(byte, b'.' | b'-'))
    }
}

async fn digest(mut session: Session<'_>, image: &ImageReference) -> Result<String> {
    let meant = image.digest().or_else(|| image.tag_text()).unwrap_or("latest");
    let response = session.ask(&Method::HEAD, session.url(&format!("manifests/{meant}"))?).await?;
    let told = headers::digest(response.headers()).map(str::to_owned);
    told.ok_or_else(|| session.failed("does not tell the digest of the image"))
}
