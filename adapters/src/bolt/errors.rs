//! What neo4rs's errors mean to the console (docs/neo4j-facts.md: Lock-out).

use neo4rs::Error;
use ports::GraphError;

/// An error of neo4rs as one of the port.
pub fn translate(error: &Error) -> GraphError {
    match error {
        // A failed sign-in carries no code, only Neo4j's sentence.
        Error::AuthenticationError(message) => sign_in(message),
        Error::Neo4j(refused) => refusal(refused.code(), refused.message()),
        Error::ConnectionTimedOut => GraphError::TimedOut,
        other => GraphError::Unreachable(ports::error_chain(other)),
    }
}

fn sign_in(message: &str) -> GraphError {
    if message.contains("too many times") {
        GraphError::RateLimited
    } else if message.contains("unauthorized") || message.contains("nauthorized") {
        GraphError::Unauthorized
    } else if wants_new_password(message) {
        GraphError::PasswordChangeRequired
    } else {
        GraphError::Refused { code: "sign-in".into(), message: message.into() }
    }
}

fn refusal(code: &str, message: &str) -> GraphError {
    match code.strip_prefix("Neo.ClientError.Security.") {
        Some("Unauthorized") => GraphError::Unauthorized,
        Some("AuthenticationRateLimit") => GraphError::RateLimited,
        Some("CredentialsExpired") => GraphError::PasswordChangeRequired,
        Some(_) if wants_new_password(message) => GraphError::PasswordChangeRequired,
        _ => GraphError::Refused { code: code.into(), message: message.into() },
    }
}

fn wants_new_password(message: &str) -> bool {
    message.contains("must be changed") || message.contains("ALTER CURRENT USER SET PASSWORD")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neo4js_sentences_at_sign_in_are_told_apart() {
        let said = |text: &str| translate(&Error::AuthenticationError(text.into()));
        assert_eq!(said("The client is unauthorized due to authentication failure."), GraphError::Unauthorized);
        assert_eq!(
            said("The client has provided incorrect authentication details too many times in a row."),
            GraphError::RateLimited
        );
        assert!(matches!(said("The database is being upgraded."), GraphError::Refused { .. }));
    }

    #[test]
    fn codes_decide_and_old_hints_help() {
        let code = |kind: &str| format!("Neo.ClientError.Security.{kind}");
        assert_eq!(refusal(&code("CredentialsExpired"), "x"), GraphError::PasswordChangeRequired);
        assert_eq!(
            refusal(&code("Forbidden"), "Permission denied. … ALTER CURRENT USER SET PASSWORD FROM …"),
            GraphError::PasswordChangeRequired
        );
        assert!(matches!(refusal(&code("Forbidden"), "no"), GraphError::Refused { .. }));
        assert!(
            matches!(translate(&Error::ProtocolMismatch(0)), GraphError::Unreachable(why) if why.contains("HTTP port"))
        );
        assert_eq!(translate(&Error::ConnectionTimedOut), GraphError::TimedOut);
    }
}
