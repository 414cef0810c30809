//! The content of a file on its way between the console's threads and those of a target. Its end is said: what only
//! stops is no file.

use super::calls::LateSignal;
use bytes::Bytes;
use futures::StreamExt;
use ports::{Bytestream, TargetError};
use std::io::{Error, ErrorKind};
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender};

pub(super) enum Piece {
    /// Only when reading, and first.
    Opened,
    Content(std::io::Result<Bytes>),
    End,
    /// Only when reading: there is nothing to read.
    Refused(TargetError),
}

/// What is written.
pub(super) fn to_write(take: Receiver<Piece>) -> Bytestream {
    let next = |take: Option<Receiver<Piece>>| async {
        let mut take = take?;
        match take.recv().await {
            Some(Piece::Content(piece)) => Some((piece, Some(take))),
            Some(Piece::End) => None,
            Some(Piece::Opened | Piece::Refused(_)) | None => {
                Some((Err(Error::other("the writing was given up")), None))
            }
        }
    };
    futures::stream::unfold(Some(take), next).boxed()
}

/// Reads, on the target's threads, until the end or until nobody takes it any more.
pub(super) async fn read(opened: Result<Bytestream, TargetError>, give: Sender<Piece>) {
    let mut content = match opened {
        Ok(content) => content,
        Err(error) => {
            let _gone = give.send(Piece::Refused(error)).await;
            return;
        }
    };
    let mut piece = Piece::Opened;
    loop {
        let ended = matches!(piece, Piece::End);
        if give.send(piece).await.is_err() || ended {
            return;
        }
        piece = content.next().await.map_or(Piece::End, Piece::Content);
    }
}

/// What is read.
pub(super) fn to_read(take: Receiver<Piece>, limit: Duration, late: LateSignal, hangs: TargetError) -> Bytestream {
    let next = move |state: Option<(Receiver<Piece>, LateSignal, TargetError)>| async move {
        let (mut take, late, hangs) = state?;
        match tokio::time::timeout(limit, take.recv()).await {
            Ok(Some(Piece::Content(piece))) => Some((piece, Some((take, late, hangs)))),
            Ok(Some(Piece::End)) => None,
            Ok(Some(Piece::Opened | Piece::Refused(_)) | None) => {
                Some((Err(Error::other("the reading broke off")), None))
            }
            Err(_) => {
                late.mark();
                Some((Err(Error::new(ErrorKind::TimedOut, hangs)), None))
            }
        }
    };
    futures::stream::unfold(Some((take, late, hangs)), next).boxed()
}
