//! Commands inside a running container, and what a container printed. Both streams arrive interleaved in one framed
//! stream.

use super::errors::{READ, WRITE, bounded, in_path, translate};
use super::exec_detached;
use super::exec_user::{MAX_OUTPUT, user};
use bollard::Docker;
use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::exec::StartExecResults;
use bollard::models::ExecConfig;
use bollard::query_parameters::LogsOptionsBuilder;
use futures::{Stream, StreamExt};
use ports::{EngineError, ExecResult};
use std::time::Duration;

/// An exec's exit code may come a moment after its output has ended.
const EXIT_CODE_TRIES: usize = 40;
const EXIT_CODE_PAUSE: Duration = Duration::from_millis(50);

/// Exit code and output of a command in a running container; an error when it takes longer than `limit`.
pub async fn exec(client: &Docker, id: &str, command: &[&str], limit: Duration) -> Result<ExecResult, EngineError> {
    let what = command.first().copied().unwrap_or_default();
    match tokio::time::timeout(limit, run(client, id, command)).await {
        Ok(result) => result,
        Err(_) => Err(EngineError::Failed(format!("{what} in {id} did not end within {} s", limit.as_secs()))),
    }
}

async fn run(client: &Docker, id: &str, command: &[&str]) -> Result<ExecResult, EngineError> {
    let config = ExecConfig {
        cmd: Some(command.iter().map(|word| (*word).into()).collect()),
        user: Some(user(client, id).await?),
        attach_stdout: Some(true),
        attach_stderr: Some(true),
        ..Default::default()
    };
    let asked = format!("run a command in a container (POST /containers/{id}/exec)");
    let exec = bounded(&asked, WRITE, client.create_exec(in_path(id)?, config)).await?.id;
    let asked = format!("start a command in a container (POST /exec/{exec}/start)");
    match bounded(&asked, WRITE, client.start_exec(&exec, None)).await {
        Ok(StartExecResults::Attached { output, input: _input }) => {
            let output = collect(&asked, output, Keep::First).await?;
            Ok(ExecResult { exit_code: exit_code(client, &exec).await?, output })
        }
        Ok(StartExecResults::Detached) => Err(EngineError::Failed(format!("{asked}: the engine gave no output"))),
        // It may have run once already; what the console runs in a server only looks.
        Err(EngineError::Unreachable(why)) if why.contains("no upgrade available") => {
            exec_detached::run(client, id, command).await
        }
        Err(error) => Err(error),
    }
}

async fn exit_code(client: &Docker, exec: &str) -> Result<i64, EngineError> {
    let asked = format!("ask for an exit code (GET /exec/{exec}/json)");
    let mut pause = tokio::time::interval(EXIT_CODE_PAUSE);
    for _ in 0..EXIT_CODE_TRIES {
        pause.tick().await;
        let seen = bounded(&asked, READ, client.inspect_exec(exec)).await?;
        if let (Some(false) | None, Some(code)) = (seen.running, seen.exit_code) {
            return Ok(code);
        }
    }
    Err(EngineError::Failed(format!("{asked}: the command's output ended, but not the command")))
}

/// The last `lines` of what the container printed, both streams in one.
pub async fn logs(client: &Docker, id: &str, lines: usize) -> Result<String, EngineError> {
    let asked = format!("read a log (GET /containers/{id}/logs)");
    let options = LogsOptionsBuilder::new().stdout(true).stderr(true).tail(&lines.to_string()).build();
    let pieces = client.logs(in_path(id)?, Some(options));
    match tokio::time::timeout(WRITE, collect(&asked, pieces, Keep::Last)).await {
        Ok(text) => text,
        Err(_) => Err(EngineError::Unreachable(format!("no answer within {} s to: {asked}", WRITE.as_secs()))),
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    First,
    Last,
}

/// Reads to the end, so that the command never blocks on a full pipe, and keeps at most [`MAX_OUTPUT`] bytes.
async fn collect(
    asked: &str,
    mut pieces: impl Stream<Item = Result<LogOutput, Error>> + Unpin,
    keep: Keep,
) -> Result<String, EngineError> {
    let mut output: Vec<u8> = vec![];
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| translate(asked, &error))?.into_bytes();
        match keep {
            Keep::First => output.extend_from_slice(&piece[..piece.len().min(MAX_OUTPUT - output.len())]),
            Keep::Last => {
                output.extend_from_slice(&piece);
                // Cutting at twice the size moves each byte at most once on average.
                if output.len() > 2 * MAX_OUTPUT {
                    output.drain(..output.len() - MAX_OUTPUT);
                }
            }
        }
    }
    let from = output.len().saturating_sub(MAX_OUTPUT);
    Ok(String::from_utf8_lossy(&output[from..]).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::stream;

    fn pieces(of: &[&'static str]) -> impl Stream<Item = Result<LogOutput, Error>> + Unpin {
        stream::iter(
            of.iter()
                .map(|text| Ok(LogOutput::StdOut { message: bytes::Bytes::from_static(text.as_bytes()) }))
                .collect::<Vec<_>>(),
        )
    }

    #[tokio::test]
    async fn output_is_kept_in_order_and_never_more_than_a_mebibyte() {
        assert_eq!(collect("x", pieces(&["a", "b\n", "c"]), Keep::First).await, Ok("ab\nc".into()));
        let long: &'static str = Box::leak("x".repeat(MAX_OUTPUT).into_boxed_str());
        let first = collect("x", pieces(&["head ", long, " tail"]), Keep::First).await.expect("text");
        assert!(first.len() == MAX_OUTPUT && first.starts_with("head "));
        let last = collect("x", pieces(&["head ", long, long, long, " tail"]), Keep::Last).await.expect("text");
        assert!(last.len() == MAX_OUTPUT && last.ends_with(" tail"));
    }
}
