//! The runner: asks `domain::plan` what comes next, does it, records it. Start, resume after a crash and unwinding are
//! the same loop. At least once: a step cut short is run again.

use super::context::{INSTANCE_LABEL, JOB_LABEL, StepContext};
use super::job::{AnyJob, Direction};
use crate::console::state::AppState;
use crate::error::{Error, Result};
use crate::jobs::cancel::{marks_of, may_be_cancelled};
use crate::jobs::registry::{job_of, plan_of};
use crate::jobs::retry::{failed_undo, undo_again};
use domain::Problem;
use domain::container::VolumeName;
use domain::job::{JobId, State, waits_for};
use domain::plan::{CUT_SHORT, Mark, Next, Step, next};
use domain::problem::ProblemKind;
use domain::text::Tone;
use futures::FutureExt;
use ports::Leftover;
use std::collections::HashSet;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tracing::Instrument;

/// After the console's own database failed, for example because its disk is full.
const STORE_PAUSE: Duration = Duration::from_secs(2);
/// The runner also looks by itself, should a wake-up be lost.
const LOOK_EVERY: Duration = Duration::from_secs(30);

/// Between two tries while Docker does not answer: at first, and at most.
const DOCKER_PAUSE: (Duration, Duration) = (Duration::from_secs(5), Duration::from_secs(60));
/// How long a step waits for Docker before the job is undone, which then waits on.
const DOCKER_PATIENCE: Duration = Duration::from_secs(3600);
/// Between two tries of an undo that failed.
const STUCK_PAUSE: Duration = Duration::from_secs(600);

/// Runs until it is dropped; jobs in mid-step are then resumed at the next start.
pub(crate) async fn run_forever(state: Arc<AppState>) {
    sweep(&state).await;
    let driven: Arc<Mutex<HashSet<JobId>>> = Arc::default();
    let mut tasks = tokio::task::JoinSet::new();
    loop {
        if let Err(error) = retry_stuck(&state).await {
            tracing::error!(%error, "could not retry stuck jobs");
        }
        match state.store.live_jobs().await {
            Ok(jobs) => {
                for job in &jobs {
                    if waits_for(job.id, &jobs, state.timeouts.max_heavy_jobs).is_some()
                        && !is_cancelled(&state, job.id).await
                    {
                        continue;
                    }
                    if driven.lock().unwrap_or_else(PoisonError::into_inner).insert(job.id) {
                        let driving = Driving { job: job.id, driven: driven.clone(), state: state.clone() };
                        tasks.spawn(async move {
                            let span = tracing::info_span!("job", id = driving.job.0);
                            drive(driving.state.clone(), driving.job).instrument(span).await;
                            sweep(&driving.state).await;
                        });
                    }
                }
            }
            Err(error) => tracing::error!(%error, "could not read the jobs"),
        }
        while let Some(ended) = tasks.try_join_next() {
            if let Err(error) = ended {
                tracing::error!(%error, "driving a job failed; it will be driven again");
            }
        }
        tokio::select! {
            () = state.wake.notified() => {}
            () = state.ports.clock.sleep(LOOK_EVERY) => {}
        }
    }
}

/// A job that is being driven. However that ends, by a panic too, it can be driven again.
struct Driving {
    job: JobId,
    driven: Arc<Mutex<HashSet<JobId>>>,
    state: Arc<AppState>,
}

impl Drop for Driving {
    fn drop(&mut self) {
        self.driven.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.job);
        // Another one may have waited for it. After a panic the next look is soon enough: it may panic again.
        if !std::thread::panicking() {
            self.state.wake.notify_one();
        }
    }
}

/// Then it ends at once, without its turn.
async fn is_cancelled(state: &AppState, job: JobId) -> bool {
    state.store.job(job).await.is_ok_and(|row| row.cancel)
}

/// Drives one job to its end, or until it is stuck. A failing database only pauses it.
pub(crate) async fn drive(state: Arc<AppState>, id: JobId) {
    loop {
        match advance(&state, id).await {
            Ok(true) => {}
            Ok(false) => return,
            // Its deployment was forgotten, or what it was asked for cannot be read: it would fail again for ever, and
            // hold others up.
            Err(error @ (Error::NotFound { .. } | Error::Internal(_))) if has_not_begun(&state, id).await => {
                give_up(&state, id, &error).await;
                return;
            }
            Err(error) => {
                tracing::error!(%error, "job paused: database unavailable");
                if !state.store.release_space_reserve().await {
                    state.ports.clock.sleep(STORE_PAUSE).await;
                }
            }
        }
    }
}

async fn has_not_begun(state: &AppState, id: JobId) -> bool {
    state.store.marks(id).await.is_ok_and(|marks| marks.is_empty())
}

async fn give_up(state: &AppState, id: JobId, error: &Error) {
    let ended = async {
        state.store.set_job_problem(id, &error.problem()).await?;
        let row = state.store.job(id).await?;
        let params = match job_of(row.brief.kind, &row.params) {
            Ok(job) => job.without_secrets()?,
            // Nobody can read them; they may hold a secret.
            Err(_) => Some("{}".into()),
        };
        state.store.end_job(id, State::Failed, None, params.as_deref(), state.ports.clock.now()).await
    };
    if let Err(error) = ended.await {
        tracing::error!(%error, "could not end a job that cannot start");
    }
}

/// One decision and its act. False when there is nothing more to do. Errors are the store's only.
pub(crate) async fn advance(state: &Arc<AppState>, id: JobId) -> Result<bool> {
    let row = state.store.job(id).await?;
    let marks = marks_of(&state.store, id).await?;
    let plan = plan_of(row.brief.kind, &row.saved);
    let decision = next(&plan, &marks, row.cancel && may_be_cancelled(row.brief.kind, &row.saved, &marks));
    let ended = match decision {
        Next::Run(i) => return act(state, id, i, false).await,
        Next::Undo(i) => return act(state, id, i, true).await,
        Next::GiveUp(i) if state.running_steps.contains(id, plan[i].name, false) => {
            return act(state, id, i, false).await;
        }
        Next::GiveUp(i) => return give_up_step(state, id, plan[i]).await,
        Next::Done => State::Succeeded,
        Next::Failed => State::Failed,
        Next::RolledBack => State::RolledBack,
        Next::Cancelled => State::Cancelled,
        Next::Stuck(_) => State::Stuck,
    };
    let outcome = match ended {
        State::Succeeded => Some(job_of(row.brief.kind, &row.params)?.outcome(&step_context(state, id).await?).await?),
        State::Queued | State::Running | State::Failed | State::RolledBack | State::Cancelled | State::Stuck => None,
    };
    if row.brief.state != ended {
        let params = job_of(row.brief.kind, &row.params)?.without_secrets()?;
        state.store.end_job(id, ended, outcome.as_ref(), params.as_deref(), state.ports.clock.now()).await?;
        if ended != State::Stuck {
            state.store.delete_offline_window(id).await?;
        }
        tracing::info!(kind = row.brief.kind.as_str(), deployment = %row.brief.deployment, state = ended.as_str(), "job ended");
        if let Ok(deployment) = state.store.deployment(&row.brief.deployment).await {
            state.observer.refresh(&deployment, &state.seal).await;
        }
    }
    Ok(false)
}

/// Clones that jobs which are over left in data volumes.
async fn remove_clones(state: &Arc<AppState>, live: &HashSet<String>) {
    for job in state.store.clones().await.unwrap_or_default().into_iter().filter(|job| !live.contains(&job.to_string()))
    {
        match step_context(state, job).await {
            Ok(cx) => super::backup::clone::remove(&cx).await,
            // Only its deployment knew the volume.
            Err(Error::NotFound { .. }) => {
                tracing::warn!(
                    job = job.0,
                    "a clone may be left in .neo4j-console in the data volume of a deployment that was removed from \
                     the console"
                );
                let _forgotten = state.store.forget_clone(job).await;
            }
            Err(error) => tracing::warn!(job = job.0, %error, "could not remove a leftover clone"),
        }
    }
}

async fn step_context(state: &Arc<AppState>, id: JobId) -> Result<Arc<StepContext>> {
    let row = state.store.job(id).await?;
    let deployment = state.store.deployment(&row.brief.deployment).await?;
    Ok(Arc::new(StepContext {
        state: state.clone(),
        job: id,
        by: row.brief.by,
        reason: row.brief.reason,
        engine: state.ports.engines.of(&deployment.host)?.clone(),
        deployment,
        plan: plan_of(row.brief.kind, &row.saved),
    }))
}

/// Runs or undoes one step between its marks.
async fn act(state: &Arc<AppState>, id: JobId, index: usize, undo: bool) -> Result<bool> {
    let row = state.store.job(id).await?;
    let job = job_of(row.brief.kind, &row.params)?;
    let step = plan_of(row.brief.kind, &row.saved)[index];
    let cx = step_context(state, id).await?;
    let now = || state.ports.clock.now();
    state.store.set_job_started(id, now()).await?;
    // Once in the life of this process, however often the database is in the way: what is counted is how often it died
    // here.
    if !state.running_steps.contains(id, step.name, undo) {
        state.store.insert_mark(id, step.name, if undo { Mark::UndoStarted } else { Mark::Started }, "", now()).await?;
        state.running_steps.started(id, step.name, undo);
    }
    #[cfg(feature = "fault-points")]
    super::fault_point::begun(state, row.brief.kind, step.name, undo).await;
    let result = until_docker_answers(&cx, job.as_ref(), step, undo).await;
    #[cfg(feature = "fault-points")]
    if result.is_ok() {
        super::fault_point::acted(state, row.brief.kind, step.name, undo).await;
    }
    let mark = match (&result, undo) {
        (Ok(_), false) => Mark::Succeeded,
        (Ok(_), true) => Mark::UndoFinished,
        (Err(_), false) => Mark::Failed,
        (Err(_), true) => Mark::UndoFailed,
    };
    let detail = match &result {
        Ok(detail) => detail.clone(),
        Err(error) => {
            let problem = error.problem();
            cx.log(Some(Tone::Bad), &format!("{}: {problem}", step.title)).await;
            // The first cause explains the job; what fails while undoing is said by the stuck state.
            if !undo || row.problem.is_none() {
                state.store.set_job_problem(id, &problem).await?;
            }
            problem.title
        }
    };
    state.store.insert_mark(id, step.name, mark, &detail, now()).await?;
    state.running_steps.ended(id, step.name, undo);
    Ok(true)
}

/// The step is taken for what ends the console; what it had begun is undone.
async fn give_up_step(state: &Arc<AppState>, id: JobId, step: Step) -> Result<bool> {
    let problem =
        Problem::new(ProblemKind::Conflict, format!("The console ended {CUT_SHORT} times during \"{}\".", step.title))
            .means("It would end there each time, so the step was not begun again.")
            .next_step("Check the console's log, and whether the host has memory left (dmesg says what was killed).")
            .next_step("Then try again.");
    state.store.set_job_problem(id, &problem).await?;
    state.store.insert_mark(id, step.name, Mark::Failed, &problem.title, state.ports.clock.now()).await?;
    Ok(true)
}

/// A panic fails the step, like an error: what it had begun is undone.
async fn attempt(cx: &Arc<StepContext>, job: &dyn AnyJob, step: Step, undo: bool) -> Result<String> {
    let direction = if undo { Direction::Undo } else { Direction::Run };
    let span = tracing::info_span!("step", name = step.name, undo);
    AssertUnwindSafe(job.act(step.name, direction, cx))
        .catch_unwind()
        .instrument(span)
        .await
        .unwrap_or_else(|panic| Err(Error::panicked(panic.as_ref())))
}

/// Runs the step again as long as Docker does not answer, where giving up would leave Neo4j down: in an undo without
/// end, in a step after the stop for a while. Docker is restarted by upgrades at night, when backups run.
async fn until_docker_answers(cx: &Arc<StepContext>, job: &dyn AnyJob, step: Step, undo: bool) -> Result<String> {
    let mut waited = Duration::ZERO;
    loop {
        let result = attempt(cx, job, step, undo).await;
        let Err(Error::Away(why)) = &result else { return result };
        let row = cx.state.store.job(cx.job).await?;
        let offline = step.touches || cx.state.store.offline_window(cx.job).await?.is_some();
        if !undo && (!offline || row.cancel || waited >= DOCKER_PATIENCE) {
            return result;
        }
        let pause = (waited / 4).clamp(DOCKER_PAUSE.0, DOCKER_PAUSE.1);
        if waited.is_zero() {
            cx.log(
                Some(Tone::Warn),
                &format!("Docker does not answer. The job waits for it and goes on by itself. ({why})"),
            )
            .await;
        }
        cx.state.ports.clock.sleep(pause).await;
        waited += pause;
    }
}

/// Tries the undo of stuck jobs again, from time to time: what was in the way may be gone, and Neo4j may be down until
/// then.
pub(crate) async fn retry_stuck(state: &Arc<AppState>) -> Result<()> {
    let now = state.ports.clock.now();
    for job in state.store.live_jobs().await?.into_iter().filter(|job| job.state == State::Stuck) {
        let failed = failed_undo(&state.store, job.id).await?;
        if let Some(failed) = failed.filter(|failed| (now - failed.at).to_std().unwrap_or_default() >= STUCK_PAUSE) {
            undo_again(&state.store, job.id, &failed, "tried again by itself", now).await?;
        }
    }
    Ok(())
}

/// Removes helpers and volumes of jobs that are over: what a crash, or an engine that did not answer, may have left.
pub(crate) async fn sweep(state: &Arc<AppState>) {
    // Listed before the live jobs are read: what a job queued meanwhile creates cannot be taken for a left-over.
    let mut found = vec![];
    for (_, engine) in state.ports.engines.all() {
        let helpers = engine.helpers(INSTANCE_LABEL, &state.instance).await.unwrap_or_default();
        let volumes = engine.volumes(INSTANCE_LABEL, &state.instance).await.unwrap_or_default();
        found.push((engine, helpers, volumes));
    }
    let Ok(live) = state.store.live_jobs().await else { return };
    let live: HashSet<String> = live.into_iter().map(|j| j.id.to_string()).collect();
    remove_clones(state, &live).await;
    super::change::replaced::remove_replaced(state).await;
    super::ended::remove_ended(state).await;
    let over = |left: &&Leftover| left.labels.get(JOB_LABEL).is_none_or(|job| !live.contains(job));
    for (engine, helpers, volumes) in &found {
        for left in helpers.iter().filter(over) {
            if let Err(error) = engine.remove_helper(&left.name).await {
                tracing::warn!(name = left.name, %error, "could not remove a leftover helper container");
            }
        }
        for left in volumes.iter().filter(over) {
            if let Err(error) = engine.remove_volume(&VolumeName(left.name.clone())).await {
                tracing::warn!(name = left.name, %error, "could not remove a leftover volume");
            }
        }
    }
}
