//! Calls of web hooks by `reqwest`. Follows no redirect, reads little of the answer and tells nothing of it but the
//! status.

use super::outbound::Outbound;
use super::tls;
use async_trait::async_trait;
use ports::{Body, Call, MessageError, Webhook};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder, Response, Url, header};
use std::error::Error;
use std::time::Duration;
use tokio::time::timeout;

/// For the whole call.
const LIMIT: Duration = Duration::from_secs(10);
const CONNECT: Duration = Duration::from_secs(5);
/// Of an answer; the rest is cut off.
const ANSWER: usize = 64 * 1024;

/// Web hooks and pings over HTTP.
pub struct WebhookClient {
    outbound: Outbound,
}

impl WebhookClient {
    /// Calls only what `outbound` allows. Installs the provider of TLS for the whole process.
    pub fn new(outbound: Outbound) -> Self {
        tls::install_provider();
        Self { outbound }
    }

    /// For one call: it connects to addresses that were looked at, whatever the name means a moment later.
    async fn client(&self, call: &Call) -> Result<Client, MessageError> {
        let unfit =
            |why: String| MessageError::Unfit(format!("This machine cannot make encrypted connections: {why}."));
        let url = Url::parse(call.url.expose()).map_err(|_| MessageError::UnknownHost(host(call)))?;
        let (name, port) =
            url.host_str().zip(url.port_or_known_default()).ok_or_else(|| MessageError::UnknownHost(host(call)))?;
        let addresses = timeout(CONNECT, self.outbound.addresses(name, port))
            .await
            .map_err(|_| MessageError::TimedOut(host(call)))??;
        if url.scheme() != "https" && !self.outbound.are_named(&addresses) {
            return Err(MessageError::InTheClear(host(call)));
        }
        let builder = Client::builder()
            .user_agent("neo4j-admin-console")
            .redirect(Policy::none())
            .referer(false)
            .timeout(LIMIT)
            .connect_timeout(CONNECT)
            .resolve_to_addrs(name, &addresses);
        // Without the machine's list of authorities there is none.
        builder.build().map_err(|error| unfit(ports::error_chain(&error)))
    }
}

#[async_trait]
impl Webhook for WebhookClient {
    async fn call(&self, call: &Call) -> Result<(), MessageError> {
        let client = self.client(call).await?;
        let host = host(call);
        let response = request(&client, call).send().await.map_err(|error| translate(&error, &host))?;
        let status = response.status();
        read(response).await;
        match status.as_u16() {
            200..=299 => Ok(()),
            status @ 300..=399 => Err(MessageError::Redirect { host, status }),
            status => Err(MessageError::Status { host, status }),
        }
    }
}

fn request(client: &Client, call: &Call) -> RequestBuilder {
    let method = if call.body.is_some() { Method::POST } else { Method::GET };
    let request = client.request(method, call.url.expose());
    let Some(Body { json, headers }) = &call.body else { return request };
    let request = request.header(header::CONTENT_TYPE, "application/json").body(json.clone());
    headers.iter().fold(request, |request, (name, value)| request.header(*name, value))
}

/// So that the receiver can finish; what it says is of no use.
async fn read(mut response: Response) {
    let mut left = ANSWER;
    while let Ok(Some(piece)) = response.chunk().await {
        left = left.saturating_sub(piece.len());
        if left == 0 {
            return;
        }
    }
}

/// Host and port, without the rest of the address, which may be secret.
fn host(call: &Call) -> String {
    let shown = call.url.shown();
    shown.split('/').nth(2).unwrap_or_default().to_owned()
}

/// `reqwest` prints the whole address: only the causes below it are used.
fn translate(error: &reqwest::Error, host: &str) -> MessageError {
    let host = host.to_owned();
    if error.is_timeout() {
        return MessageError::TimedOut(host);
    }
    if let Some(why) = tls::cause(error) {
        return MessageError::Tls { host, why };
    }
    if error.is_dns() {
        return MessageError::UnknownHost(host);
    }
    let mut cause = error.source();
    while let Some(deeper) = cause.and_then(Error::source) {
        cause = Some(deeper);
    }
    let why = cause.map_or_else(|| "the address cannot be used".into(), ToString::to_string);
    MessageError::Unreachable { host, why }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::channel::WebAddress;

    #[tokio::test]
    async fn messages_go_over_http_only_to_networks_that_were_named() {
        let calls = |allowed: &str| WebhookClient::new(Outbound::new(allowed.parse().into_iter().collect(), None));
        let client = async |calls: &WebhookClient, url: &str| {
            let call = Call { url: WebAddress::parse("url", url).expect("an address"), body: None };
            calls.client(&call).await.map(|_| ()).map_err(|error| error.to_string())
        };
        // Nothing is connected to: of the block that is kept for documentation.
        let refused = client(&calls(""), "http://192.0.2.1/secret").await.expect_err("refused");
        assert!(refused.contains("192.0.2.1 is called over http") && !refused.contains("secret"), "{refused}");
        assert_eq!(client(&calls(""), "https://192.0.2.1/secret").await, Ok(()));
        assert_eq!(client(&calls("192.0.2.0/24"), "http://192.0.2.1/secret").await, Ok(()));
    }
}
