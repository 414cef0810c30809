//! Where backups go.

use super::Bytestream;
use async_trait::async_trait;
use domain::Problem;
use domain::problem::ProblemKind;

/// Why a target did not do what it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    #[error("{0} is missing")]
    Missing(String),
    #[error("the target is full: {0}")]
    Full(String),
    #[error("the target failed: {0}")]
    Failed(String),
}

impl TargetError {
    /// As people read it, with what to do.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Missing(what) => Problem::new(ProblemKind::NotFound, format!("The target has no {what}."))
                .next_step("Choose another backup."),
            Self::Full(why) => Problem::new(ProblemKind::Unavailable, "The target of the backups is full.")
                .means(why.clone())
                .next_step("Free some space there, then try again."),
            Self::Failed(why) => Problem::new(ProblemKind::Unavailable, "The target of the backups failed.")
                .means(why.clone())
                .next_step("Check the directory's owner, mode and disk, then try again."),
        }
    }
}

/// What signs requests to an S3 store.
#[derive(Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Keys {
    pub access_key: String,
    pub secret_key: String,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}

/// Makes a target of a place. Connects to nothing yet.
pub trait OpenTarget: Send + Sync + 'static {
    fn open(
        &self,
        place: &domain::target::Place,
        keys: Option<&Keys>,
    ) -> Result<std::sync::Arc<dyn Target>, TargetError>;
}

/// Where backups go. A key is `backup-id/part`.
#[async_trait]
pub trait Target: Send + Sync + 'static {
    /// As words: `the directory /var/lib/console/backups`.
    fn location(&self) -> String;
    /// Writes all of it durably (synced) or nothing; returns the bytes written. Replaces what is there.
    async fn put(&self, key: &str, content: Bytestream) -> Result<u64, TargetError>;
    async fn get(&self, key: &str) -> Result<Bytestream, TargetError>;
    /// Bytes of one file, without reading it.
    async fn size(&self, key: &str) -> Result<u64, TargetError>;
    /// Removes everything below `prefix/`. Nothing there is fine.
    async fn remove(&self, prefix: &str) -> Result<(), TargetError>;
    /// Names of what lies directly below `prefix/`, sorted; of the target itself when it is empty. Only what is whole;
    /// nothing below is no names. `Missing` when the target itself is not there: that proves nothing about its backups.
    async fn list(&self, prefix: &str) -> Result<Vec<String>, TargetError>;
    /// Free bytes, when the target can tell.
    async fn free(&self) -> Result<Option<u64>, TargetError>;
}
