//! A client for one server whose addresses were looked at; it connects to no others, whatever the name means later.

use super::{Outbound, Result};
use crate::tls;
use ports::{MessageError, RegistryError};
use reqwest::redirect::Policy;
use reqwest::{Client, Url};
use std::net::IpAddr;
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(5);

/// To one server.
pub struct Connection {
    pub client: Client,
    /// It can be reached from anywhere, so it has no business in a private network.
    pub outer: bool,
}

impl Connection {
    /// Looks at the addresses. Connects to nothing yet.
    pub async fn to(outbound: &Outbound, url: &Url) -> Result<Self> {
        let host = url.host_str().unwrap_or_default();
        let port = url.port_or_known_default().unwrap_or_default();
        let addresses = outbound.addresses(host, port).await.map_err(refused)?;
        let builder = Client::builder()
            .user_agent("neo4j-admin-console")
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(CONNECT)
            .resolve_to_addrs(host, &addresses);
        let unfit = |error| format!("this machine cannot make encrypted connections: {}", ports::error_chain(&error));
        let client = builder.build().map_err(|error| RegistryError::Failed(unfit(error)))?;
        Ok(Self { client, outer: outbound.are_outer(&addresses) })
    }
}

fn refused(error: MessageError) -> RegistryError {
    match error {
        MessageError::UnknownHost(host) => RegistryError::Unreachable(format!("The name {host} is not known")),
        MessageError::Inner { host, address } => {
            RegistryError::Failed(format!("{host} is at {address}, an address that the console does not call"))
        }
        other => RegistryError::Failed(other.to_string().trim_end_matches('.').into()),
    }
}

/// On this machine, by its name: there registries are spoken to without TLS, as Docker does.
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || bare.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What a call of `who` failed with. Addresses may hold a token's scope and are left out.
pub fn unreachable(who: &str, error: reqwest::Error) -> RegistryError {
    if error.is_timeout() {
        return RegistryError::Unreachable(format!("{who} did not answer in time"));
    }
    let why = tls::cause(&error).unwrap_or_else(|| ports::error_chain(&error.without_url()));
    RegistryError::Unreachable(format!("{who} is not reached: {why}"))
}
