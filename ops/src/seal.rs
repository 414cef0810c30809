//! Secrets at rest: sealed with the console's key (XChaCha20-Poly1305), opened only where they are used. And signatures of what the console
//! wrote to a target: whoever can write there cannot make one.

use crate::bundle::hex;
use crate::error::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD as BASE64;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;

const NONCE: usize = 24;

/// Seals and opens with one key.
#[derive(Clone)]
pub struct Seal {
    cipher: XChaCha20Poly1305,
    signer: Hmac<Sha256>,
}

impl Seal {
    pub fn from_key(key: [u8; 32]) -> Self {
        // A key of its own for each use: HMAC is also the derivation.
        let derived = hmac(&key).chain_update(b"neo4j-console signature v1").finalize().into_bytes();
        Self { cipher: XChaCha20Poly1305::new(&Key::from(key)), signer: hmac(&derived) }
    }

    /// Of these texts in this order: lower-case hexadecimal.
    pub fn sign(&self, texts: &[&str]) -> String {
        hex(&self.signer_of(texts).finalize().into_bytes())
    }

    /// Whether this console signed these texts. In constant time.
    pub fn has_signed(&self, texts: &[&str], signature: &str) -> bool {
        let bytes: Option<Vec<u8>> = signature.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect();
        bytes.is_some_and(|bytes| self.signer_of(texts).verify_slice(&bytes).is_ok())
    }

    /// Each text with its length: no two lists of texts are the same bytes.
    fn signer_of(&self, texts: &[&str]) -> Hmac<Sha256> {
        texts.iter().fold(self.signer.clone(), |signer, text| signer.chain_update((text.len() as u64).to_be_bytes()).chain_update(text))
    }

    /// `about` binds the sealed text to its place, so that one row's secret cannot be put into another's.
    pub fn seal(&self, about: &str, secret: &str) -> Result<String> {
        let nonce: [u8; NONCE] = rand::random();
        let payload = Payload { msg: secret.as_bytes(), aad: about.as_bytes() };
        let sealed = self.cipher.encrypt(&XNonce::from(nonce), payload).map_err(|_| Error::internal("sealing failed"))?;
        Ok(BASE64.encode([nonce.as_slice(), &sealed].concat()))
    }

    /// Fails when the key file is another one than the secret was sealed with.
    pub fn open(&self, about: &str, sealed: &str) -> Result<String> {
        let wrong = || {
            Error::conflict(
                "A stored secret cannot be opened with the console's key. Put back the key file the console was set up with, or enter the secret again.",
            )
        };
        let bytes = BASE64.decode(sealed).map_err(|_| wrong())?;
        let (nonce, text) = bytes.split_at_checked(NONCE).ok_or_else(wrong)?;
        let nonce: [u8; NONCE] = nonce.try_into().map_err(|_| wrong())?;
        let plain = self.cipher.decrypt(&XNonce::from(nonce), Payload { msg: text, aad: about.as_bytes() }).map_err(|_| wrong())?;
        String::from_utf8(plain).map_err(|_| wrong())
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
        assert!(seal.open("deployment sales", "AAAA").is_err());
        assert_ne!(sealed, seal.seal("deployment sales", "pässword").expect("seals"), "never the same twice");
    }

    #[test]
    fn a_signature_is_of_these_texts_by_this_console() {
        let seal = Seal::from_key([7; 32]);
        let signature = seal.sign(&["manifest", "encrypted"]);
        assert!(seal.has_signed(&["manifest", "encrypted"], &signature));
        for other in [&["manifest"][..], &["manifestencrypted"], &["manifest", "encrypted", ""], &["manifes", "tencrypted"]] {
            assert!(!seal.has_signed(other, &signature), "{other:?}");
        }
        assert!(!Seal::from_key([8; 32]).has_signed(&["manifest", "encrypted"], &signature));
        for none in ["", "00", "x", "é1", &signature[2..]] {
            assert!(!seal.has_signed(&["manifest", "encrypted"], none), "{none}");
        }
    }
}
