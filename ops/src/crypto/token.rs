//! Bearer tokens and set-up tokens.

use sha2::{Digest, Sha256};

/// 256 bits of chance as text: a set-up link, a bearer token.
pub(crate) fn fresh_token() -> String {
    let bytes: [u8; 32] = rand::random();
    base64::Engine::encode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, bytes)
}

/// Tokens are long and random, so a plain hash is enough to keep them out of the database.
pub(crate) fn token_hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}
