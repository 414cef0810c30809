//! Secrets at rest: sealed with the console's key (XChaCha20-Poly1305), opened only where they are used. And signatures
//! of what the console wrote to a target: whoever can write there cannot make one.

use crate::error::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

const NONCE: usize = 24;
/// Hexadecimal digits: enough to tell the keys of one console apart.
const ID: usize = 8;

/// Seals with the console's key. Opens, and knows signatures, with its earlier keys as well: what was sealed or signed
/// before the key was changed lies in backups, also where nobody can write any more.
#[derive(Clone)]
pub struct Seal {
    present: Key,
    earlier: Vec<Key>,
}

#[derive(Clone)]
struct Key {
    /// Stands before what was sealed with it.
    id: String,
    cipher: XChaCha20Poly1305,
    signer: Hmac<Sha256>,
}

impl Key {
    fn new(key: [u8; 32]) -> Self {
        // A key of its own for each use: HMAC is also the derivation.
        let derived = |what: &str| hmac(&key).chain_update(what).finalize().into_bytes();
        let id = hex::encode(derived("neo4j-console key id v1"))[..ID].to_owned();
        Self { id, cipher: XChaCha20Poly1305::new(&key.into()), signer: hmac(&derived("neo4j-console signature v1")) }
    }

    /// Each text with its length: no two lists of texts are the same bytes.
    fn signer_of(&self, texts: &[&str]) -> Hmac<Sha256> {
        texts.iter().fold(self.signer.clone(), |signer, text| {
            signer.chain_update((text.len() as u64).to_be_bytes()).chain_update(text)
        })
    }

    fn open(&self, context: &str, text: &str) -> Option<String> {
        let bytes = BASE64.decode(text).ok()?;
        let (nonce, text) = bytes.split_at_checked(NONCE)?;
        let nonce: [u8; NONCE] = nonce.try_into().ok()?;
        let plain = self.cipher.decrypt(&XNonce::from(nonce), Payload { msg: text, aad: context.as_bytes() }).ok()?;
        String::from_utf8(plain).ok()
    }
}

impl Seal {
    /// Of one key, without earlier ones.
    pub fn from_key(key: [u8; 32]) -> Self {
        Self::from_keys(key, &[])
    }

    /// Seals and signs with the present key; the earlier ones only open, and check signatures.
    pub fn from_keys(present: [u8; 32], earlier: &[[u8; 32]]) -> Self {
        Self { present: Key::new(present), earlier: earlier.iter().copied().map(Key::new).collect() }
    }

    fn keys(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.present).chain(&self.earlier)
    }

    /// Of these texts in this order: lower-case hexadecimal.
    pub fn sign(&self, texts: &[&str]) -> String {
        hex::encode(self.present.signer_of(texts).finalize().into_bytes())
    }

    /// Whether this console signed these texts, with any of its keys. In constant time.
    pub fn has_signed(&self, texts: &[&str], signature: &str) -> bool {
        let bytes: Option<Vec<u8>> = signature
            .as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect();
        bytes.is_some_and(|bytes| self.keys().any(|key| key.signer_of(texts).verify_slice(&bytes).is_ok()))
    }

    /// `context` binds the sealed text to its place, so that one row's secret cannot be put into another's.
    pub fn seal(&self, context: &str, secret: &str) -> Result<String> {
        let nonce: [u8; NONCE] = rand::random();
        let payload = Payload { msg: secret.as_bytes(), aad: context.as_bytes() };
        let sealed = self
            .present
            .cipher
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| Error::internal("sealing failed"))?;
        Ok(format!("{}.{}", self.present.id, BASE64.encode([nonce.as_slice(), &sealed].concat())))
    }

    /// Fails when it was sealed with a key that is not in the key file, or for another place.
    pub fn open(&self, context: &str, sealed: &str) -> Result<String> {
        let opened = match sealed.split_once('.') {
            Some((id, text)) => self.keys().find(|key| key.id == id).and_then(|key| key.open(context, text)),
            // By a console that did not name its key yet.
            None => self.keys().find_map(|key| key.open(context, sealed)),
        };
        opened.ok_or_else(|| {
            Error::conflict(
                "A stored secret cannot be opened with the console's key. Put back the key file the console was set up \
                 with, or enter the secret again.",
            )
        })
    }

    /// Whether it would be opened without the earlier keys, as far as its name tells.
    pub fn is_by_present_key(&self, sealed: &str) -> bool {
        sealed.split_once('.').is_some_and(|(id, _)| id == self.present.id)
    }
}

fn hmac(key: &[u8]) -> Hmac<Sha256> {
    Hmac::new_from_slice(key).expect("HMAC takes a key of any length")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_only_with_the_same_key_and_in_the_same_place() {
        let seal = Seal::from_key([7; 32]);
        let sealed = seal.seal("deployment sales", "pässword").expect("seals");
        assert!(!sealed.contains("pässword"));
        assert_eq!(seal.open("deployment sales", &sealed).expect("opens"), "pässword");
        assert!(seal.open("deployment other", &sealed).is_err());
        assert!(Seal::from_key([8; 32]).open("deployment sales", &sealed).is_err());
        for damaged in ["", "AAAA", ".", &sealed[1..], &sealed[..sealed.len() - 1], &sealed[..ID + 1]] {
            assert!(seal.open("deployment sales", damaged).is_err(), "{damaged}");
        }
        assert_ne!(sealed, seal.seal("deployment sales", "pässword").expect("seals"), "never the same twice");
    }

    #[test]
    fn what_an_earlier_key_sealed_or_signed_still_counts_and_is_told_apart() {
        let (old, both) = (Seal::from_key([7; 32]), Seal::from_keys([8; 32], &[[7; 32]]));
        let sealed = old.seal("deployment sales", "secret").expect("seals");
        // As consoles wrote it before keys had names.
        let nameless = sealed.split_once('.').expect("a name").1;
        for text in [sealed.as_str(), nameless] {
            assert_eq!(both.open("deployment sales", text).expect("opens"), "secret");
            assert_eq!(old.open("deployment sales", text).expect("opens"), "secret");
            assert!(both.open("deployment other", text).is_err());
            assert!(!both.is_by_present_key(text));
        }
        let again = both.seal("deployment sales", "secret").expect("seals");
        assert!(
            both.is_by_present_key(&again)
                && Seal::from_key([8; 32]).open("deployment sales", &again).is_ok()
                && old.open("deployment sales", &again).is_err()
        );
        let signature = old.sign(&["manifest"]);
        assert!(
            both.has_signed(&["manifest"], &signature)
                && !Seal::from_key([8; 32]).has_signed(&["manifest"], &signature)
        );
    }

    #[test]
    fn a_signature_is_of_these_texts_by_this_console() {
        let seal = Seal::from_key([7; 32]);
        let signature = seal.sign(&["manifest", "encrypted"]);
        assert!(seal.has_signed(&["manifest", "encrypted"], &signature));
        for other in
            [&["manifest"][..], &["manifestencrypted"], &["manifest", "encrypted", ""], &["manifes", "tencrypted"]]
        {
            assert!(!seal.has_signed(other, &signature), "{other:?}");
        }
        assert!(!Seal::from_key([8; 32]).has_signed(&["manifest", "encrypted"], &signature));
        for none in ["", "00", "x", "é1", &signature[2..]] {
            assert!(!seal.has_signed(&["manifest", "encrypted"], none), "{none}");
        }
    }
}
