//! TLS for what the console connects to: the provider, and the words for what a handshake fails with.

use rustls::{CertificateError, Error as TlsError};
use std::error::Error;

/// For clients that ask the process for its provider. The first call counts, repeats are fine.
pub fn install_provider() {
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// Why the handshake failed, when one did: the cause is deep inside the errors of the libraries.
pub fn cause(error: &(dyn Error + 'static)) -> Option<String> {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(tls) = error.downcast_ref::<TlsError>() {
            return Some(words(tls));
        }
        // An I/O error hides what it was made of from `source`.
        let inner = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        next = match inner {
            Some(inner) => Some(inner as &(dyn Error + 'static)),
            None => error.source(),
        };
    }
    None
}

fn words(error: &TlsError) -> String {
    let certificate = match error {
        TlsError::InvalidCertificate(certificate) => certificate,
        TlsError::InvalidMessage(_) => return "it does not speak TLS on this port".into(),
        other => return other.to_string(),
    };
    match certificate {
        CertificateError::UnknownIssuer | CertificateError::BadSignature => {
            "its certificate is self-made, or of an authority this machine does not know".into()
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "its certificate has expired".into(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "its certificate is not valid yet; check the clocks".into()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "its certificate is for another name".into()
        }
        // What webpki says of a certificate that is its own authority, as `openssl req -x509` makes them.
        CertificateError::Other(_) => "its certificate is not one a server may use, perhaps self-made".into(),
        other => format!("its certificate is refused: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_found_inside_an_io_error() {
        let tls = TlsError::InvalidCertificate(CertificateError::Expired);
        let io = std::io::Error::other(std::io::Error::other(tls));
        assert_eq!(cause(&io).as_deref(), Some("its certificate has expired"));
        assert_eq!(cause(&std::io::Error::other("no")), None);
    }
}
