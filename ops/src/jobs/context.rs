//! What a step may reach: the ports, the job's own notes, its log and its progress.

use super::outage::marked_at;
use crate::console::state::AppState;
use crate::error::Result;
use crate::store::DeploymentRow;
use domain::container::{Container, ContainerId, VolumeName};
use domain::job::{JobId, Progress};
use domain::plan::{Mark, Outage, Step};
use domain::text::Tone;
use ports::{ContainerEngine, EngineError};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// On every helper and volume of ours: which console made it.
pub const INSTANCE_LABEL: &str = "neo4j-console.instance";
/// On every helper and volume of ours: for which job.
pub const JOB_LABEL: &str = "neo4j-console.job";
/// Progress is written at most this often.
const PROGRESS_EVERY: Duration = Duration::from_millis(500);

/// What a step of one job works with.
#[derive(Clone)]
pub struct StepContext {
    pub(crate) state: Arc<AppState>,
    pub job: JobId,
    pub by: String,
    pub reason: String,
    pub deployment: DeploymentRow,
    /// Of the deployment's host.
    pub engine: Arc<dyn ContainerEngine>,
    /// Of its kind, as it is now.
    pub plan: Vec<Step>,
}

impl StepContext {
    /// Name of this job's helper or volume; a repeat finds its own work by it.
    pub fn name(&self, role: &str) -> String {
        format!("neo4j-console-{}-{}-{role}", self.state.instance, self.job)
    }

    /// A volume of the job's own, by its role.
    pub fn volume(&self, role: &str) -> VolumeName {
        VolumeName(self.name(role))
    }

    /// On every helper and volume of the job.
    pub fn labels(&self) -> BTreeMap<String, String> {
        [(INSTANCE_LABEL.to_string(), self.state.instance.clone()), (JOB_LABEL.to_string(), self.job.to_string())]
            .into()
    }

    /// The deployment's container as it is now; none when it is gone.
    pub async fn find_container(&self) -> Result<Option<Container>> {
        match self.engine.inspect(&ContainerId(self.deployment.container.clone())).await {
            Err(EngineError::NotFound(_)) => Ok(None),
            other => Ok(Some(other?)),
        }
    }

    /// The same; a sentence when it is gone.
    pub async fn container(&self) -> Result<Container> {
        self.find_container()
            .await?
            .ok_or_else(|| crate::engine::containers::container_missing(&self.deployment).into())
    }

    /// How long Neo4j did not answer, from the marks of the steps that begin and end the outage.
    pub async fn offline_ms(&self) -> Result<Option<u64>> {
        let marks = self.state.store.marks(self.job).await?;
        let at = |outage, mark| marked_at(&self.plan, &marks, outage, mark);
        Ok(at(Outage::Begins, Mark::Started)
            .zip(at(Outage::Ends, Mark::Succeeded))
            .map(|(from, to)| (to - from).num_milliseconds().max(0).unsigned_abs()))
    }

    /// What earlier steps saved.
    pub async fn saved<T: DeserializeOwned>(&self) -> Result<T> {
        Ok(serde_json::from_str(&self.state.store.job(self.job).await?.saved)?)
    }

    /// Overwrites what earlier steps saved.
    pub async fn save(&self, state: &impl Serialize) -> Result<()> {
        self.state.store.set_job_saved(self.job, &serde_json::to_string(state)?).await
    }

    /// One line in the job's log. A log that cannot be written never fails a step.
    pub async fn log(&self, tone: Option<Tone>, line: &str) {
        let line: String = line.chars().take(1_000).collect();
        if let Err(error) = self.state.store.log(self.job, tone, &line, self.state.ports.clock.now()).await {
            tracing::warn!(%error, "could not store a line of the job log");
        }
    }

    /// Several lines, for what a tool printed.
    pub async fn log_output(&self, tone: Option<Tone>, output: &str) {
        for line in output.lines().map(str::trim_end).filter(|l| !l.is_empty()) {
            self.log(tone, line).await;
        }
    }

    /// Shows how far the step is. Lost progress never fails a step.
    pub async fn progress(&self, progress: &Progress) {
        if let Err(error) = self.state.store.set_progress(self.job, progress).await {
            tracing::warn!(%error, "could not store the progress of the job");
        }
    }

    /// A counter of bytes that streams may call from anywhere; it writes the progress row now and then.
    pub fn byte_counter(
        self: &Arc<Self>,
        step: &str,
        total: u64,
        text: &str,
    ) -> impl Fn(u64) + Send + Sync + Clone + 'static {
        let started = self.state.ports.clock.monotonic();
        let state = Arc::new(Mutex::new((0u64, started)));
        let (cx, step, text) = (self.clone(), step.to_string(), text.to_string());
        move |piece| {
            let now = cx.state.ports.clock.monotonic();
            let mut s = state.lock().unwrap_or_else(PoisonError::into_inner);
            s.0 += piece;
            if now - s.1 < PROGRESS_EVERY {
                return;
            }
            s.1 = now;
            let rate = s.0.saturating_mul(1000) / u64::try_from((now - started).as_millis()).unwrap_or(u64::MAX).max(1);
            let progress = Progress { step: step.clone(), done: s.0, total, bytes: true, rate, text: text.clone() };
            let cx = cx.clone();
            tokio::spawn(async move { cx.progress(&progress).await });
        }
    }
}
