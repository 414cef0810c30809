//! Where a channel leads, parsed at the edge. Addresses of web hooks are secrets themselves (whoever knows one may write there),
//! so nothing here prints one whole.

use super::Kind;
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
            return wrong("Write the address as it is in the browser: at most 2,000 letters, digits and signs, no spaces.");
        }
        let Some((scheme, rest)) = text.split_once("://").filter(|(s, _)| ["https", "http"].contains(&s.to_ascii_lowercase().as_str())) else {
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
    let port_is_good = |port: &str| port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|p| p > 0);
    if let Some(rest) = authority.strip_prefix('[') {
        let Some((inside, after)) = rest.split_once(']') else { return false };
        return inside.parse::<std::net::Ipv6Addr>().is_ok() && (after.is_empty() || after.strip_prefix(':').is_some_and(port_is_good));
    }
    let (host, port) = authority.split_once(':').map_or((authority, None), |(h, p)| (h, Some(p)));
    is_host(host) && port.is_none_or(port_is_good)
}

/// A name or an IPv4 address: labels of letters, digits, dashes and underscores.
fn is_host(host: &str) -> bool {
    let label = |l: &str| (1..=63).contains(&l.len()) && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_') && !l.starts_with('-');
    host.len() <= 253 && host.split('.').all(label)
}

/// An e-mail address of the plain kind: no comments, quotes or names beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(String);

impl Address {
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let local_is_good = |l: &str| {
            (1..=64).contains(&l.len())
                && l.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+/=?^_`{|}~.-".contains(&b))
                && !l.starts_with('.')
                && !l.ends_with('.')
                && !l.contains("..")
        };
        match text.rsplit_once('@') {
            Some((local, host)) if local_is_good(local) && is_host(host) => Ok(Self(text.into())),
            _ => Err(Invalid::new(field, format!("{} is no e-mail address. Write it like ana@example.com.", shorten(text)))),
        }
    }

    /// Several, with commas, semicolons or line ends between; 1 to 20.
    pub fn parse_list(field: &str, text: &str) -> Result<Vec<Self>, Invalid> {
        let words = text.split([',', ';', '\n']).map(str::trim).filter(|w| !w.is_empty());
        let all = words.map(|word| Self::parse(field, word)).collect::<Result<Vec<_>, _>>()?;
        if (1..=20).contains(&all.len()) { Ok(all) } else { Err(Invalid::new(field, "Write 1 to 20 e-mail addresses, with commas between.")) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn shorten(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    if clean.is_empty() { "This".into() } else { clean }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Security {
    /// Plain at first, then TLS or nothing. Port 587.
    Starttls,
    /// TLS from the first byte. Port 465.
    Tls,
    /// For a relay on this machine alone.
    None,
}

impl Security {
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "starttls" | "" => Ok(Self::Starttls),
            "tls" => Ok(Self::Tls),
            "none" => Ok(Self::None),
            _ => Err(Invalid::new("security", "Choose starttls, tls or none.")),
        }
    }

    pub const fn port(self) -> u16 {
        match self {
            Self::Starttls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

/// The mail server that takes the messages in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailServer {
    pub host: String,
    pub port: u16,
    pub security: Security,
    pub sign_in: Option<SignIn>,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignIn {
    pub user: String,
    pub password: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").field("user", &self.user).finish_non_exhaustive()
    }
}

impl MailServer {
    pub fn parse(host: &str, port: Option<u16>, security: Security, sign_in: Option<SignIn>) -> Result<Self, Invalid> {
        let host = host.trim().to_ascii_lowercase();
        let ip = host.parse::<std::net::IpAddr>().ok();
        if ip.is_none() && !is_host(&host) {
            return Err(Invalid::new("host", "Write the name of the mail server, for example smtp.example.com, without https:// or a port."));
        }
        let loopback = host == "localhost" || ip.is_some_and(|ip| ip.is_loopback());
        if security == Security::None && !loopback {
            return Err(Invalid::new("security", "Without TLS only a mail server on this machine (localhost) may be used. Choose starttls or tls."));
        }
        let port = port.unwrap_or(security.port());
        if port == 0 {
            return Err(Invalid::new("port", "Write the port of the mail server: 587 for STARTTLS, 465 for TLS."));
        }
        match &sign_in {
            Some(s) if s.user.is_empty() || s.user.len() > 320 || s.user.contains(char::is_control) => {
                Err(Invalid::new("user", "Write the user of the mail server, or leave user and password empty."))
            }
            Some(s) if s.password.is_empty() || s.password.len() > 1024 => Err(Invalid::new("password", "Write the password of the mail server's user.")),
            _ => Ok(Self { host, port, security, sign_in }),
        }
    }
}

/// Where a channel leads. Sealed as a whole where it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Destination {
    Email { server: MailServer, from: Address, to: Vec<Address> },
    Webhook { url: WebAddress, secret: Secret },
    Slack { url: WebAddress },
    Mattermost { url: WebAddress },
    Discord { url: WebAddress },
}

impl Destination {
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Email { .. } => Kind::Email,
            Self::Webhook { .. } => Kind::Webhook,
            Self::Slack { .. } => Kind::Slack,
            Self::Mattermost { .. } => Kind::Mattermost,
            Self::Discord { .. } => Kind::Discord,
        }
    }

    /// Enough to know it by; nothing secret.
    pub fn shown(&self) -> String {
        match self {
            Self::Email { server, to, .. } => {
                let to: Vec<_> = to.iter().map(Address::as_str).collect();
                format!("{} by {}:{}", to.join(", "), server.host, server.port)
            }
            Self::Webhook { url, .. } | Self::Slack { url } | Self::Mattermost { url } | Self::Discord { url } => url.shown(),
        }
    }
}

/// What a generic web hook's messages are signed with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let good = (16..=256).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if good {
            Ok(Self(text.into()))
        } else {
            Err(Invalid::new("secret", "The secret has 16 to 256 letters, digits and signs. Leave it empty to have one made."))
        }
    }

    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret")
    }
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

    #[test]
    fn addresses_of_people_are_plain() {
        let all = Address::parse_list("to", "ana@example.com; o'neil+db@mail.example.org,\nroot@localhost").expect("fine");
        assert_eq!(all.len(), 3);
        for bad in
            ["", "ana", "ana@", "@example.com", "a b@example.com", "ana@exa mple.com", "a@b@", ".a@b.c", "a..b@c.d", "Ana <a@b.c>", "a@b.c\r\nBcc: x@y.z"]
        {
            assert!(Address::parse("to", bad).is_err(), "{bad}");
        }
        assert!(Address::parse_list("to", " , ").is_err());
        assert!(Address::parse_list("to", &"a@b.c,".repeat(21)).is_err());
    }

    #[test]
    fn without_tls_the_mail_server_must_be_this_machine() {
        let server = |host, security| MailServer::parse(host, None, security, None);
        assert_eq!(server("smtp.example.com", Security::Starttls).expect("fine").port, 587);
        assert!(server("localhost", Security::None).is_ok() && server("127.0.0.1", Security::None).is_ok() && server("::1", Security::None).is_ok());
        assert_eq!(server("smtp.example.com", Security::None).expect_err("refused").field, "security");
        assert_eq!(server("localhost.example.com", Security::None).expect_err("refused").field, "security");
        assert_eq!(server("https://smtp", Security::Tls).expect_err("refused").field, "host");
    }

    #[test]
    fn nothing_prints_a_secret() {
        let sign_in = SignIn { user: "ana".into(), password: "hunter2hunter2".into() };
        let server = MailServer::parse("smtp.example.com", None, Security::Tls, Some(sign_in)).expect("fine");
        let ana = Address::parse("to", "ana@example.com").expect("fine");
        let email = Destination::Email { server, from: ana.clone(), to: vec![ana] };
        assert_eq!(email.shown(), "ana@example.com by smtp.example.com:465");
        assert!(!format!("{email:?}").contains("hunter2"));
        let url = WebAddress::parse("url", "https://example.com/secret").expect("fine");
        let hook = Destination::Webhook { url, secret: Secret::parse("0123456789abcdef").expect("fine") };
        assert!(!format!("{hook:?}").contains("0123456789") && !hook.shown().contains("secret"));
        assert!(Secret::parse("short").is_err());
    }
}
