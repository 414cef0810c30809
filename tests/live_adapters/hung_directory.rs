//! A directory on a share that hangs. A frozen file system blocks writers in the kernel as a dead NFS server does, a
//! pipe that nobody writes to blocks readers.

use adapters::named_directory::NamedDirectory;
use adapters::threaded_target::{Limits, ThreadedTarget, Threads};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use ports::{Bytestream, Target, TargetError};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tests::tiny_disk::TinyDisk;

/// Longer than a disk takes that other tests keep busy.
const LIMITS: Limits = Limits { answer: Duration::from_secs(8), piece: Duration::from_secs(12) };

fn pieces(count: usize) -> Bytestream {
    stream::iter((0..count).map(|n| Ok(Bytes::from(vec![n as u8; 100_000])))).boxed()
}

fn on_threads(path: &Path) -> ThreadedTarget<NamedDirectory> {
    ThreadedTarget::new(NamedDirectory::new(path, false), Arc::new(Threads::new(LIMITS).expect("threads")))
}

/// Thawed when dropped, or nothing could unmount it.
struct Frozen<'a>(&'a Path);

impl<'a> Frozen<'a> {
    fn new(at: &'a Path) -> Self {
        assert!(
            Command::new("fsfreeze").arg("--freeze").arg(at).status().is_ok_and(|s| s.success()),
            "fsfreeze (this test needs root)"
        );
        Self(at)
    }
}

impl Drop for Frozen<'_> {
    fn drop(&mut self) {
        let _thawed = Command::new("fsfreeze").arg("--unfreeze").arg(self.0).status();
    }
}

async fn length(target: &impl Target, key: &str) -> Result<usize, std::io::Error> {
    let read = target.get(key).await.map_err(std::io::Error::other)?;
    read.try_fold(0, |sum, piece| async move { Ok(sum + piece.len()) }).await
}

async fn soon<T>(call: impl Future<Output = T>) -> T {
    tokio::time::timeout(2 * (LIMITS.piece + LIMITS.answer), call).await.expect("every call is bounded")
}

fn says(result: Result<impl std::fmt::Debug, TargetError>, what: &str) {
    let error = result.expect_err("it hangs").to_string();
    assert!(error.contains(what), "{error}");
}

#[tokio::test]
async fn writing_to_what_hangs_is_given_up_in_words_and_goes_on_when_it_is_back() {
    let place = tempfile::tempdir().expect("a directory");
    let at = place.path().join("share");
    std::fs::create_dir(&at).expect("made");
    let disk = TinyDisk::on_a_file(&at, "64m");
    let target = on_threads(disk.path());
    assert_eq!(soon(target.put("b/part", pieces(9))).await, Ok(900_000));
    let frozen = Frozen::new(disk.path());
    says(soon(target.put("b/more", pieces(9))).await, "did not answer for 12 s");
    // Not even asked: a page must not wait for each of them, and each would block one more thread.
    let from = Instant::now();
    for _ in 0..20 {
        says(soon(target.list("")).await, "an earlier call has not come back");
        says(soon(target.put("b/more", pieces(9))).await, "an earlier call has not come back");
    }
    assert!(from.elapsed() < LIMITS.answer);
    drop(frozen);
    let from = Instant::now();
    while target.list("b").await.is_err() {
        assert!(from.elapsed() < Duration::from_secs(60), "it is back");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(target.list("b").await, Ok(vec!["part".into()]), "what was given up is no file");
    assert_eq!(soon(target.put("b/more", pieces(9))).await, Ok(900_000));
    assert_eq!(soon(length(&target, "b/more")).await.expect("read"), 900_000);
}

#[tokio::test]
async fn reading_what_hangs_is_given_up_in_words() {
    let place = tempfile::tempdir().expect("a directory");
    let target = on_threads(place.path());
    assert_eq!(soon(target.put("b/part", pieces(300))).await, Ok(30_000_000));
    let pipe = place.path().join("b/pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().is_ok_and(|s| s.success()));
    says(soon(target.get("b/pipe")).await.map(|_| ()), "did not answer for 8 s");
    says(soon(target.size("b/part")).await, "an earlier call has not come back");
    let _writer = std::fs::OpenOptions::new().write(true).open(&pipe).expect("the reader's open ends");
    let from = Instant::now();
    while target.size("b/part").await != Ok(30_000_000) {
        assert!(from.elapsed() < Duration::from_secs(20), "it is back");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(soon(length(&target, "b/part")).await.expect("read"), 30_000_000);
}

#[tokio::test]
async fn a_caller_who_gives_up_or_a_stream_that_breaks_leaves_no_file() {
    let place = tempfile::tempdir().expect("a directory");
    let target = on_threads(place.path());
    let broken = pieces(3).chain(stream::iter([Err(std::io::Error::other("the cable was cut"))])).boxed();
    says(target.put("b/part", broken).await, "the cable was cut");
    let endless = pieces(3).chain(stream::pending()).boxed();
    assert!(tokio::time::timeout(Duration::from_millis(300), target.put("b/part", endless)).await.is_err());
    let from = Instant::now();
    while std::fs::read_dir(place.path().join("b")).expect("a directory").count() > 0 {
        assert!(from.elapsed() < Duration::from_secs(10), "what was begun is removed");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    says(target.get("b/part").await.map(|_| ()), "is missing");
}
