//! Where hooks, pings and mail may go. Who manages notifications need not be an admin, and whoever can make the console
//! call an address reaches what only the console's machine reaches: a socket proxy (that is Docker itself), Neo4j, the
//! metadata service of a cloud. So a name is resolved once, each address is looked at, and the connection goes to those
//! that were looked at and no others.

use ipnet::IpNet;
use ports::MessageError;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use tokio::net::lookup_host;

/// Networks of this machine, of its neighbours, or of nobody (IANA special-purpose address registries).
const INNER: [&str; 18] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "224.0.0.0/3",
    "::/128",
    "::1/128",
    "100::/64",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
    "2001::/23",
];

/// Networks of one's own, where a registry is as common as outside.
const PRIVATE: [&str; 6] = ["10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"];

/// Where clouds tell a machine its secrets: never, whatever is allowed. Some lie in networks of one's own.
const METADATA: [&str; 7] = [
    "100.100.100.200/32",
    "168.63.129.16/32",
    "169.254.169.254/32",
    "169.254.170.2/32",
    "192.0.0.192/32",
    "fd00:ec2::254/128",
    "fd20:ce::254/128",
];

/// Which addresses web hooks, pings and mail may go to, and by [`Outbound::with_private`] questions to registries.
#[derive(Debug, Clone)]
pub struct Outbound {
    inner: Vec<IpNet>,
    never: Vec<IpNet>,
    /// `CONSOLE_ALLOW_HOOKS_TO`
    allowed: Vec<IpNet>,
    /// Host and port of a Docker Engine that is reached over TCP: never, whatever is allowed.
    engine: Option<(String, u16)>,
}

impl Outbound {
    /// `allowed`: inner networks that may be called all the same. `engine`: host and port of Docker over TCP.
    pub fn new(allowed: Vec<IpNet>, engine: Option<(String, u16)>) -> Self {
        Self { inner: networks(&INNER), never: networks(&METADATA), allowed, engine }
    }

    /// The same, that may reach this machine and private networks, too: for questions to registries, whose answer
    /// nobody is shown unless it is one of a registry.
    #[must_use]
    pub fn with_private(mut self) -> Self {
        self.allowed.extend(networks(&PRIVATE));
        self
    }

    /// Whether all of them can be reached from anywhere: not of this machine, nor of a network of one's own.
    pub fn are_outer(&self, addresses: &[SocketAddr]) -> bool {
        addresses.iter().all(|address| !within(&self.inner, embedded(address.ip())))
    }

    /// What to connect to for this name or address.
    ///
    /// # Errors
    /// `UnknownHost`, or `Inner` when none of its addresses may be called.
    pub async fn addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, MessageError> {
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let unknown = || MessageError::UnknownHost(host.to_owned());
        let found: Vec<SocketAddr> = lookup_host((bare, port)).await.map_err(|_| unknown())?.collect();
        let first = *found.first().ok_or_else(unknown)?;
        let engine = self.engine_addresses().await;
        let (good, bad): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|address| self.may_reach(address.ip()) && !engine.contains(&plain(*address)));
        if good.is_empty() {
            return Err(MessageError::Inner {
                host: host.to_owned(),
                address: bad.first().unwrap_or(&first).ip().to_string(),
            });
        }
        Ok(good)
    }

    /// Whether all of them are in networks that `CONSOLE_ALLOW_HOOKS_TO` names: only there messages go unencrypted.
    pub fn are_named(&self, addresses: &[SocketAddr]) -> bool {
        let named = |address: &SocketAddr| self.allowed.iter().any(|network| network.contains(&embedded(address.ip())));
        addresses.iter().all(named)
    }

    async fn engine_addresses(&self) -> Vec<SocketAddr> {
        let Some((host, port)) = &self.engine else { return Vec::new() };
        lookup_host((host.as_str(), *port)).await.map(|found| found.map(plain).collect()).unwrap_or_default()
    }

    fn may_reach(&self, address: IpAddr) -> bool {
        let address = embedded(address);
        !within(&self.never, address) && (!within(&self.inner, address) || within(&self.allowed, address))
    }
}

fn networks(written: &[&str]) -> Vec<IpNet> {
    written.iter().filter_map(|network| network.parse().ok()).collect()
}

fn within(networks: &[IpNet], address: IpAddr) -> bool {
    networks.iter().any(|network| network.contains(&address))
}

fn plain(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(embedded(address.ip()), address.port())
}

/// The IPv4 address that an IPv6 one leads to: mapped, compatible, NAT64 (64:ff9b::/96) or 6to4 (2002::/16).
fn embedded(address: IpAddr) -> IpAddr {
    let IpAddr::V6(six) = address else { return address };
    let last = || Ipv4Addr::from_bits(u32::try_from(six.to_bits() & u128::from(u32::MAX)).unwrap_or_default());
    match six.segments() {
        [0, 0, 0, 0, 0, 0xffff, ..] | [0x64, 0xff9b, 0, 0, 0, 0, ..] => last().into(),
        [0, 0, 0, 0, 0, 0, ..] if six != Ipv6Addr::LOCALHOST && six != Ipv6Addr::UNSPECIFIED => last().into(),
        [0x2002, high, low, ..] => Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low)).into(),
        _ => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbound(allowed: &[&str]) -> Outbound {
        Outbound::new(allowed.iter().map(|network| network.parse().expect("a network")).collect(), None)
    }

    #[test]
    fn addresses_of_this_machine_and_of_inner_networks_are_known_in_every_spelling() {
        let closed = outbound(&[]);
        assert_eq!(closed.inner.len(), INNER.len(), "each can be read");
        for inner in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "10.1.2.3",
            "172.17.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "255.255.255.255",
            "224.0.0.1",
            "::1",
            "::",
            "::ffff:10.0.0.1",
            "::ffff:127.0.0.1",
            "::127.0.0.1",
            "64:ff9b::a00:1",
            "2002:7f00:1::",
            "fd12::1",
            "fe80::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!closed.may_reach(inner.parse().expect("an address")), "{inner}");
        }
        for outer in [
            "1.1.1.1",
            "172.32.0.1",
            "192.0.2.1",
            "100.128.0.1",
            "2606:4700::1111",
            "64:ff9b::101:101",
            "2002:101:101::",
        ] {
            assert!(closed.may_reach(outer.parse().expect("an address")), "{outer}");
        }
        let open = outbound(&["10.0.0.0/8", "::1/128"]);
        assert!(
            open.may_reach("10.1.2.3".parse().expect("an address"))
                && open.may_reach("::ffff:10.0.0.1".parse().expect("an address"))
        );
        assert!(open.may_reach(Ipv6Addr::LOCALHOST.into()) && !open.may_reach(Ipv4Addr::LOCALHOST.into()));
    }

    #[test]
    fn registries_may_be_in_private_networks_and_nothing_may_be_where_clouds_keep_secrets() {
        let private = outbound(&[]).with_private();
        assert_eq!(private.never.len() + private.allowed.len(), METADATA.len() + PRIVATE.len(), "each can be read");
        for fine in
            ["127.0.0.1", "10.1.2.3", "172.17.0.1", "192.168.1.1", "::1", "fd12::1", "::ffff:10.0.0.1", "1.1.1.1"]
        {
            assert!(private.may_reach(fine.parse().expect("an address")), "{fine}");
        }
        for closed in ["169.254.1.1", "0.0.0.0", "224.0.0.1", "fe80::1", "100.64.0.1", "::ffff:169.254.169.254"] {
            assert!(!private.may_reach(closed.parse().expect("an address")), "{closed}");
        }
        let all = outbound(&["0.0.0.0/0", "::/0"]).with_private();
        for metadata in METADATA {
            let address = metadata.split('/').next().expect("an address");
            assert!(!all.may_reach(address.parse().expect("an address")), "{address}");
        }
        let at = |address: &str| SocketAddr::new(address.parse().expect("an address"), 443);
        assert!(private.are_outer(&[at("1.1.1.1")]) && !private.are_outer(&[at("1.1.1.1"), at("10.0.0.1")]));
    }

    #[tokio::test]
    async fn names_are_resolved_and_odd_spellings_of_addresses_too() {
        let closed = outbound(&[]);
        for host in ["localhost", "127.0.0.1", "[::1]", "127.1", "2130706433", "0x7f000001", "0177.0.0.1"] {
            assert!(closed.addresses(host, 2375).await.is_err(), "{host}");
        }
        let open = outbound(&["127.0.0.0/8", "::1/128"]);
        assert!(
            open.addresses("localhost", 80).await.expect("allowed").iter().all(|address| address.ip().is_loopback())
        );
    }

    #[tokio::test]
    async fn docker_is_never_called_whatever_is_allowed() {
        let engine = Outbound { engine: Some(("localhost".into(), 2375)), ..outbound(&["127.0.0.0/8", "::1/128"]) };
        for host in ["127.0.0.1", "localhost", "::ffff:127.0.0.1"] {
            assert!(matches!(engine.addresses(host, 2375).await, Err(MessageError::Inner { .. })), "{host}");
            assert!(engine.addresses(host, 2376).await.is_ok(), "{host}");
        }
    }
}
