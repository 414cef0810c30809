//! The address people open: scheme, host and port. The console always stands at the root of its host.

use std::net::{IpAddr, SocketAddr};

/// `http(s)://host[:port]`, in the form a browser writes into `Origin`: lower case, no default port, no slash at the
/// end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl {
    origin: String,
    host: String,
}

impl PublicUrl {
    /// The address of a listener that nothing stands in front of.
    pub fn of(listen: SocketAddr) -> Self {
        Self { origin: format!("http://{listen}"), host: listen.ip().to_string() }
    }

    /// Fails with what it must be instead.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const SHAPE: &str = "an address like https://console.example.com, with http:// or https:// and a host";
        let uri: http::Uri = text.parse().map_err(|_| SHAPE)?;
        let scheme = uri.scheme_str().filter(|s| ["http", "https"].contains(s)).ok_or(SHAPE)?;
        let host = uri.host().filter(|h| !h.is_empty()).ok_or(SHAPE)?.to_ascii_lowercase();
        if uri.authority().is_some_and(|a| a.as_str().contains('@')) {
            return Err("an address without a user or password in it");
        }
        if uri.query().is_some() || uri.path() != "/" {
            return Err("an address without a path: the console needs a host of its own");
        }
        let port = match (uri.port_u16(), scheme) {
            (None, _) | (Some(80), "http") | (Some(443), "https") => String::new(),
            (Some(port), _) => format!(":{port}"),
        };
        Ok(Self { origin: format!("{scheme}://{host}{port}"), host: host.trim_matches(['[', ']']).into() })
    }

    /// Whether people reach the console by https.
    pub fn is_https(&self) -> bool {
        self.origin.starts_with("https://")
    }

    /// The browser and the console are on one machine: nothing crosses a network.
    pub fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self.host.ends_with(".localhost")
            || self.host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// The stored and serialised form.
    pub fn as_str(&self) -> &str {
        &self.origin
    }
}

impl std::fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.origin)
    }
}
