//! A target: where backups are copied to. The console's own directory is always there and has the name `local`.

use crate::Invalid;
use crate::encryption::{Encrypted, Recipient};
use serde::{Deserialize, Serialize};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// Letters, digits, `.`, `_`, `-`; begins with a letter or digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TargetName(String);

impl TargetName {
    /// Characters of a name, at most.
    pub const MAX: usize = 64;
    /// The name of the console's own directory.
    pub const LOCAL: &str = "local";

    /// White space at the ends is cut off.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        let good = (1..=Self::MAX).contains(&text.len())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-'))
            && text.as_bytes()[0].is_ascii_alphanumeric();
        let why = "Use letters, digits, dots, dashes and underscores; begin with a letter or digit; at most 64.";
        if good { Ok(Self(text.into())) } else { Err(Invalid::new("name", why)) }
    }

    /// The console's own directory.
    pub fn local() -> Self {
        Self(Self::LOCAL.into())
    }

    /// Whether it is the console's own directory.
    pub fn is_local(&self) -> bool {
        self.0 == Self::LOCAL
    }

    /// The stored and serialised form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for TargetName {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<TargetName> for String {
    fn from(name: TargetName) -> Self {
        name.0
    }
}

impl std::fmt::Display for TargetName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// An S3-compatible store. Its keys are kept apart, sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct S3 {
    /// `https://s3.example.com`; empty for Amazon's own.
    pub endpoint: String,
    pub region: String,
    pub bucket: String,
    /// Folder inside the bucket, without slashes at its ends; may be empty.
    pub prefix: String,
    /// `endpoint/bucket/key` instead of `bucket.endpoint/key`; most stores that are not Amazon's want it.
    pub path_style: bool,
    /// For example `STANDARD_IA`; empty for the bucket's own.
    #[serde(default)]
    pub storage_class: String,
    /// Header `x-amz-server-side-encryption`, for example `AES256`; empty for the bucket's own.
    #[serde(default)]
    pub server_side_encryption: String,
}

/// Where a target is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Place {
    /// On the console's own machine. `mounted`: refused when it is not a mount point, so that an unplugged drive does
    /// not fill the disk below it.
    Directory {
        path: String,
        #[serde(default)]
        mounted: bool,
    },
    S3(S3),
}

impl Place {
    /// `directory` or `s3`.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Directory { .. } => "directory",
            Self::S3(_) => "s3",
        }
    }

    /// Whether a loss of the Docker host's disk would leave it untouched, as far as can be told.
    pub const fn is_remote(&self) -> bool {
        matches!(self, Self::S3(_) | Self::Directory { mounted: true, .. })
    }

    /// How likely it is lost together with the Docker host, from least to most: another machine, a drive, a directory.
    pub const fn nearness(&self) -> u8 {
        match self {
            Self::S3(_) => 0,
            Self::Directory { mounted: true, .. } => 1,
            Self::Directory { mounted: false, .. } => 2,
        }
    }

    /// Whether what is copied there can be read by others on the way.
    pub fn is_sent_unencrypted(&self) -> bool {
        match self {
            Self::Directory { .. } => false,
            Self::S3(s3) => {
                s3.endpoint.strip_prefix("http://").is_some_and(|rest| crate::plaintext::leaves_the_machine(host(rest)))
            }
        }
    }

    /// Checked at the edge; what comes out is clean.
    ///
    /// # Errors
    /// A sentence for the first field that is wrong.
    pub fn parse(self) -> Result<Self, Invalid> {
        match self {
            Self::Directory { path, mounted } => Ok(Self::Directory { path: directory(&path)?, mounted }),
            Self::S3(s3) => Ok(Self::S3(s3.parse()?)),
        }
    }
}

/// Of `host:port/path`.
fn host(address: &str) -> &str {
    let authority = address.split('/').next().unwrap_or_default();
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        _ => authority,
    }
}

fn directory(path: &str) -> Result<String, Invalid> {
    let path = path.trim().trim_end_matches('/');
    let good = path.starts_with('/')
        && path.len() > 1
        && path.len() <= 1_000
        && !path.split('/').any(|p| p == ".." || p == ".")
        && !path.contains(['\0', '\n']);
    if good {
        Ok(path.into())
    } else {
        Err(Invalid::new("path", "Write a whole path on the console's machine, for example /mnt/backups."))
    }
}

impl S3 {
    fn parse(self) -> Result<Self, Invalid> {
        let trimmed = |text: &str| text.trim().trim_matches('/').to_string();
        let endpoint = self.endpoint.trim().trim_end_matches('/').to_string();
        let web = endpoint.strip_prefix("https://").or_else(|| endpoint.strip_prefix("http://"));
        if !endpoint.is_empty() && web.is_none_or(|host| host.is_empty() || host.contains(['@', ' ', '?', '#'])) {
            return Err(Invalid::new(
                "endpoint",
                "Write the store's address, for example https://s3.example.com, without keys in it.",
            ));
        }
        let bucket = trimmed(&self.bucket);
        if bucket.is_empty() || bucket.len() > 255 || bucket.contains(['/', ' ']) {
            return Err(Invalid::new("bucket", "Write the name of the bucket; it must exist already."));
        }
        let prefix = trimmed(&self.prefix);
        if prefix.len() > 500 || prefix.split('/').any(|p| p == "." || p == "..") {
            return Err(Invalid::new(
                "prefix",
                "Write a folder inside the bucket, for example backups/neo4j, or nothing.",
            ));
        }
        let region = if self.region.trim().is_empty() { "us-east-1".into() } else { self.region.trim().to_string() };
        let word = |text: &str| text.trim().to_string();
        Ok(Self {
            endpoint,
            region,
            bucket,
            prefix,
            storage_class: word(&self.storage_class),
            server_side_encryption: word(&self.server_side_encryption),
            ..self
        })
    }
}

/// A target as lists show it. Never its keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    pub name: TargetName,
    pub place: Place,
    /// The console's own directory: cannot be removed.
    pub built_in: bool,
    /// Copies there are encrypted to these keys of the customer; none: they lie there as they are.
    #[serde(default)]
    pub recipients: Vec<Recipient>,
}

/// What is known of one backup on one target.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, EnumString, IntoStaticStr, VariantArray)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum CopyState {
    /// Every part was read back and its sha256 matched.
    Verified,
    /// Found by a scan: its parts are there in the right sizes, their sha256 was not compared yet.
    Unread,
    /// It could not be written, or a part was changed.
    Failed,
    /// The target does not have it any more.
    Missing,
}

impl CopyState {
    /// All of them.
    pub const ALL: &'static [Self] = Self::VARIANTS;

    /// The stored and serialised form.
    pub fn as_str(self) -> &'static str {
        self.into()
    }

    /// Worth reading: nothing is known against it.
    pub const fn may_be_whole(self) -> bool {
        matches!(self, Self::Verified | Self::Unread)
    }

    /// The one with this name; none when there is no such.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}

/// One backup on one target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupCopy {
    pub target: TargetName,
    pub state: CopyState,
    /// Of all parts, when it was last read whole.
    pub bytes: u64,
    /// What was found, when it is not verified.
    pub problem: Option<String>,
    /// How it was encrypted, when it is.
    #[serde(default)]
    pub encrypted: Option<Encrypted>,
    pub checked_at: chrono::DateTime<chrono::Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn s3(endpoint: &str, bucket: &str, prefix: &str) -> Result<Place, Invalid> {
        let (endpoint, bucket, prefix) = (endpoint.into(), bucket.into(), prefix.into());
        let empty = String::new;
        Place::S3(S3 {
            endpoint,
            region: empty(),
            bucket,
            prefix,
            path_style: true,
            storage_class: empty(),
            server_side_encryption: empty(),
        })
        .parse()
    }

    #[test]
    fn places_are_cleaned_and_wrong_ones_named_by_field() {
        let Ok(Place::S3(clean)) = s3(" https://s3.example.com/ ", "/bucket/", "/a/b/") else { panic!("it is right") };
        assert_eq!(
            (clean.endpoint.as_str(), clean.bucket.as_str(), clean.prefix.as_str()),
            ("https://s3.example.com", "bucket", "a/b")
        );
        assert_eq!(clean.region, "us-east-1");
        for (wrong, field) in [
            (s3("ftp://x", "b", ""), "endpoint"),
            (s3("https://key:secret@x", "b", ""), "endpoint"),
            (s3("", " ", ""), "bucket"),
            (s3("", "b", "../x"), "prefix"),
            (Place::Directory { path: "relative".into(), mounted: false }.parse(), "path"),
            (Place::Directory { path: "/a/../etc".into(), mounted: false }.parse(), "path"),
            (Place::Directory { path: "/".into(), mounted: false }.parse(), "path"),
        ] {
            assert_eq!(wrong.expect_err("wrong").field, field);
        }
    }

    #[test]
    fn a_store_over_http_is_told_unless_it_is_on_this_machine() {
        let told = |endpoint: &str| s3(endpoint, "bucket", "").expect("a place").is_sent_unencrypted();
        for open in
            ["http://s3.example.com", "http://10.0.0.7:9000", "http://nas.lan:9000/path", "http://[2001:db8::1]:9000"]
        {
            assert!(told(open), "{open}");
        }
        for fine in [
            "",
            "https://s3.example.com",
            "http://minio:9000",
            "http://127.0.0.1:9000",
            "http://[::1]:9000",
            "http://localhost",
        ] {
            assert!(!told(fine), "{fine}");
        }
    }

    #[test]
    fn names_cannot_be_paths() {
        assert!(TargetName::parse("s3-eu.west_1").is_ok());
        for bad in ["", "../x", "a/b", "-a", "a b", &"x".repeat(65)] {
            assert!(TargetName::parse(bad).is_err(), "{bad}");
        }
    }
}
