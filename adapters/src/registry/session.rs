//! Some questions to one registry about one repository, with the token it hands to anybody.

use super::answer::{Room, judged};
use super::connection::{Connection, is_loopback, unreachable};
use super::headers::{Challenge, MANIFESTS, challenge};
use super::{Outbound, Result};
use domain::image::ImageReference;
use ports::RegistryError;
use reqwest::header::ACCEPT;
use reqwest::{Method, Response, StatusCode, Url};
use serde::Deserialize;

/// Where Docker Hub's images really are.
const HUB: &str = "registry-1.docker.io";
/// Of a token with what goes along.
const TOKEN_ANSWER: usize = 64 * 1024;

/// About the repository of one image. Nothing that is sent is secret; the token goes back to the registry alone.
pub struct Session<'a> {
    outbound: &'a Outbound,
    connection: Connection,
    /// `https://registry/v2/repository/`
    base: Url,
    /// As people write it.
    pub registry: String,
    repository: String,
    token: Option<String>,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl<'a> Session<'a> {
    /// Looks at the registry's addresses. Connects to nothing yet.
    pub async fn open(outbound: &'a Outbound, image: &ImageReference) -> Result<Self> {
        let (registry, repository) = (image.registry().to_owned(), image.repository().to_owned());
        let host = if registry == "docker.io" { HUB } else { &registry };
        let address = |scheme: &str| Url::parse(&format!("{scheme}://{host}/v2/{repository}/"));
        let unfit = |_| RegistryError::Failed(format!("{registry} is no address of a registry"));
        let mut base = address("https").map_err(unfit)?;
        if is_loopback(&base) {
            base = address("http").map_err(unfit)?;
        }
        let connection = Connection::to(outbound, &base).await?;
        Ok(Self { outbound, connection, base, registry, repository, token: None })
    }

    /// Below the repository.
    pub fn url(&self, path: &str) -> Result<Url> {
        self.base.join(path).map_err(|_| self.failed("has no such address"))
    }

    /// A sentence about the registry, without its full stop.
    pub fn failed(&self, does: &str) -> RegistryError {
        RegistryError::Failed(format!("{} {does}", self.registry))
    }

    /// Gets a token first where the registry asks for one.
    pub async fn ask(&mut self, method: &Method, url: Url) -> Result<Response> {
        let mut response = self.send(method, url.clone()).await?;
        if response.status() == StatusCode::UNAUTHORIZED && self.token.is_none() {
            let wanted = challenge(response.headers()).ok_or_else(|| RegistryError::Denied(self.registry.clone()))?;
            self.token = Some(self.fetch_token(wanted).await?);
            response = self.send(method, url).await?;
        }
        judged(response, &self.registry, &self.repository)
    }

    async fn send(&self, method: &Method, url: Url) -> Result<Response> {
        let request = self.connection.client.request(method.clone(), url).header(ACCEPT, MANIFESTS);
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        request.send().await.map_err(|error| unreachable(&self.registry, error))
    }

    /// From another server, often. The registry names it, so it is looked at like the registry itself, and a registry
    /// outside cannot send the console into a private network.
    async fn fetch_token(&self, wanted: Challenge) -> Result<String> {
        let mut url = Url::parse(&wanted.realm).map_err(|_| self.failed("wants a token from nowhere"))?;
        if url.scheme() != "https" && !(url.scheme() == "http" && is_loopback(&url)) {
            return Err(self.failed("wants a token that comes unencrypted"));
        }
        let connection = Connection::to(self.outbound, &url).await?;
        if self.connection.outer && !connection.outer {
            return Err(self.failed("wants a token from a private network"));
        }
        // Whose they would be, nobody here knows.
        let _no_user = (url.set_username(""), url.set_password(None));
        let scope = wanted.scope.unwrap_or_else(|| format!("repository:{}:pull", self.repository));
        let service = wanted.service.map(|service| ("service", service));
        url.query_pairs_mut().extend_pairs(service.into_iter().chain([("scope", scope)]));
        let who = url.host_str().unwrap_or_default().to_owned();
        let response = connection.client.get(url).send().await.map_err(|error| unreachable(&who, error))?;
        let body = Room(TOKEN_ANSWER).read(judged(response, &who, &self.repository)?, &who).await?;
        let token = serde_json::from_slice::<Token>(&body).ok().and_then(|answer| answer.token.or(answer.access_token));
        token.filter(|token| is_plain(token)).ok_or_else(|| RegistryError::Failed(format!("{who} gave no token")))
    }
}

/// It stands in a header.
fn is_plain(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}
