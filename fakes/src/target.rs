//! A target, in memory.

use async_trait::async_trait;
use bytes::Bytes;
use futures::StreamExt;
use ports::{Bytestream, Target, TargetError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

/// A target in memory whose files a test can damage.
#[derive(Default)]
pub struct MemoryTarget {
    pub files: Mutex<BTreeMap<String, Vec<u8>>>,
    /// Free bytes to report; full when a write exceeds it.
    pub free: Mutex<Option<u64>>,
    /// Writes of which files fail, by the end of their name, and why.
    refusal: Mutex<Option<(String, String)>>,
    /// It does not answer at all.
    away: Mutex<bool>,
    /// Reads of the file whose name ends so break off in the middle.
    breaks_off: Mutex<Option<String>>,
}

impl MemoryTarget {
    /// The keys of all files, in order.
    pub fn names(&self) -> Vec<String> {
        self.files.lock().expect("files").keys().cloned().collect()
    }

    /// Changes one byte in the middle of the file whose name ends so.
    pub fn damage(&self, ending: &str) {
        let mut files = self.files.lock().expect("files");
        let (_, bytes) = files.iter_mut().find(|(name, _)| name.ends_with(ending)).expect("such a file");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
    }

    /// Every write fails with this.
    pub fn refuse_writes(&self, why: &str) {
        self.refuse_writes_of("", why);
    }

    /// Of files whose name ends so.
    pub fn refuse_writes_of(&self, ending: &str, why: &str) {
        *self.refusal.lock().expect("a reason") = Some((ending.into(), why.into()));
    }

    /// While it is away nothing answers.
    pub fn set_away(&self, away: bool) {
        *self.away.lock().expect("away") = away;
    }

    /// Reads of the file whose name ends so break off; `None` ends that.
    pub fn break_off_reads(&self, ending: Option<&str>) {
        *self.breaks_off.lock().expect("an ending") = ending.map(str::to_owned);
    }

    fn answers(&self) -> Result<(), TargetError> {
        if *self.away.lock().expect("away") { Err(TargetError::Failed("the drive is away".into())) } else { Ok(()) }
    }

    /// Removes the files whose names end so.
    pub fn lose(&self, ending: &str) {
        self.files.lock().expect("files").retain(|name, _| !name.ends_with(ending));
    }
}

#[async_trait]
impl Target for MemoryTarget {
    fn location(&self) -> String {
        "memory".into()
    }

    async fn put(&self, key: &str, mut content: Bytestream) -> Result<u64, TargetError> {
        self.answers()?;
        let mut all = Vec::new();
        while let Some(piece) = content.next().await {
            all.extend_from_slice(&piece.map_err(|e| TargetError::Failed(e.to_string()))?);
        }
        if let Some((_, why)) =
            self.refusal.lock().expect("a reason").clone().filter(|(ending, _)| key.ends_with(ending))
        {
            return Err(TargetError::Failed(why));
        }
        let bytes = all.len() as u64;
        if self.free.lock().expect("free").is_some_and(|free| bytes > free) {
            return Err(TargetError::Full("memory".into()));
        }
        self.files.lock().expect("files").insert(key.into(), all);
        Ok(bytes)
    }

    async fn get(&self, key: &str) -> Result<Bytestream, TargetError> {
        self.answers()?;
        let bytes =
            self.files.lock().expect("files").get(key).cloned().ok_or_else(|| TargetError::Missing(key.into()))?;
        let mut pieces: Vec<_> = bytes.chunks(1000).map(|c| Ok(Bytes::copy_from_slice(c))).collect();
        if self.breaks_off.lock().expect("an ending").as_ref().is_some_and(|ending| key.ends_with(ending)) {
            pieces.truncate(pieces.len() / 2);
            pieces.push(Err(std::io::Error::other("connection reset by peer")));
        }
        Ok(futures::stream::iter(pieces).boxed())
    }

    async fn size(&self, key: &str) -> Result<u64, TargetError> {
        self.answers()?;
        self.files
            .lock()
            .expect("files")
            .get(key)
            .map(|bytes| bytes.len() as u64)
            .ok_or_else(|| TargetError::Missing(key.into()))
    }

    async fn remove(&self, prefix: &str) -> Result<(), TargetError> {
        self.answers()?;
        let prefix = format!("{prefix}/");
        self.files.lock().expect("files").retain(|name, _| !name.starts_with(&prefix));
        Ok(())
    }

    async fn list(&self, prefix: &str) -> Result<Vec<String>, TargetError> {
        self.answers()?;
        let below = if prefix.is_empty() { String::new() } else { format!("{prefix}/") };
        let files = self.files.lock().expect("files");
        let names: BTreeSet<&str> =
            files.keys().filter_map(|name| name.strip_prefix(&below)?.split('/').next()).collect();
        Ok(names.into_iter().map(str::to_owned).collect())
    }

    async fn free(&self) -> Result<Option<u64>, TargetError> {
        Ok(*self.free.lock().expect("free"))
    }
}
