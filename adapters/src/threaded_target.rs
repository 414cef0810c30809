//! A directory target on threads of its own, every call bounded. A network share that hangs blocks the thread of each
//! call in the kernel, where nothing can end it: those must not be the threads that pages run on, and their number must
//! not grow with each try.

mod calls;
mod pieces;

use async_trait::async_trait;
use calls::{Calls, Running};
use futures::StreamExt;
use pieces::Piece;
use ports::{Bytestream, Target, TargetError};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

/// Pieces between the two sides of a transfer.
const AHEAD: usize = 4;
/// A backup, a read-back and a page at once; more wait.
const THREADS: usize = 8;

/// After which a target counts as hung.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Of a question: a page may wait for it.
    pub answer: Duration,
    /// Of a removal, and of one piece of a transfer, where a slow share writes out what it has buffered.
    pub piece: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { answer: Duration::from_secs(10), piece: Duration::from_secs(120) }
    }
}

/// The threads of one place. Kept as long as the console runs, so that what hangs is known to the next call.
pub struct Threads {
    /// Until it is dropped.
    runtime: Option<Runtime>,
    calls: Arc<Calls>,
    limits: Limits,
}

impl Threads {
    /// # Errors
    /// When the system gives no thread.
    pub fn new(limits: Limits) -> std::io::Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(THREADS)
            .thread_name("directory")
            .enable_time()
            .build()?;
        Ok(Self { runtime: Some(runtime), calls: Arc::default(), limits })
    }

    fn spawn<R: Send + 'static>(
        &self,
        work: impl Future<Output = R> + Send + 'static,
    ) -> Result<JoinHandle<R>, TargetError> {
        let runtime = self.runtime.as_ref().ok_or_else(|| TargetError::Failed("the console ends".into()))?;
        Ok(runtime.spawn(work))
    }
}

impl Drop for Threads {
    /// Without waiting for what hangs.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

/// A target whose calls run on threads of their own.
pub struct ThreadedTarget<T> {
    target: Arc<T>,
    threads: Arc<Threads>,
}

impl<T: Target> ThreadedTarget<T> {
    /// On threads that other targets at the same place share.
    pub fn new(target: T, threads: Arc<Threads>) -> Self {
        Self { target: Arc::new(target), threads }
    }

    fn hangs(&self, limit: Duration) -> TargetError {
        let (location, seconds) = (self.target.location(), limit.as_secs());
        TargetError::Failed(format!(
            "{location} did not answer for {seconds} s. Check that the drive or network share is available"
        ))
    }

    /// Nothing new is asked of what hangs.
    fn begin(&self) -> Result<Running, TargetError> {
        self.threads.calls.begin().ok_or_else(|| {
            let location = self.target.location();
            TargetError::Failed(format!(
                "{location} hangs: an earlier call has not come back. Check that the drive or network share is \
                 available; \
                 if that is back and this stays so, restart the console"
            ))
        })
    }

    /// Asks on the target's threads. What does not come back in time is left there.
    async fn ask<R, F>(&self, limit: Duration, question: impl FnOnce(Arc<T>) -> F) -> Result<R, TargetError>
    where
        R: Send + 'static,
        F: Future<Output = Result<R, TargetError>> + Send + 'static,
    {
        let running = self.begin()?;
        let late = running.late_signal();
        let asked = question(self.target.clone());
        let answer = self.threads.spawn(async move {
            let _until_it_ends = running;
            asked.await
        })?;
        match tokio::time::timeout(limit, answer).await {
            Ok(answer) => answer.map_err(|broken| TargetError::Failed(broken.to_string()))?,
            Err(_) => {
                late.mark();
                Err(self.hangs(limit))
            }
        }
    }
}

#[async_trait]
impl<T: Target> Target for ThreadedTarget<T> {
    fn location(&self) -> String {
        self.target.location()
    }

    async fn put(&self, key: &str, mut content: Bytestream) -> Result<u64, TargetError> {
        let (running, limit) = (self.begin()?, self.threads.limits.piece);
        let late = running.late_signal();
        let (give, take) = mpsc::channel(AHEAD);
        let (target, key) = (self.target.clone(), key.to_owned());
        let mut written = self.threads.spawn(async move {
            let _until_it_ends = running;
            target.put(&key, pieces::to_write(take)).await
        })?;
        let hangs = || {
            late.mark();
            self.hangs(limit)
        };
        loop {
            let piece = content.next().await.map_or(Piece::End, Piece::Content);
            let ended = matches!(piece, Piece::End);
            let given = tokio::time::timeout(limit, give.send(piece)).await.map_err(|_| hangs())?;
            // Nobody takes: the writing ended early, and says why.
            if ended || given.is_err() {
                break;
            }
        }
        let written = tokio::time::timeout(limit, &mut written).await.map_err(|_| hangs())?;
        written.map_err(|broken| TargetError::Failed(broken.to_string()))?
    }

    async fn get(&self, key: &str) -> Result<Bytestream, TargetError> {
        let (running, limit) = (self.begin()?, self.threads.limits.piece);
        let late = running.late_signal();
        let (give, mut take) = mpsc::channel(AHEAD);
        let (target, key) = (self.target.clone(), key.to_owned());
        self.threads.spawn(async move {
            let _until_it_ends = running;
            pieces::read(target.get(&key).await, give).await;
        })?;
        match tokio::time::timeout(self.threads.limits.answer, take.recv()).await {
            Ok(Some(Piece::Opened)) => Ok(pieces::to_read(take, limit, late, self.hangs(limit))),
            Ok(Some(Piece::Refused(error))) => Err(error),
            Ok(Some(Piece::Content(_) | Piece::End) | None) => {
                Err(TargetError::Failed(format!("the reading of {} broke off", self.target.location())))
            }
            Err(_) => {
                late.mark();
                Err(self.hangs(self.threads.limits.answer))
            }
        }
    }

    async fn size(&self, key: &str) -> Result<u64, TargetError> {
        let key = key.to_owned();
        self.ask(self.threads.limits.answer, |target| async move { target.size(&key).await }).await
    }

    async fn remove(&self, prefix: &str) -> Result<(), TargetError> {
        let prefix = prefix.to_owned();
        self.ask(self.threads.limits.piece, |target| async move { target.remove(&prefix).await }).await
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, TargetError> {
        let prefix = prefix.to_owned();
        self.ask(self.threads.limits.answer, |target| async move { target.list(&prefix).await }).await
    }

    async fn free(&self) -> Result<Option<u64>, TargetError> {
        self.ask(self.threads.limits.answer, |target| async move { target.free().await }).await
    }
}
