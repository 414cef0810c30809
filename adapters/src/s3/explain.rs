//! What a store's errors mean, in words that name what to mend.

use domain::target::S3;
use object_store::Error;
use ops::error::chain;
use ops::ports::TargetError;

/// Words in the answer or in the connection's error, and what they say to a person.
const MEANINGS: [(&[&str], &str); 8] = [
    (
        &["dns error", "failed to lookup", "Name or service not known"],
        "the name of the store's address is not known (DNS). Check the endpoint",
    ),
    (
        &["certificate", "tls", "InvalidContentType"],
        "the encrypted connection failed (TLS). Check the certificate, and http or https in the endpoint",
    ),
    (
        &["Connection refused", "timed out", "timeout", "Connection reset", "tcp connect"],
        "the store does not answer. Check the endpoint, its port and the network",
    ),
    (&["RequestTimeTooSkewed"], "the clocks differ by too much. Set this machine's clock right"),
    (&["SignatureDoesNotMatch"], "the secret key is wrong (the signature does not match)"),
    (&["InvalidAccessKeyId"], "the access key is not known to the store"),
    (&["NoSuchBucket"], "there is no such bucket. Make it first, or mend its name"),
    (
        &["AccessDenied", "403", "Forbidden"],
        "the key may not do this here. Allow it to list, read, write and delete in this bucket",
    ),
];

/// The error for people. `Missing` where there is no such object, `Full` over a quota.
pub fn explain(place: &S3, key: &str, error: &Error) -> TargetError {
    let text = chain(error);
    let meaning = MEANINGS.iter().find(|(words, _)| words.iter().any(|word| text.contains(word)));
    match (error, meaning) {
        // A missing bucket is a 404 too.
        (Error::NotFound { .. }, None) => TargetError::Missing(key.into()),
        (_, Some((_, says))) => TargetError::Failed(format!("{}: {says}. ({})", place.bucket, short(&text))),
        _ if text.contains("QuotaExceeded") || text.contains("507") => TargetError::Full(short(&text)),
        _ => TargetError::Failed(format!("{}: {}", place.bucket, short(&text))),
    }
}

/// An answer may be a whole page.
fn short(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        let place = S3 {
            endpoint: String::new(),
            region: String::new(),
            bucket: "b".into(),
            prefix: String::new(),
            path_style: true,
            storage_class: String::new(),
            server_side_encryption: String::new(),
        };
        explain(&place, "k", &Error::Generic { store: "S3", source: text.to_string().into() }).to_string()
    }

    #[test]
    fn each_cause_is_named() {
        for (text, word) in [
            ("error trying to connect: dns error: failed to lookup address", "DNS"),
            ("invalid peer certificate: UnknownIssuer", "TLS"),
            ("tcp connect error: Connection refused (os error 111)", "does not answer"),
            ("<Code>RequestTimeTooSkewed</Code>", "clock"),
            ("<Code>SignatureDoesNotMatch</Code>", "secret key"),
            ("<Code>InvalidAccessKeyId</Code>", "access key"),
            ("<Code>NoSuchBucket</Code>", "no such bucket"),
            ("Server returned 403 Forbidden: <Code>AccessDenied</Code>", "may not"),
        ] {
            assert!(said(text).contains(word), "{text}: {}", said(text));
        }
    }
}
