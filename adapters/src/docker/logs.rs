//! The output of a container as it comes, as long as it runs.

use super::errors::{IDLE, READ, bounded, in_path, translate};
use super::log_lines::LogLines;
use super::raw;
use bollard::Docker;
use bollard::errors::Error;
use bollard::query_parameters::InspectContainerOptions;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use ops::ports::{EngineError, LogLine, LogStream, LogsFrom};
use std::time::Duration;

pub async fn follow(client: &Docker, id: &str, from: &LogsFrom) -> Result<LogStream, EngineError> {
    let (_, terminal) = look(client, id).await?;
    let follow = Follow {
        client: client.clone(),
        id: id.into(),
        pieces: raw::get(client, path(id, from)),
        lines: LogLines::new(terminal),
        patience: IDLE,
        ended: false,
    };
    Ok(stream::unfold(follow, |mut follow| async move { Some((follow.next().await?, follow)) }).boxed())
}

/// Not bollard's own: that begins at whole seconds only.
fn path(id: &str, from: &LogsFrom) -> String {
    let tail = from.last_lines.map_or_else(|| "all".into(), |lines| lines.to_string());
    let since = from.since.map(|at| format!("&since={}.{:09}", at.timestamp(), at.timestamp_subsec_nanos()));
    let since = since.unwrap_or_default();
    format!("/containers/{id}/logs?follow=true&stdout=true&stderr=true&timestamps=true&tail={tail}{since}")
}

/// Whether it runs, and whether it has a terminal.
async fn look(client: &Docker, id: &str) -> Result<(bool, bool), EngineError> {
    let asked = format!("inspect a container (GET /containers/{id}/json)");
    let seen = bounded(&asked, READ, client.inspect_container(in_path(id)?, None::<InspectContainerOptions>)).await?;
    let runs = seen.state.and_then(|state| state.running).unwrap_or(false);
    Ok((runs, seen.config.and_then(|config| config.tty).unwrap_or(false)))
}

struct Follow {
    client: Docker,
    id: String,
    pieces: BoxStream<'static, Result<Bytes, Error>>,
    lines: LogLines,
    /// How long nothing may come until the engine is asked about the container.
    patience: Duration,
    ended: bool,
}

impl Follow {
    async fn next(&mut self) -> Option<Result<LogLine, EngineError>> {
        loop {
            match self.lines.next() {
                Some(Ok(line)) => return Some(Ok(line)),
                Some(Err(why)) => return self.fail(EngineError::Failed(format!("{}: {why}", self.asked()))),
                None if self.ended => return None,
                None => {}
            }
            match tokio::time::timeout(self.patience, self.pieces.next()).await {
                Ok(Some(Ok(piece))) => self.lines.take(&piece),
                Ok(Some(Err(error))) => return self.fail(translate(&self.asked(), &error)),
                Ok(None) => self.end(),
                // A quiet container and an engine that is gone sound alike.
                Err(_) => match look(&self.client, &self.id).await {
                    Ok((true, _)) => self.patience = IDLE,
                    // It may have ended just now: its last lines are awaited.
                    Ok((false, _)) if self.patience == IDLE => self.patience = READ,
                    Ok((false, _)) => self.end(),
                    Err(error) => return self.fail(error),
                },
            }
        }
    }

    fn asked(&self) -> String {
        format!("follow a log (GET /containers/{}/logs)", self.id)
    }

    fn end(&mut self) {
        self.ended = true;
        self.lines.end();
    }

    fn fail(&mut self, error: EngineError) -> Option<Result<LogLine, EngineError>> {
        self.ended = true;
        Some(Err(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_to_begin_is_told_to_the_nanosecond() {
        let since = chrono::DateTime::from_timestamp(1_700_000_000, 5);
        let path = path("sales", &LogsFrom { last_lines: Some(20), since });
        assert!(path.ends_with("&tail=20&since=1700000000.000000005"), "{path}");
        assert!(super::path("sales", &LogsFrom::default()).ends_with("&tail=all"));
    }
}
