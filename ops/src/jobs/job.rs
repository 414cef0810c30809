//! What a kind of job is.

use super::work::Work;
use crate::error::Result;
use async_trait::async_trait;
use domain::job::Outcome;
use domain::plan::Step;
use std::sync::Arc;

/// A kind of job. Every step may fail, be repeated, or be cut short by a crash after any mark:
/// `run` means "make it so" and looks before it acts; `undo` is safe when nothing was done.
#[async_trait]
pub trait Job: Send + Sync {
    fn plan(&self) -> &'static [Step];
    /// Returns one sentence on what came of it; may be empty.
    async fn run(&self, step: &str, work: &Arc<Work>) -> Result<String>;
    async fn undo(&self, step: &str, work: &Arc<Work>) -> Result<String>;
    /// What the job says for itself once it has succeeded.
    async fn outcome(&self, work: &Arc<Work>) -> Result<Outcome>;
}
