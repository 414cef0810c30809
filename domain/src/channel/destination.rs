//! Where a channel leads. Sealed as a whole where it is kept; only [`Destination::shown`] is for people.

use super::{Address, Kind, MailServer, WebAddress};
use crate::Invalid;
use serde::{Deserialize, Serialize};

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
    /// The kind of channel it belongs to.
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
            Self::Webhook { url, .. } | Self::Slack { url } | Self::Mattermost { url } | Self::Discord { url } => {
                url.shown()
            }
        }
    }
}

/// What a generic web hook's messages are signed with.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// 16 to 256 printable ASCII characters without spaces.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let good = (16..=256).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        if good {
            Ok(Self(text.into()))
        } else {
            Err(Invalid::new(
                "secret",
                "The secret has 16 to 256 letters, digits and signs. Leave it empty to have one made.",
            ))
        }
    }

    /// The secret itself, for signing and sealing only.
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
    use crate::channel::{Security, SignIn};

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
