//! Where a request comes from. `X-Forwarded-For` is believed only as far as trusted proxies wrote it.

use axum::extract::ConnectInfo;
use axum::http::{Extensions, HeaderMap};
use ipnet::IpNet;
use std::net::{IpAddr, SocketAddr};

/// The visitor's address: the nearest hop that is no trusted proxy, read from the right, where the proxies append.
pub fn of(extensions: &Extensions, headers: &HeaderMap, trusted: &[IpNet]) -> String {
    let Some(ConnectInfo(peer)) = extensions.get::<ConnectInfo<SocketAddr>>() else { return String::new() };
    let is_trusted = |ip: &IpAddr| trusted.iter().any(|network| network.contains(ip));
    let mut nearest = peer.ip().to_canonical();
    let lists = headers.get_all("x-forwarded-for").iter().rev().map(|list| list.to_str().unwrap_or_default());
    for hop in lists.flat_map(|list| list.rsplit(',')) {
        if !is_trusted(&nearest) {
            break;
        }
        match parse(hop.trim()) {
            Some(ip) => nearest = ip,
            // Something a trusted proxy would not write: stop at what is known.
            None => break,
        }
    }
    if trusted.is_empty() && headers.contains_key("x-forwarded-for") {
        warn_once(&nearest);
    }
    nearest.to_string()
}

/// Behind a proxy that is not believed, all visitors have one address: the wrong tries of one slow all of them down.
fn warn_once(peer: &IpAddr) {
    static TOLD: std::sync::Once = std::sync::Once::new();
    TOLD.call_once(|| {
        tracing::warn!(%peer, "ignoring X-Forwarded-For of an untrusted peer; if it is your proxy, add it to \
            CONSOLE_TRUSTED_PROXIES");
    });
}

/// With or without a port: some proxies append it.
fn parse(hop: &str) -> Option<IpAddr> {
    let ip = hop.parse::<IpAddr>().or_else(|_| hop.parse::<SocketAddr>().map(|a| a.ip())).ok()?;
    Some(ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut extensions = Extensions::new();
        extensions.insert(ConnectInfo::<SocketAddr>(peer.parse().expect("address")));
        let mut headers = HeaderMap::new();
        for list in forwarded {
            headers.append("x-forwarded-for", list.parse().expect("header"));
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|t| t.parse().expect("network")).collect();
        of(&extensions, &headers, &trusted)
    }

    #[test]
    fn a_stranger_cannot_choose_the_address_they_are_seen_under() {
        assert_eq!(seen("203.0.113.9:5000", &["10.0.0.1"], &[]), "203.0.113.9");
        assert_eq!(seen("203.0.113.9:5000", &["10.0.0.1"], &["10.0.0.0/8"]), "203.0.113.9");
        assert_eq!(
            seen("10.0.0.2:5000", &["1.1.1.1, 203.0.113.9"], &["10.0.0.0/8"]),
            "203.0.113.9",
            "what the visitor wrote stands on the left"
        );
    }

    #[test]
    fn a_chain_of_trusted_proxies_is_followed_to_its_end() {
        let trusted = ["10.0.0.0/8", "::1/128"];
        assert_eq!(seen("10.0.0.2:5000", &["203.0.113.9", "10.0.0.3"], &trusted), "203.0.113.9");
        assert_eq!(seen("[::1]:5000", &["[2001:db8::7]:443"], &trusted), "2001:db8::7");
        assert_eq!(seen("10.0.0.2:5000", &["nonsense"], &trusted), "10.0.0.2");
        assert_eq!(seen("[::ffff:10.0.0.2]:5000", &["203.0.113.9"], &trusted), "203.0.113.9");
    }
}
