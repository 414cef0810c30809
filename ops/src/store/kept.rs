//! Answers that every page asks for, kept in memory until something is written. Exact for what this process writes: an
//! answer that overlapped a write is not kept. What another process writes (the command line) is seen a second later: a
//! console that runs forgets everything each second ([`Store::forget_kept`]).

use super::Store;
use crate::error::Result;
use sqlx::sqlite::SqlitePool;
use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Questions; more of them are forgotten all at once.
const MOST: usize = 1_000;

#[derive(Default)]
pub(super) struct Kept {
    /// Grows with each write.
    version: AtomicU64,
    /// Writes that are under way.
    writers: AtomicU64,
    answers: Mutex<HashMap<String, Answer>>,
}

struct Answer {
    version: u64,
    value: Arc<dyn Any + Send + Sync>,
}

/// The pool, for a statement that writes; when it is dropped, everything that was kept is stale.
pub(super) struct Writing<'a> {
    pool: &'a SqlitePool,
    kept: &'a Kept,
}

impl std::ops::Deref for Writing<'_> {
    type Target = SqlitePool;
    fn deref(&self) -> &SqlitePool {
        self.pool
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.kept.version.fetch_add(1, Ordering::SeqCst);
        self.kept.writers.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Kept {
    fn answers(&self) -> MutexGuard<'_, HashMap<String, Answer>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The version, unless a write is under way.
    fn quiet(&self) -> Option<u64> {
        let version = self.version.load(Ordering::SeqCst);
        (self.writers.load(Ordering::SeqCst) == 0).then_some(version)
    }

    fn find<T: Clone + 'static>(&self, question: &str) -> Option<T> {
        let version = self.version.load(Ordering::SeqCst);
        let answers = self.answers();
        let answer = answers.get(question).filter(|a| a.version == version)?;
        answer.value.downcast_ref::<T>().cloned()
    }

    fn keep<T: Send + Sync + 'static>(&self, question: String, version: u64, value: T) {
        let mut answers = self.answers();
        if answers.len() >= MOST {
            answers.clear();
        }
        answers.insert(question, Answer { version, value: Arc::new(value) });
    }
}

impl Store {
    /// For every statement that writes.
    pub(super) fn write(&self) -> Writing<'_> {
        self.kept.writers.fetch_add(1, Ordering::SeqCst);
        Writing { pool: &self.pool, kept: &self.kept }
    }

    /// Everything is read anew.
    pub(crate) fn forget_kept(&self) {
        drop(self.write());
    }

    /// The kept answer to this question, or what `ask` reads now. One question, one type.
    pub(super) async fn kept<T: Clone + Send + Sync + 'static>(
        &self,
        question: impl Into<String>,
        ask: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let question = question.into();
        if let Some(answer) = self.kept.find(&question) {
            return Ok(answer);
        }
        let before = self.kept.quiet();
        let answer = ask.await?;
        if let Some(version) = before.filter(|v| self.kept.quiet() == Some(*v)) {
            self.kept.keep(question, version, answer.clone());
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(store: &Store, answer: u32) -> u32 {
        store.kept("q", async { Ok(answer) }).await.expect("an answer")
    }

    #[tokio::test]
    async fn an_answer_is_kept_until_something_is_written() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path()).await.expect("opens");
        assert_eq!((ask(&store, 1).await, ask(&store, 2).await), (1, 1));
        store.set_value("k", Some("v")).await.expect("written");
        assert_eq!((ask(&store, 3).await, ask(&store, 4).await), (3, 3));
    }

    #[tokio::test]
    async fn an_answer_that_overlaps_a_write_is_not_kept() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path()).await.expect("opens");
        let under_way = store.write();
        assert_eq!((ask(&store, 1).await, ask(&store, 2).await), (1, 2));
        drop(under_way);
        let begun_meanwhile = store.kept("q", async {
            drop(store.write());
            Ok(3)
        });
        assert_eq!(begun_meanwhile.await.expect("an answer"), 3);
        assert_eq!(ask(&store, 4).await, 4);
    }
}
