//! How long each kind of call may take, and what bollard's errors mean to the console.

use bollard::errors::Error;
use ports::EngineError;
use std::future::Future;
use std::time::Duration;

/// Questions.
pub const READ: Duration = Duration::from_secs(3);
/// Changes: create, start, remove; also the first answer of a stream.
pub const WRITE: Duration = Duration::from_secs(30);
/// The longest silence between two pieces of a stream.
pub const IDLE: Duration = Duration::from_secs(60);

/// `asked` names the call in words and as HTTP, because a 403 of a socket proxy says neither.
pub async fn bounded<T>(
    asked: &str,
    limit: Duration,
    call: impl Future<Output = Result<T, Error>>,
) -> Result<T, EngineError> {
    match tokio::time::timeout(limit, call).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(translate(asked, &error)),
        Err(_) => Err(EngineError::Unreachable(format!("no answer within {} s to: {asked}", limit.as_secs()))),
    }
}

/// An error of bollard as one of the port. `asked`: the call, for the message.
pub fn translate(asked: &str, error: &Error) -> EngineError {
    let text = ports::error_chain(error);
    if text.contains("no space left on device") {
        return EngineError::DiskFull(short(&text));
    }
    // Of another container, and of a program on the host.
    if text.contains("port is already allocated") || text.contains("address already in use") {
        return EngineError::PortTaken(short(&text));
    }
    // What runc and crun say of it, through the engine, at the start.
    if text.contains("executable file not found") || text.contains("executable file `") {
        return EngineError::NoProgram(short(&text));
    }
    match error {
        Error::DockerResponseServerError { status_code, message } => by_status(asked, *status_code, message),
        Error::RequestTimeoutError
        | Error::SocketNotFoundError(_)
        | Error::IOError { .. }
        | Error::HyperResponseError { .. }
        | Error::HyperLegacyError { .. } => EngineError::Unreachable(format!("{} ({asked})", short(&text))),
        _ => EngineError::Failed(format!("{asked}: {}", short(&text))),
    }
}

fn by_status(asked: &str, status: u16, message: &str) -> EngineError {
    match status {
        403 => EngineError::Denied(asked.into()),
        404 => EngineError::NotFound(short(message)),
        409 => EngineError::Conflict(short(message)),
        // A proxy in front of an engine that is down.
        502..=504 => EngineError::Unreachable(format!("the proxy in front of Docker answered {status} ({asked})")),
        _ => EngineError::Failed(format!("{asked}: {}", short(message))),
    }
}

/// An engine's message is one line; a proxy may send a whole page.
fn short(message: &str) -> String {
    message.trim().chars().take(400).collect()
}

/// For the engine's streams, whose items are I/O results to the console.
pub fn as_io(asked: &str, error: &Error) -> std::io::Error {
    std::io::Error::other(translate(asked, error))
}

/// An id, name or image reference that may stand in a path. Anything else cannot exist on an engine, and could ask it
/// something else.
pub fn in_path(name: &str) -> Result<&str, EngineError> {
    let good = !name.is_empty()
        && !name.contains("..")
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-:/@".contains(&b));
    if good { Ok(name) } else { Err(EngineError::NotFound(format!("No such name: {name:?}"))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status_code: u16, message: &str) -> EngineError {
        translate(
            "stop (POST /containers/x/stop)",
            &Error::DockerResponseServerError { status_code, message: message.into() },
        )
    }

    #[test]
    fn each_status_becomes_the_error_that_tells_what_to_do() {
        assert_eq!(answer(403, "<html>Forbidden</html>"), EngineError::Denied("stop (POST /containers/x/stop)".into()));
        assert_eq!(answer(404, "No such container: x"), EngineError::NotFound("No such container: x".into()));
        assert_eq!(answer(409, "in use"), EngineError::Conflict("in use".into()));
        assert!(matches!(answer(503, "<html>"), EngineError::Unreachable(_)));
        assert!(matches!(answer(500, "boom"), EngineError::Failed(_)));
        for taken in ["Bind for 0.0.0.0:7687 failed: port is already allocated", "bind: address already in use"] {
            assert!(matches!(answer(500, taken), EngineError::PortTaken(_)), "{taken}");
        }
        for missing in [
            "exec: \"neo4j-admin\": executable file not found in $PATH: unknown",
            "crun: executable file `neo4j-admin` not found in $PATH: No such file or directory",
        ] {
            assert!(matches!(answer(400, missing), EngineError::NoProgram(_)), "{missing}");
        }
        assert!(matches!(answer(500, "write /x: no space left on device"), EngineError::DiskFull(_)));
        assert!(matches!(translate("x", &Error::RequestTimeoutError), EngineError::Unreachable(_)));
    }

    #[test]
    fn a_name_that_could_ask_something_else_never_reaches_the_engine() {
        for good in ["sales", "sha256:0af", "localhost:5000/neo4j:5.26.5", "a_b.c-d"] {
            assert!(in_path(good).is_ok(), "{good}");
        }
        for bad in ["", "a/../../images", "x?force=1", "a b", "x#"] {
            assert!(matches!(in_path(bad), Err(EngineError::NotFound(_))), "{bad}");
        }
    }
}
