//! Addresses that are called. They are secrets themselves (whoever knows one may write there), so nothing here prints
//! one whole.

use crate::Invalid;
use serde::{Deserialize, Serialize};

/// `https://` or `http://` address without credentials in it. Only its origin is ever shown.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WebAddress(String);

impl WebAddress {
    const MAX: usize = 2000;

    /// # Errors
    /// Says under `field` what to write.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        let wrong = |why: &str| Err(Invalid::new(field, why));
        let text = text.trim();
        if text.len() > Self::MAX || !text.bytes().all(|b| b.is_ascii_graphic() && !br#""<>\^`{|}"#.contains(&b)) {
            return wrong(
                "Write the address as it is in the browser: at most 2,000 letters, digits and signs, no spaces.",
            );
        }
        let Some((scheme, rest)) =
            text.split_once("://").filter(|(s, _)| ["https", "http"].contains(&s.to_ascii_lowercase().as_str()))
        else {
            return wrong("Write an address that begins with https:// or http://.");
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        if authority.contains('@') {
            return wrong("Leave user and password out of the address. A secret belongs into the field for it.");
        }
        if !is_host_and_port(authority) {
            return wrong("The address has no proper host. Write it like https://hooks.example.com/path.");
        }
        // A fragment never reaches the server.
        let path = path.split('#').next().unwrap_or_default();
        Ok(Self(format!("{}://{}{path}", scheme.to_ascii_lowercase(), authority.to_ascii_lowercase())))
    }

    /// The whole, to connect to. Never into a page, an answer or a log.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// `https://hooks.example.com/…`
    pub fn shown(&self) -> String {
        let after_scheme = self.0.find("://").map_or(0, |at| at + 3);
        let end = self.0[after_scheme..].find(['/', '?']).map_or(self.0.len(), |at| after_scheme + at);
        format!("{}/…", &self.0[..end])
    }
}

impl std::fmt::Debug for WebAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown())
    }
}

fn is_host_and_port(authority: &str) -> bool {
    let port_is_good = |port: &str| {
        port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|p| p > 0)
    };
    if let Some(rest) = authority.strip_prefix('[') {
        let Some((inside, after)) = rest.split_once(']') else { return false };
        return inside.parse::<std::net::Ipv6Addr>().is_ok()
            && (after.is_empty() || after.strip_prefix(':').is_some_and(port_is_good));
    }
    let (host, port) = authority.split_once(':').map_or((authority, None), |(h, p)| (h, Some(p)));
    is_host(host) && port.is_none_or(port_is_good)
}

/// A name or an IPv4 address: labels of letters, digits, dashes and underscores.
pub(super) fn is_host(host: &str) -> bool {
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            && !l.starts_with('-')
    };
    host.len() <= 253 && host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_hooks_are_http_or_https_without_credentials() {
        for (good, shown) in [
            ("https://hooks.slack.com/services/T0/B0/secret", "https://hooks.slack.com/…"),
            (" HTTP://Mattermost:8065/hooks/abc?x=1#frag ", "http://mattermost:8065/…"),
            ("http://127.0.0.1:9/", "http://127.0.0.1:9/…"),
            ("https://[::1]:8443/x", "https://[::1]:8443/…"),
            ("https://example.com?token=secret", "https://example.com/…"),
        ] {
            let address = WebAddress::parse("url", good).expect(good);
            assert_eq!(address.shown(), shown);
            assert!(!format!("{address:?}").contains("secret") && !address.expose().contains('#'));
        }
        for bad in [
            "",
            "ftp://example.com/x",
            "javascript:alert(1)",
            "https://",
            "https:///x",
            "https://ana:secret@example.com/",
            "https://example.com@evil.com/",
            "https://exa mple.com",
            "https://example.com:0/",
            "https://example.com:99999/",
            "https://example.com:+80/",
            "https://example.com\\@evil.com/",
            "https://[::1/x",
            "https://ex\nample.com",
            "//example.com",
        ] {
            assert!(WebAddress::parse("url", bad).is_err(), "{bad}");
        }
    }
}
