//! User and password at a registry of images. One registry has one sign-in: which, its host decides, as names of
//! images begin with it.

use crate::Invalid;
use crate::image::ImageReference;
use crate::text::parsed_when_read;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Names under which people write Docker Hub. Images without a host are from there.
const HUB: [&str; 4] = ["docker.io", "index.docker.io", "registry-1.docker.io", "hub.docker.com"];

/// `docker.io`, `registry.example.com:5000`: in small letters, Docker Hub under one name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct RegistryHost(String);

parsed_when_read!(RegistryHost);

impl RegistryHost {
    /// A host that an image's name can begin with; what browsers add to it is refused with what to write.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let host = text.trim().trim_end_matches('/').to_ascii_lowercase();
        let why = "Write the registry's host as names of images begin, for example registry.example.com:5000, without \
                   https:// or a path. Docker Hub is docker.io.";
        if HUB.contains(&host.as_str()) {
            return Ok(Self(HUB[0].into()));
        }
        // Without a dot or a port Docker takes it for a repository of Docker Hub.
        let image = ImageReference::parse(&format!("{host}/image:tag")).ok();
        let good = host.len() <= 255 && image.is_some_and(|image| image.registry() == host);
        if good { Ok(Self(host)) } else { Err(Invalid::new("host", why)) }
    }

    /// Where this image is from.
    pub fn of(image: &ImageReference) -> Self {
        let host = image.registry().to_ascii_lowercase();
        Self(if HUB.contains(&host.as_str()) { HUB[0].into() } else { host })
    }

    /// The stored and serialised form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for RegistryHost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A password or an access token, which registries take in its place.
#[derive(Clone, PartialEq, Eq)]
pub struct RegistryPassword(String);

impl RegistryPassword {
    /// Bytes of it, at most: keys of cloud services are JSON documents.
    const MAX: usize = 8_000;

    /// As it is: white space at its ends may belong to it.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(Invalid::new("password", "Write the password, or an access token that may read images."));
        }
        let good = text.len() <= Self::MAX && !text.contains('\0');
        let why = "This is no password: it has more than 8,000 characters, or one that cannot be sent.";
        if good { Ok(Self(text.into())) } else { Err(Invalid::new("password", why)) }
    }

    /// The password itself, for signing in and sealing only.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for RegistryPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RegistryPassword")
    }
}

/// What one registry is told, and no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrySignIn {
    pub host: RegistryHost,
    pub user: RegistryUser,
    pub password: RegistryPassword,
}

/// The user's name at a registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct RegistryUser(String);

parsed_when_read!(RegistryUser);

impl RegistryUser {
    /// One line of at most 255 characters without a colon, which ends the name where it is sent (RFC 7617).
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let good = (1..=255).contains(&text.chars().count()) && !text.contains(|c: char| c == ':' || c.is_control());
        let why = "Write the user's name at the registry, without a colon. Where only a token is given, the registry \
                   says which name goes with it.";
        if good { Ok(Self(text.into())) } else { Err(Invalid::new("user", why)) }
    }

    /// The stored and serialised form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for RegistryUser {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// A sign-in as lists show it. Never its password.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct View {
    pub host: RegistryHost,
    pub user: RegistryUser,
    pub saved_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_what_names_of_images_begin_with() {
        for (typed, host) in [
            (" Registry.Example.com/ ", "registry.example.com"),
            ("registry.example.com:5000", "registry.example.com:5000"),
            ("localhost", "localhost"),
            ("127.0.0.1:5000", "127.0.0.1:5000"),
            ("docker.io", "docker.io"),
            ("index.docker.io", "docker.io"),
            ("registry-1.docker.io", "docker.io"),
        ] {
            assert_eq!(RegistryHost::parse(typed).map(|host| host.as_str().to_owned()), Ok(host.into()), "{typed}");
        }
        for bad in ["", "team", "https://ghcr.io", "ghcr.io/team", "ana@ghcr.io", "ghcr io", "a.b:x", "a.b:", "../x"] {
            let refused = RegistryHost::parse(bad).expect_err(bad);
            assert!(refused.field == "host" && refused.why.contains("without https://"), "{bad}");
        }
        let long = format!("{}.com", "a.".repeat(130));
        assert!(RegistryHost::parse(&long).is_err());
    }

    #[test]
    fn an_image_is_from_one_registry_however_it_is_written() {
        for (image, host) in [
            ("neo4j:5.26.5", "docker.io"),
            ("team/neo4j:5", "docker.io"),
            ("index.docker.io/library/neo4j:5", "docker.io"),
            ("registry.example.com:5000/team/neo4j:5", "registry.example.com:5000"),
        ] {
            let image = ImageReference::parse(image).expect("an image");
            assert_eq!(RegistryHost::of(&image), RegistryHost::parse(host).expect("a host"));
        }
    }

    #[test]
    fn nothing_prints_a_password_and_what_cannot_be_sent_is_refused() {
        let sign_in = RegistrySignIn {
            host: RegistryHost::parse("ghcr.io").expect("a host"),
            user: RegistryUser::parse(" ana ").expect("a user"),
            password: RegistryPassword::parse("hunter2 ").expect("a password"),
        };
        assert!(!format!("{sign_in:?}").contains("hunter2"));
        assert_eq!((sign_in.user.as_str(), sign_in.password.expose()), ("ana", "hunter2 "));
        for bad in ["", "a:b", "a\nb", &"x".repeat(256)] {
            assert_eq!(RegistryUser::parse(bad).expect_err(bad).field, "user");
        }
        for bad in ["", "a\0b", &"x".repeat(8_001)] {
            let refused = RegistryPassword::parse(bad).expect_err("no password");
            assert!(refused.field == "password" && (bad.is_empty() || !refused.why.contains(bad)));
        }
    }
}
