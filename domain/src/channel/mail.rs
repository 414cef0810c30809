//! Mail servers and addresses, parsed at the edge: what cannot be used is refused before anything is sent.

use super::web_address::is_host;
use crate::Invalid;
use serde::{Deserialize, Serialize};

/// An e-mail address of the plain kind: no comments, quotes or names beside it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Address(String);

impl Address {
    /// One address; `field` is named in the refusal.
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
            _ => Err(Invalid::new(
                field,
                format!("{} is not an e-mail address. Write it like ana@example.com.", shorten(text)),
            )),
        }
    }

    /// Several, with commas, semicolons or line ends between; 1 to 20.
    pub fn parse_list(field: &str, text: &str) -> Result<Vec<Self>, Invalid> {
        let words = text.split([',', ';', '\n']).map(str::trim).filter(|w| !w.is_empty());
        let all = words.map(|word| Self::parse(field, word)).collect::<Result<Vec<_>, _>>()?;
        if (1..=20).contains(&all.len()) {
            Ok(all)
        } else {
            Err(Invalid::new(field, "Write 1 to 20 e-mail addresses, with commas between."))
        }
    }

    /// The stored and serialised form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn shorten(text: &str) -> String {
    let clean: String = text.chars().filter(|c| !c.is_control()).take(40).collect();
    if clean.is_empty() { "This".into() } else { clean }
}

/// How the connection to a mail server is encrypted.
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
    /// `starttls`, also for an empty word, `tls` or `none`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "starttls" | "" => Ok(Self::Starttls),
            "tls" => Ok(Self::Tls),
            "none" => Ok(Self::None),
            _ => Err(Invalid::new("security", "Choose starttls, tls or none.")),
        }
    }

    /// The usual port.
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

/// User and password at a mail server.
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
    /// No port is the usual one. Without TLS only a server on this machine is taken.
    pub fn parse(host: &str, port: Option<u16>, security: Security, sign_in: Option<SignIn>) -> Result<Self, Invalid> {
        let host = host.trim().to_ascii_lowercase();
        let ip = host.parse::<std::net::IpAddr>().ok();
        if ip.is_none() && !is_host(&host) {
            return Err(Invalid::new(
                "host",
                "Write the name of the mail server, for example smtp.example.com, without https:// or a port.",
            ));
        }
        let loopback = host == "localhost" || ip.is_some_and(|ip| ip.is_loopback());
        if security == Security::None && !loopback {
            return Err(Invalid::new(
                "security",
                "Without TLS only a mail server on this machine (localhost) may be used. Choose starttls or tls.",
            ));
        }
        let port = port.unwrap_or(security.port());
        if port == 0 {
            return Err(Invalid::new("port", "Write the port of the mail server: 587 for STARTTLS, 465 for TLS."));
        }
        match &sign_in {
            Some(s) if s.user.is_empty() || s.user.len() > 320 || s.user.contains(char::is_control) => {
                Err(Invalid::new("user", "Write the user of the mail server, or leave user and password empty."))
            }
            Some(s) if s.password.is_empty() || s.password.len() > 1024 => {
                Err(Invalid::new("password", "Write the password of the mail server's user."))
            }
            _ => Ok(Self { host, port, security, sign_in }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_people_are_plain() {
        let all =
            Address::parse_list("to", "ana@example.com; o'neil+db@mail.example.org,\nroot@localhost").expect("fine");
        assert_eq!(all.len(), 3);
        for bad in [
            "",
            "ana",
            "ana@",
            "@example.com",
            "a b@example.com",
            "ana@exa mple.com",
            "a@b@",
            ".a@b.c",
            "a..b@c.d",
            "Ana <a@b.c>",
            "a@b.c\r\nBcc: x@y.z",
        ] {
            assert!(Address::parse("to", bad).is_err(), "{bad}");
        }
        assert!(Address::parse_list("to", " , ").is_err());
        assert!(Address::parse_list("to", &"a@b.c,".repeat(21)).is_err());
    }

    #[test]
    fn without_tls_the_mail_server_must_be_this_machine() {
        let server = |host, security| MailServer::parse(host, None, security, None);
        assert_eq!(server("smtp.example.com", Security::Starttls).expect("fine").port, 587);
        assert!(
            server("localhost", Security::None).is_ok()
                && server("127.0.0.1", Security::None).is_ok()
                && server("::1", Security::None).is_ok()
        );
        assert_eq!(server("smtp.example.com", Security::None).expect_err("refused").field, "security");
        assert_eq!(server("localhost.example.com", Security::None).expect_err("refused").field, "security");
        assert_eq!(server("https://smtp", Security::Tls).expect_err("refused").field, "host");
    }
}
