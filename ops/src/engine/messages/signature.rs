//! How a receiver of the generic web hook knows that a message came from here and is not an old one sent again.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// The header's name.
pub const SIGNATURE: &str = "X-Neo4j-Console-Signature";

/// `t=<seconds since 1970>,v1=<hex>`: HMAC-SHA256 with the channel's secret over `<seconds>.<body>`. The time is in the
/// signed text, so a receiver can refuse what is older than some minutes.
pub fn signature(secret: &str, seconds: i64, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes a key of any length");
    mac.update(format!("{seconds}.").as_bytes());
    mac.update(body);
    format!("t={seconds},v1={}", hex::encode(mac.finalize().into_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reckoned with `printf '%s' '1795000000.{"a":1}' | openssl dgst -sha256 -hmac 0123456789abcdef`.
    #[test]
    fn the_signature_is_what_openssl_says() {
        let golden = "t=1795000000,v1=cc265a2e718683fd617b6fdc65ca0fc0337f32c303412aae789c1fa3d7509f37";
        assert_eq!(signature("0123456789abcdef", 1_795_000_000, br#"{"a":1}"#), golden);
        assert_ne!(signature("0123456789abcdef", 1_795_000_001, br#"{"a":1}"#), golden, "the time is signed too");
    }
}
