//! A command inside a running container where its output cannot be attached. Attaching takes the connection over, and a
//! socket proxy may not let it: haproxy takes the wish to upgrade out of a request with a body. Then the command writes
//! into a file of the container, which is read like any other.

use super::archive::read_file;
use super::errors::{READ, WRITE, bounded, in_path};
use super::exec_user::{MAX_OUTPUT, user};
use bollard::Docker;
use bollard::exec::StartExecOptions;
use bollard::models::ExecConfig;
use futures::TryStreamExt;
use ports::{EngineError, ExecResult};
use std::time::Duration;

const LOOK_EVERY: Duration = Duration::from_millis(100);

/// The caller bounds it.
pub async fn run(client: &Docker, id: &str, command: &[&str]) -> Result<ExecResult, EngineError> {
    let file = format!("/tmp/neo4j-console-{:016x}", rand::random::<u64>());
    let script = ["/bin/bash", "-c", r#"exec "$@" >"$0" 2>&1"#, &file];
    let exit_code = finish(client, id, &[&script, command].concat()).await?;
    let output = read(client, id, &file).await;
    if let Err(error) = finish(client, id, &["rm", "-f", &file]).await {
        tracing::warn!(file, container = id, %error, "could not remove the output of a command from the container");
    }
    Ok(ExecResult { exit_code, output: output? })
}

async fn finish(client: &Docker, id: &str, command: &[&str]) -> Result<i64, EngineError> {
    let user = user(client, id).await?;
    let config = ExecConfig {
        cmd: Some(command.iter().map(|word| (*word).into()).collect()),
        user: Some(user),
        ..Default::default()
    };
    let asked = format!("run a command in a container (POST /containers/{id}/exec)");
    let exec = bounded(&asked, WRITE, client.create_exec(in_path(id)?, config)).await?.id;
    let asked = format!("start a command in a container (POST /exec/{exec}/start)");
    let detached = StartExecOptions { detach: true, ..Default::default() };
    bounded(&asked, WRITE, client.start_exec(&exec, Some(detached))).await?;
    let asked = format!("ask for an exit code (GET /exec/{exec}/json)");
    let mut pause = tokio::time::interval(LOOK_EVERY);
    loop {
        pause.tick().await;
        let seen = bounded(&asked, READ, client.inspect_exec(&exec)).await?;
        if let (Some(false) | None, Some(code)) = (seen.running, seen.exit_code) {
            return Ok(code);
        }
    }
}

async fn read(client: &Docker, id: &str, file: &str) -> Result<String, EngineError> {
    let (_, mut pieces) = read_file(client, id, file).await?;
    let mut output: Vec<u8> = vec![];
    while let Some(piece) = pieces.try_next().await.map_err(|error| EngineError::Failed(error.to_string()))? {
        output.extend_from_slice(&piece[..piece.len().min(MAX_OUTPUT - output.len())]);
    }
    Ok(String::from_utf8_lossy(&output).into_owned())
}
