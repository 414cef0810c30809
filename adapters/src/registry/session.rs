//! Some questions to one registry, with what it asks for: a token that anybody gets, or a sign-in.

use super::answer::{Room, judged};
use super::connection::{Connection, is_loopback, unreachable};
use super::headers::{Challenge, MANIFESTS, TokenService, challenge};
use super::{Outbound, Result};
use domain::image::ImageReference;
use domain::registry_sign_in::RegistrySignIn;
use ports::RegistryError;
use reqwest::header::ACCEPT;
use reqwest::{Method, Response, StatusCode, Url};
use serde::Deserialize;

/// Where Docker Hub's images really are.
const HUB: &str = "registry-1.docker.io";
/// Of a token with what goes along.
const TOKEN_ANSWER: usize = 64 * 1024;

/// What is asked about: a repository, or the registry itself.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// As people write it.
    pub registry: &'a str,
    pub repository: Option<&'a str>,
}

impl<'a> Subject<'a> {
    pub fn of(image: &'a ImageReference) -> Self {
        Self { registry: image.registry(), repository: Some(image.repository()) }
    }
}

/// About one repository. The sign-in is sent only when it is asked for, encrypted or within this machine, and never to
/// where an answer leads on to; the token goes back to the registry alone.
pub struct Session<'a> {
    outbound: &'a Outbound,
    connection: Connection,
    /// `https://registry/v2/repository/`, or without the repository.
    base: Url,
    /// As people write it.
    pub registry: String,
    repository: Option<String>,
    sign_in: Option<&'a RegistrySignIn>,
    shown: Option<Shown>,
}

/// What the registry wanted to see.
enum Shown {
    Token(String),
    /// User and password themselves.
    SignIn,
}

#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl<'a> Session<'a> {
    /// Looks at the registry's addresses. Connects to nothing yet.
    pub async fn open(
        outbound: &'a Outbound,
        Subject { registry, repository }: Subject<'_>,
        sign_in: Option<&'a RegistrySignIn>,
    ) -> Result<Self> {
        let host = if registry == "docker.io" { HUB } else { registry };
        let below = repository.map(|repository| format!("{repository}/")).unwrap_or_default();
        let address = |scheme: &str| Url::parse(&format!("{scheme}://{host}/v2/{below}"));
        let unfit = |_| RegistryError::Failed(format!("{registry} is no address of a registry"));
        let mut base = address("https").map_err(unfit)?;
        if is_loopback(&base) {
            base = address("http").map_err(unfit)?;
        }
        let connection = Connection::to(outbound, &base).await?;
        let (registry, repository) = (registry.to_owned(), repository.map(str::to_owned));
        Ok(Self { outbound, connection, base, registry, repository, sign_in, shown: None })
    }

    /// Below the repository.
    pub fn url(&self, path: &str) -> Result<Url> {
        self.base.join(path).map_err(|_| self.failed("has no such address"))
    }

    /// A sentence about the registry, without its full stop.
    pub fn failed(&self, does: &str) -> RegistryError {
        RegistryError::Failed(format!("{} {does}", self.registry))
    }

    /// Shows first what the registry asks for.
    pub async fn ask(&mut self, method: &Method, url: Url) -> Result<Response> {
        let mut response = self.send(method, url.clone()).await?;
        if response.status() == StatusCode::UNAUTHORIZED && self.shown.is_none() {
            self.shown = Some(self.meet(challenge(response.headers())).await?);
            response = self.send(method, url).await?;
        }
        self.judged(response, &self.registry)
    }

    /// As `docker login`: asks for nothing but to be let in.
    pub async fn try_sign_in(mut self) -> Result<()> {
        let url = self.base.clone();
        let mut answer = self.ask(&Method::GET, url.clone()).await;
        if answer.is_ok() && self.shown.is_none() {
            // It lets anybody in, and may look at a sign-in all the same.
            self.shown = Some(Shown::SignIn);
            answer = self.ask(&Method::GET, url).await;
        }
        if matches!(answer, Err(RegistryError::NotFound(_))) {
            return Err(self.failed("does not answer as a registry of images"));
        }
        answer.map(drop)
    }

    fn judged(&self, response: Response, who: &str) -> Result<Response> {
        judged(response, who, self.repository.as_deref().unwrap_or(&self.registry), self.sign_in.is_some())
    }

    async fn send(&self, method: &Method, url: Url) -> Result<Response> {
        let request = self.connection.client.request(method.clone(), url).header(ACCEPT, MANIFESTS);
        let request = match (&self.shown, self.sign_in) {
            (Some(Shown::Token(token)), _) => request.bearer_auth(token),
            (Some(Shown::SignIn), Some(one)) => request.basic_auth(one.user.as_str(), Some(one.password.expose())),
            (Some(Shown::SignIn), None) | (None, _) => request,
        };
        request.send().await.map_err(|error| unreachable(&self.registry, error))
    }

    async fn meet(&self, wanted: Option<Challenge>) -> Result<Shown> {
        match (wanted, self.sign_in) {
            (Some(Challenge::Token(service)), _) => Ok(Shown::Token(self.fetch_token(service).await?)),
            (Some(Challenge::Basic), Some(_)) => Ok(Shown::SignIn),
            (Some(Challenge::Basic) | None, None) => Err(RegistryError::Denied(self.registry.clone())),
            (None, Some(_)) => Err(self.failed("wants a sign-in of a kind that the console does not know")),
        }
    }

    /// From another server, often. The registry names it, so it is looked at like the registry itself, and a registry
    /// outside cannot send the console into a private network.
    async fn fetch_token(&self, wanted: TokenService) -> Result<String> {
        let mut url = self.token_address(&wanted.realm)?;
        let connection = Connection::to(self.outbound, &url).await?;
        if self.connection.outer && !connection.outer {
            return Err(self.failed("wants a token from a private network"));
        }
        let scope = wanted.scope.or_else(|| Some(format!("repository:{}:pull", self.repository.as_ref()?)));
        let pairs = [("service", wanted.service), ("scope", scope)];
        url.query_pairs_mut().extend_pairs(pairs.into_iter().filter_map(|(name, value)| Some((name, value?))));
        let who = url.host_str().unwrap_or_default().to_owned();
        let request = connection.client.get(url);
        let request = match self.sign_in {
            Some(one) => request.basic_auth(one.user.as_str(), Some(one.password.expose())),
            None => request,
        };
        let response = request.send().await.map_err(|error| unreachable(&who, error))?;
        let body = Room(TOKEN_ANSWER).read(self.judged(response, &who)?, &who).await?;
        let token = serde_json::from_slice::<Token>(&body).ok().and_then(|answer| answer.token.or(answer.access_token));
        token.filter(|token| is_plain(token)).ok_or_else(|| RegistryError::Failed(format!("{who} gave no token")))
    }

    /// Encrypted, or within this machine: with a sign-in only for a registry that is on it, too.
    pub(super) fn token_address(&self, realm: &str) -> Result<Url> {
        let mut url = Url::parse(realm).map_err(|_| self.failed("wants a token from nowhere"))?;
        let inside = is_loopback(&url) && (self.sign_in.is_none() || is_loopback(&self.base));
        if url.scheme() != "https" && !(url.scheme() == "http" && inside) {
            return Err(self.failed("wants a token that comes unencrypted"));
        }
        // Whose they would be, nobody here knows.
        let _no_user = (url.set_username(""), url.set_password(None));
        Ok(url)
    }
}

/// It stands in a header.
fn is_plain(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic())
}
