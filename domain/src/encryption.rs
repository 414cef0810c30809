//! Encryption of copies to keys of the customer, in the format of the command `age`. A target has recipients, which are
//! public; who holds an identity to one of them can read the copies there, and the console holds none. Shapes only:
//! `ops` encrypts.

use crate::Invalid;
use crate::backup::{BackupId, Manifest, Part};
use serde::{Deserialize, Serialize};

/// Begins every identity, also those of other kinds of keys.
const SECRET: &str = "AGE-SECRET-KEY-";
const IDENTITY: &str = "AGE-SECRET-KEY-1";
/// Characters after the beginning, of a recipient and of an identity: 32 bytes and a checksum in Bech32.
const LENGTH: usize = 58;
/// Of Bech32.
const LETTERS: &str = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
/// Each costs a hundred bytes a part.
const MOST: usize = 20;
/// Added to the name of a part that is encrypted.
pub const ENDING: &str = ".age";

fn wrong(why: impl Into<String>) -> Invalid {
    Invalid::new("age_recipients", why)
}

fn wrong_identity(why: impl Into<String>) -> Invalid {
    Invalid::new("age_identity", why)
}

/// Whether a text holds what must never be kept or shown, whatever field it was pasted into.
pub fn holds_identity(text: &str) -> bool {
    text.to_ascii_uppercase().contains(SECRET)
}

/// A public X25519 key, `age1…`. Its checksum is compared by `ops`, which knows the cryptography.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Recipient(String);

impl Recipient {
    /// Never repeats what was typed: it may be a secret in the wrong field.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let text = text.trim();
        if holds_identity(text) {
            return Err(wrong(
                "This is an identity, the secret half of a key. Keep it to yourself; write its public half, which \
                 begins with age1 (age-keygen -y prints it).",
            ));
        }
        let rest =
            text.strip_prefix("age1").filter(|rest| rest.len() == LENGTH && rest.chars().all(|c| LETTERS.contains(c)));
        let why = "Write a public key as age-keygen prints it: age1 and 58 letters and digits. Other kinds of keys are \
            not known here.";
        rest.map(|_| Self(text.into())).ok_or_else(|| wrong(why))
    }

    /// One a line; lines that are empty or begin with `#` are left out, as `age -R` does. None at all is no encryption.
    pub fn parse_all<'a>(lines: impl IntoIterator<Item = &'a str>) -> Result<Vec<Self>, Invalid> {
        let mut all = Vec::new();
        for line in lines
            .into_iter()
            .map(str::trim)
            .filter(|line| !line.is_empty() && (!line.starts_with('#') || holds_identity(line)))
        {
            let recipient = Self::parse(line)?;
            if !all.contains(&recipient) {
                all.push(recipient);
            }
        }
        if all.len() > MOST { Err(wrong(format!("Write at most {MOST} keys."))) } else { Ok(all) }
    }

    /// The stored and serialised form.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Recipient {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        Self::parse(&text)
    }
}

impl From<Recipient> for String {
    fn from(recipient: Recipient) -> Self {
        recipient.0
    }
}

impl std::fmt::Display for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// The secret half of one key or several, as somebody pasted it for one restore. It cannot be printed or written down
/// by accident.
#[derive(Clone, PartialEq, Eq)]
pub struct Identity(String);

impl Identity {
    /// The line, or the whole file that `age-keygen` wrote. Nothing at all is none.
    pub fn parse(text: &str) -> Result<Option<Self>, Invalid> {
        let mut lines = Vec::new();
        for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
            // What age prints is in capitals; some programs write all small.
            let line = line.to_ascii_uppercase();
            let rest = line
                .strip_prefix(IDENTITY)
                .filter(|rest| rest.len() == LENGTH && rest.to_ascii_lowercase().chars().all(|c| LETTERS.contains(c)));
            if rest.is_none() {
                return Err(wrong_identity(not_an_identity(&line)));
            }
            lines.push(line);
        }
        match lines.len() {
            0 if text.trim().is_empty() => Ok(None),
            0 => Err(wrong_identity(
                "There is no identity in this text. Paste the line that begins with AGE-SECRET-KEY-1.",
            )),
            n if n > MOST => Err(wrong_identity(format!("Paste at most {MOST} identities."))),
            _ => Ok(Some(Self(lines.join("\n")))),
        }
    }

    /// The secrets, one a line. For the seal and for the cryptography, nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity(…)")
    }
}

fn not_an_identity(line: &str) -> &'static str {
    if line.starts_with("AGE1") {
        "This is a recipient, the public half. Paste the identity that belongs to it: the line that begins with \
         AGE-SECRET-KEY-1."
    } else if line.contains("BEGIN AGE ENCRYPTED FILE") || line.starts_with("AGE-ENCRYPTION.ORG") {
        "This key file is encrypted itself. Open it first (age -d), then paste the line that begins with \
         AGE-SECRET-KEY-1."
    } else {
        "Paste the line of your key file that begins with AGE-SECRET-KEY-1, whole."
    }
}

/// `encrypted.json`: what lies on the target instead of the parts of the manifest. Written anew for every copy, as no
/// two encryptions of a part are the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Encrypted {
    /// Of this file; 1.
    pub format: u32,
    pub backup: BackupId,
    /// To whom; any one of them can read it.
    pub recipients: Vec<Recipient>,
    /// As they lie there: `dumps/neo4j.dump.age`, with the size and sha256 of the encrypted file.
    pub parts: Vec<Part>,
}

impl Encrypted {
    /// The format of `encrypted.json` that this console writes and reads.
    pub const FORMAT: u32 = 1;

    /// Of all parts as they lie on the target.
    pub fn bytes(&self) -> u64 {
        self.parts.iter().map(|p| p.bytes).sum()
    }

    /// Fails on a file that was edited into nonsense, or that belongs to another backup. `plain`: the parts that are
    /// not encrypted.
    pub fn check(&self, manifest: &Manifest, plain: &[&str]) -> Result<(), String> {
        if self.format != Self::FORMAT {
            return Err(format!("it has format {}; this console reads format {}", self.format, Self::FORMAT));
        }
        if self.backup != manifest.id {
            return Err(format!("it is of another backup, {}", self.backup));
        }
        let expected = |name: &str| if plain.contains(&name) { name.to_string() } else { format!("{name}{ENDING}") };
        let names: Vec<String> = manifest.parts.iter().map(|part| expected(&part.name)).collect();
        match self.parts.iter().find(|part| !names.contains(&part.name)) {
            Some(part) => return Err(format!("it names {}, which no part of the manifest becomes", part.name)),
            None if self.parts.len() != names.len() => return Err("it does not name every part".into()),
            None => {}
        }
        if self.recipients.is_empty() { Err("it names no recipient".into()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::tests::manifest;

    /// Of the examples of age itself.
    const KEY: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";
    const ITS_IDENTITY: &str = "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";

    #[test]
    fn recipients_are_read_one_a_line_and_an_identity_is_refused_without_being_repeated() {
        let text = format!("# the office\n{KEY}\n\n  {KEY}  \n");
        assert_eq!(
            Recipient::parse_all(text.lines()).expect("fine").iter().map(Recipient::as_str).collect::<Vec<_>>(),
            [KEY]
        );
        assert_eq!(Recipient::parse_all([]).expect("none is no encryption"), []);
        for secret in [
            ITS_IDENTITY.to_string(),
            ITS_IDENTITY.to_lowercase(),
            format!("# {ITS_IDENTITY}"),
            format!("{KEY} {ITS_IDENTITY}"),
        ] {
            let refused = Recipient::parse_all([secret.as_str()]).expect_err("a secret");
            assert!(
                refused.field == "age_recipients" && refused.why.contains("identity") && !refused.why.contains("GFPYY"),
                "{refused}"
            );
            assert!(holds_identity(&secret));
        }
        for other in ["age1abc", "ssh-ed25519 AAAA", &KEY.to_uppercase(), &KEY[..61], &format!("{KEY}q"), "age1pq1xyz"]
        {
            assert_eq!(Recipient::parse(other).expect_err("not one").field, "age_recipients", "{other}");
        }
    }

    #[test]
    fn an_identity_is_taken_from_its_file_and_never_printed() {
        let file = format!("# created: 2026-11-24T00:00:00Z\n# public key: {KEY}\n{ITS_IDENTITY}\n");
        let identity = Identity::parse(&file).expect("fine").expect("one");
        assert_eq!(identity.expose(), ITS_IDENTITY);
        assert!(!format!("{identity:?}").contains("GFPYY"));
        assert_eq!(Identity::parse(" \n").expect("nothing is none"), None);
        for (text, word) in [
            (KEY, "public half"),
            ("-----BEGIN AGE ENCRYPTED FILE-----", "encrypted itself"),
            ("# public key", "no identity"),
            ("hunter2", "whole"),
        ] {
            let refused = Identity::parse(text).expect_err("not one");
            assert!(
                refused.field == "age_identity" && refused.why.contains(word) && !refused.why.contains("hunter2"),
                "{refused}"
            );
        }
    }

    #[test]
    fn what_lies_there_must_be_the_parts_of_the_manifest_and_nothing_else() {
        let manifest = manifest();
        let parts: Vec<Part> =
            manifest.parts.iter().map(|part| Part { name: format!("{}.age", part.name), ..part.clone() }).collect();
        let whole = Encrypted {
            format: 1,
            backup: manifest.id.clone(),
            recipients: vec![Recipient::parse(KEY).expect("a key")],
            parts,
        };
        assert_eq!(whole.check(&manifest, &["RESTORE.md"]), Ok(()));
        let mut one_less = whole.clone();
        one_less.parts.pop();
        let mut astray = whole.clone();
        astray.parts[0].name = "../../etc/passwd".into();
        let foreign = Encrypted { backup: BackupId::parse("other-1").expect("an id"), ..whole.clone() };
        for wrong in [
            one_less,
            astray,
            foreign,
            Encrypted { recipients: vec![], ..whole.clone() },
            Encrypted { format: 2, ..whole },
        ] {
            assert!(wrong.check(&manifest, &["RESTORE.md"]).is_err(), "{wrong:?}");
        }
    }
}
