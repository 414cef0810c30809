//! What a store's errors mean, in words that name what to mend. Told by types, the status and the store's own code,
//! never by words of the whole text: that holds the address, and with it whatever people call their deployments.

use crate::tls;
use domain::target::S3;
use object_store::Error;
use object_store::client::{HttpError, HttpErrorKind};
use ports::TargetError;
use ports::error_chain;

type Cause<'a> = &'a (dyn std::error::Error + 'static);

/// The error for people. `Missing` where there is no such object, `Full` over a quota.
pub fn explain(place: &S3, key: &str, error: &Error) -> TargetError {
    let text = short(&error_chain(error));
    let reply = Reply::of(error);
    match (error, meaning(error, &reply)) {
        // A missing bucket is a 404 too.
        (Error::NotFound { .. }, None) => TargetError::Missing(key.into()),
        (_, Some(says)) => TargetError::Failed(format!("{}: {says}. ({text})", place.bucket)),
        _ if reply.code.contains("QuotaExceeded") || reply.status == Some(507) => TargetError::Full(text),
        _ => TargetError::Failed(format!("{}: {text}", place.bucket)),
    }
}

fn meaning(error: &Error, reply: &Reply) -> Option<&'static str> {
    if let Some(broken) = causes(error).find_map(|cause| cause.downcast_ref::<HttpError>()) {
        return of_connection(broken);
    }
    match reply.code.as_str() {
        "RequestTimeTooSkewed" => Some("the clocks differ by too much. Set this machine's clock right"),
        "SignatureDoesNotMatch" => Some("the secret key is wrong (the signature does not match)"),
        "InvalidAccessKeyId" => Some("the access key is not known to the store"),
        "NoSuchBucket" => Some("there is no such bucket. Create it first, or correct its name"),
        code if code == "AccessDenied" || reply.status == Some(403) => {
            Some("the key may not do this here. Allow it to list, read, write and delete in this bucket")
        }
        _ => None,
    }
}

fn of_connection(error: &HttpError) -> Option<&'static str> {
    // The resolver's error has no public type; this is the whole text of one link of the chain.
    if causes(error).any(|cause| cause.to_string() == "dns error") {
        return Some("the name of the store's address is not known (DNS). Check the endpoint");
    }
    if tls::cause(error).is_some() {
        return Some("the encrypted connection failed (TLS). Check the certificate, and http or https in the endpoint");
    }
    let silent = [HttpErrorKind::Connect, HttpErrorKind::Request, HttpErrorKind::Timeout, HttpErrorKind::Interrupted];
    silent.contains(&error.kind()).then_some("the store does not answer. Check the endpoint, its port and the network")
}

/// What the store answered, as far as it did.
struct Reply {
    status: Option<u16>,
    /// `NoSuchBucket` …; empty where the answer has none, as that to `HEAD`.
    code: String,
}

impl Reply {
    /// The crate keeps the type of a refused request to itself, so its text is read: it holds no address, and of the
    /// body, which may hold one, only the element for the code is looked at.
    fn of(error: &Error) -> Self {
        let said = causes(error).map(ToString::to_string).find(|text| text.starts_with("Server returned "));
        let said = said.unwrap_or_default();
        let status = said.strip_prefix("Server returned non-2xx status code: ");
        let status = status.and_then(|rest| rest.get(..3)).and_then(|digits| digits.parse().ok());
        let code = said.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>"));
        Self { status, code: code.map(|(code, _)| code.trim().to_owned()).unwrap_or_default() }
    }
}

/// An error and what it came of, the outermost first.
fn causes<'a>(error: Cause<'a>) -> impl Iterator<Item = Cause<'a>> {
    std::iter::successors(Some(error), |error| error.source())
}

/// An answer may be a whole page.
fn short(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(300).collect()
}

#[cfg(test)]
mod tests;
