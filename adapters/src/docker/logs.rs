//! The output of a container as it comes, as long as it runs.

use super::containers::described;
use super::errors::{IDLE, READ, translate};
use super::log_lines::LogLines;
use super::raw;
use bollard::Docker;
use bollard::errors::Error;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use ports::{EngineError, LogLine, LogStream, LogsFrom};
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
    let seen = described(client, id).await?;
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
    use super::super::scripted_engine::{Answer, ScriptedEngine};
    use super::*;

    const RUNS: &str = r#"{"State":{"Running":true},"Config":{"Tty":false}}"#;
    const ENDED: &str = r#"{"State":{"Running":false},"Config":{"Tty":false}}"#;
    const LINE: &[u8] = b"\x01\0\0\0\0\0\0\x04one\n";

    #[test]
    fn where_to_begin_is_told_to_the_nanosecond() {
        let since = chrono::DateTime::from_timestamp(1_700_000_000, 5);
        let path = path("sales", &LogsFrom { last_lines: Some(20), since });
        assert!(path.ends_with("&tail=20&since=1700000000.000000005"), "{path}");
        assert!(super::path("sales", &LogsFrom::default()).ends_with("&tail=all"));
    }

    async fn one(log: &mut LogStream) -> Result<LogLine, EngineError> {
        tokio::time::timeout(READ, log.next()).await.expect("in time").expect("the log goes on")
    }

    #[tokio::test]
    async fn a_log_that_breaks_off_ends_with_an_error() {
        let engine = ScriptedEngine::start(vec![Answer::json(RUNS), Answer::pieces(&[LINE])]).await;
        let mut log = follow(&engine.client, "sales", &LogsFrom::default()).await.expect("a log");
        assert_eq!(one(&mut log).await.expect("a line").line, "one");
        let error = one(&mut log).await;
        assert!(matches!(error, Err(EngineError::Unreachable(_))), "{error:?}");
        assert!(log.next().await.is_none(), "and nothing after it");
        engine.asked().await;
    }

    #[tokio::test]
    async fn whoever_drops_a_log_lets_the_engine_go() {
        let engine = ScriptedEngine::start(vec![Answer::json(RUNS), Answer::pieces(&[LINE]).stays()]).await;
        let mut log = follow(&engine.client, "sales", &LogsFrom::default()).await.expect("a log");
        assert_eq!(one(&mut log).await.expect("a line").line, "one");
        drop(log);
        assert!(engine.asked().await[1].starts_with("GET /containers/sales/logs?follow=true&"));
    }

    /// Follows a log that says nothing, as if the long silence had passed.
    async fn after_silence(answers: Vec<Answer>) -> Option<Result<LogLine, EngineError>> {
        let quiet = vec![Answer::pieces(&[]).stays()];
        let engine = ScriptedEngine::start(quiet.into_iter().chain(answers).collect()).await;
        let mut follow = Follow {
            client: engine.client.clone(),
            id: "sales".into(),
            pieces: raw::get(&engine.client, path("sales", &LogsFrom::default())),
            lines: LogLines::new(false),
            patience: Duration::from_millis(200),
            ended: false,
        };
        let answer = tokio::time::timeout(Duration::from_secs(2), follow.next()).await;
        drop(follow);
        engine.asked().await;
        answer.unwrap_or(Some(Err(EngineError::Failed("still waiting".into()))))
    }

    #[tokio::test]
    async fn a_quiet_container_is_waited_for_and_an_engine_that_is_gone_is_not() {
        assert_eq!(after_silence(vec![Answer::json(ENDED)]).await, None);
        let waiting = after_silence(vec![Answer::json(RUNS)]).await;
        assert_eq!(waiting, Some(Err(EngineError::Failed("still waiting".into()))));
        let gone = after_silence(vec![]).await;
        assert!(matches!(gone, Some(Err(EngineError::Unreachable(_)))), "{gone:?}");
    }
}
