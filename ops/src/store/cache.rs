//! The query cache: answers that every page asks for, in memory until something is written. Exact for what this process
//! writes: an answer that overlapped a write is not cached. What another process writes (the command line) is seen a
//! second later: a console that runs clears the cache each second ([`Store::clear_cache`]).

use super::Store;
use crate::error::Result;
use sqlx::sqlite::SqlitePool;
use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Entries; with more of them the cache is cleared.
const MOST: usize = 1_000;

#[derive(Default)]
pub(super) struct QueryCache {
    /// Grows with each write.
    version: AtomicU64,
    /// Writes that are under way.
    writers: AtomicU64,
    entries: Mutex<HashMap<String, Entry>>,
}

struct Entry {
    version: u64,
    value: Arc<dyn Any + Send + Sync>,
}

/// The pool, for a statement that writes; when it is dropped, everything in the cache is stale.
pub(super) struct Writing<'a> {
    pool: &'a SqlitePool,
    cache: &'a QueryCache,
}

impl std::ops::Deref for Writing<'_> {
    type Target = SqlitePool;
    fn deref(&self) -> &SqlitePool {
        self.pool
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        self.cache.version.fetch_add(1, Ordering::SeqCst);
        self.cache.writers.fetch_sub(1, Ordering::SeqCst);
    }
}

impl QueryCache {
    fn entries(&self) -> MutexGuard<'_, HashMap<String, Entry>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The version, unless a write is under way.
    fn version_if_idle(&self) -> Option<u64> {
        let version = self.version.load(Ordering::SeqCst);
        (self.writers.load(Ordering::SeqCst) == 0).then_some(version)
    }

    fn get<T: Clone + 'static>(&self, key: &str) -> Option<T> {
        let version = self.version.load(Ordering::SeqCst);
        let entries = self.entries();
        let entry = entries.get(key).filter(|e| e.version == version)?;
        entry.value.downcast_ref::<T>().cloned()
    }

    fn insert<T: Send + Sync + 'static>(&self, key: String, version: u64, value: T) {
        let mut entries = self.entries();
        if entries.len() >= MOST {
            entries.clear();
        }
        entries.insert(key, Entry { version, value: Arc::new(value) });
    }
}

impl Store {
    /// For every statement that writes.
    pub(super) fn write(&self) -> Writing<'_> {
        self.cache.writers.fetch_add(1, Ordering::SeqCst);
        Writing { pool: &self.pool, cache: &self.cache }
    }

    /// Everything is read anew.
    pub(crate) fn clear_cache(&self) {
        drop(self.write());
    }

    /// The cached answer of this key, or what `query` reads now. One key, one type.
    pub(super) async fn cached<T: Clone + Send + Sync + 'static>(
        &self,
        key: impl Into<String>,
        query: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let key = key.into();
        if let Some(answer) = self.cache.get(&key) {
            return Ok(answer);
        }
        let before = self.cache.version_if_idle();
        let answer = query.await?;
        if let Some(version) = before.filter(|v| self.cache.version_if_idle() == Some(*v)) {
            self.cache.insert(key, version, answer.clone());
        }
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn ask(store: &Store, answer: u32) -> u32 {
        store.cached("q", async { Ok(answer) }).await.expect("an answer")
    }

    #[tokio::test]
    async fn an_answer_is_cached_until_something_is_written() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path()).await.expect("opens");
        assert_eq!((ask(&store, 1).await, ask(&store, 2).await), (1, 1));
        store.set_value("k", Some("v")).await.expect("written");
        assert_eq!((ask(&store, 3).await, ask(&store, 4).await), (3, 3));
    }

    #[tokio::test]
    async fn an_answer_that_overlaps_a_write_is_not_cached() {
        let dir = tempfile::tempdir().expect("a directory");
        let store = Store::open(dir.path()).await.expect("opens");
        let under_way = store.write();
        assert_eq!((ask(&store, 1).await, ask(&store, 2).await), (1, 2));
        drop(under_way);
        let begun_meanwhile = store.cached("q", async {
            drop(store.write());
            Ok(3)
        });
        assert_eq!(begun_meanwhile.await.expect("an answer"), 3);
        assert_eq!(ask(&store, 4).await, 4);
    }
}
