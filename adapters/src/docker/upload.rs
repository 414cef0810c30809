//! The body of one upload: headers, content, padding. Watches that the content is exactly as long as announced and that
//! the engine keeps taking it.

use super::errors::IDLE;
use super::tar_stream::trailer;
use bytes::Bytes;
use futures::{Stream, StreamExt, stream};
use ports::{Bytestream, EngineError};
use std::future::Future;
use std::sync::{Arc, OnceLock};
use tokio::sync::watch;

/// Why the content was no good, for whoever waits for the engine's answer.
pub type ContentError = Arc<OnceLock<String>>;

/// A body that is being sent.
pub struct Upload {
    headers: Option<Bytes>,
    content: Bytestream,
    bytes: u64,
    left: u64,
    ended: bool,
    error: ContentError,
    taken: watch::Sender<()>,
}

impl Upload {
    /// With what says why the content was no good, and what tells of each piece the engine took.
    pub fn new(headers: Bytes, bytes: u64, content: Bytestream) -> (Self, ContentError, watch::Receiver<()>) {
        let (taken, progress) = watch::channel(());
        let error = ContentError::default();
        (
            Self { headers: Some(headers), content, bytes, left: bytes, ended: false, error: error.clone(), taken },
            error,
            progress,
        )
    }

    /// Headers, content and padding, one after the other.
    pub fn pieces(self) -> impl Stream<Item = Bytes> + Send + 'static {
        stream::unfold(self, |mut upload| async move {
            let piece = upload.next().await?;
            upload.taken.send_replace(());
            Some((piece, upload))
        })
    }

    /// Bad content ends the body politely and too early: the engine then answers once it has let go of the file, where
    /// a broken connection would leave it writing at an unknown time.
    async fn next(&mut self) -> Option<Bytes> {
        if self.ended {
            return None;
        }
        if let Some(headers) = self.headers.take() {
            return Some(headers);
        }
        loop {
            match self.content.next().await {
                Some(Ok(piece)) if piece.is_empty() => {}
                Some(Ok(piece)) if piece.len() as u64 > self.left => {
                    return self.end(format!("the content is longer than the announced {} bytes", self.bytes));
                }
                Some(Ok(piece)) => {
                    self.left -= piece.len() as u64;
                    return Some(piece);
                }
                Some(Err(error)) => return self.end(format!("the content failed: {error}")),
                None if self.left > 0 => {
                    return self
                        .end(format!("the content ended {} bytes before the announced {}", self.left, self.bytes));
                }
                None => {
                    self.ended = true;
                    return Some(trailer(self.bytes));
                }
            }
        }
    }

    fn end(&mut self, why: String) -> Option<Bytes> {
        self.ended = true;
        let _first = self.error.set(why);
        None
    }
}

/// Waits for `call` as long as pieces are taken, and [`IDLE`] after the last.
pub async fn while_it_moves<T>(
    asked: &str,
    mut progress: watch::Receiver<()>,
    call: impl Future<Output = Result<T, EngineError>>,
) -> Result<T, EngineError> {
    let silent = || EngineError::Unreachable(format!("nothing moved for {} s ({asked})", IDLE.as_secs()));
    tokio::pin!(call);
    loop {
        tokio::select! {
            answer = &mut call => return answer,
            moved = tokio::time::timeout(IDLE, progress.changed()) => match moved {
                Ok(Ok(())) => {}
                // The whole body is taken; only the answer is missing.
                Ok(Err(_)) => return tokio::time::timeout(IDLE, call).await.unwrap_or_else(|_| Err(silent())),
                Err(_) => return Err(silent()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn send(bytes: u64, content: Vec<std::io::Result<Bytes>>) -> (Vec<u8>, Option<String>) {
        let (upload, error, _progress) = Upload::new(Bytes::from_static(b"H"), bytes, stream::iter(content).boxed());
        let sent = upload.pieces().collect::<Vec<_>>().await.concat();
        (sent, error.get().cloned())
    }

    #[tokio::test]
    async fn content_of_the_announced_length_is_followed_by_padding_and_the_end() {
        let (sent, error) = send(4, vec![Ok("ab".into()), Ok("".into()), Ok("cd".into())]).await;
        assert_eq!((sent.len(), &sent[..5], error), (1 + 512 + 1024, &b"Habcd"[..], None));
        assert_eq!(send(0, vec![]).await, ([&b"H"[..], &[0; 1024]].concat(), None));
    }

    #[tokio::test]
    async fn content_that_is_short_long_or_broken_never_ends_the_archive() {
        let broken = std::io::Error::other("cable cut");
        for (content, words) in [
            (vec![Ok("abc".into())], "ended 1 bytes before"),
            (vec![Ok("abcde".into())], "longer than"),
            (vec![Ok("abcd".into()), Ok("e".into())], "longer than"),
            (vec![Ok("abc".into()), Err(broken)], "cable cut"),
        ] {
            let (sent, error) = send(4, content).await;
            assert!(sent.len() <= 5, "no trailer");
            assert!(error.expect("an error").contains(words));
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_engine_that_takes_nothing_for_a_minute_is_given_up() {
        let (_upload, _, progress) = Upload::new(Bytes::new(), 0, stream::empty().boxed());
        let answer = while_it_moves("write", progress, std::future::pending::<Result<(), _>>()).await;
        assert!(matches!(answer, Err(EngineError::Unreachable(_))));
    }
}
