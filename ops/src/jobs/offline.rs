//! The offline window of a job: Neo4j is stopped, its store is worked on, Neo4j is started again. Every helper on the
//! live data runs through here, so that none touches a store which somebody has started meanwhile, and none trusts what
//! came of it.

use super::context::StepContext;
use super::helpers;
use super::server::{self, Answer};
use crate::error::{Error, Result};
use domain::Problem;
use domain::container::{Container, RestartPolicy};
use domain::helper::{DATA, HelperCommand};
use domain::offline::{ExternalChange, OfflineWindow, PriorState};
use domain::problem::ProblemKind;
use domain::storage::Runs;
use domain::text::Tone;
use ports::{EngineError, HelperMount};

/// How often an undo stops a server that somebody starts again under it.
const TRIES: usize = 5;

/// What the stop must have been like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// For a dump: of a store that needs recovery there is none.
    Clean,
    /// The present data is only set aside. It recovers, if it must, at its own next start.
    Any,
}

/// Writes down how the server is found, before anything is done to it. A repeat after a crash keeps the first note.
pub async fn note(cx: &StepContext, container: &Container) -> Result<OfflineWindow> {
    if let Some(window) = cx.state.store.offline_window(cx.job).await? {
        return Ok(window);
    }
    let window = OfflineWindow::of(container).map_err(|why| helpers::unusable(container, &why))?;
    cx.state.store.set_offline_window(cx.job, &window).await?;
    Ok(window)
}

/// That a window can be opened at all.
pub fn may_be_offline(container: &Container) -> Result<()> {
    OfflineWindow::of(container).map(|_| ()).map_err(|why| helpers::unusable(container, &why).into())
}

/// Stops Neo4j for work on its store.
pub async fn open(cx: &StepContext, stop: Stop) -> Result<String> {
    let container = cx.container().await?;
    server::may_be_stopped(&container)?;
    let mut window = note(cx, &container).await?;
    alone(cx, &container).await?;
    disable_restarts(cx, &container).await?;
    let stopped = server::stop(cx).await?;
    let says = match stop {
        Stop::Clean => server::ended_cleanly(&stopped)?,
        Stop::Any => server::ended(&stopped),
    };
    (window.container, window.started_at) = (stopped.id, stopped.started_at);
    cx.state.store.set_offline_window(cx.job, &window).await?;
    Ok(says)
}

/// That no other container uses the data: a second server there would be found in the middle of the window at best.
pub async fn alone(cx: &StepContext, container: &Container) -> Result<()> {
    let data = helpers::live_data(container)?.source;
    let others: Vec<String> =
        cx.engine.running_on(&data).await?.into_iter().filter(|name| *name != container.name).collect();
    if others.is_empty() {
        return Ok(());
    }
    Err(Problem::new(ProblemKind::Conflict, format!("{} uses the same data as {}.", others.join(", "), container.name))
        .means(format!(
            "Both have {data} mounted. Nothing can be saved or replaced there while the other runs. Neo4j \
            was not stopped."
        ))
        .next_step(format!("Stop {}, then try again.", others.join(", ")))
        .into())
}

/// The engine starts nothing by itself while the window is open. A socket proxy may forbid the change; what it would
/// prevent is then only noticed.
async fn disable_restarts(cx: &StepContext, container: &Container) -> Result<()> {
    if container.restart == RestartPolicy::No {
        return Ok(());
    }
    match cx.engine.set_restart_policy(&container.id, RestartPolicy::No).await {
        Err(EngineError::Denied(why)) => {
            cx.log(
                Some(Tone::Warn),
                &format!("The restart policy stays as it is, so a restart of Docker would start Neo4j: {why}"),
            )
            .await;
            Ok(())
        }
        other => Ok(other?),
    }
}

/// Of a job that an older console began there is no note; it had found the server running.
async fn window(cx: &StepContext) -> Result<OfflineWindow> {
    if let Some(window) = cx.state.store.offline_window(cx.job).await? {
        return Ok(window);
    }
    let window = OfflineWindow { before: PriorState::Running, ..note(cx, &cx.container().await?).await? };
    cx.state.store.set_offline_window(cx.job, &window).await?;
    Ok(window)
}

/// Fails when anything was done to the server since it was stopped.
async fn check_unchanged(cx: &StepContext) -> Result<OfflineWindow> {
    let window = window(cx).await?;
    match window.external_change(&cx.container().await?) {
        None => Ok(window),
        Some(change) => Err(Problem::new(ProblemKind::Conflict, change.says())
            .means("It must stay stopped while its store is worked on: what was done meanwhile is not trusted.")
            .next_step("Find out who or what started it: a person, a deploy, a watchdog. Then try again.")
            .into()),
    }
}

/// Runs `act` on the stopped server's store; fails if the server changed before or after.
pub async fn around<T>(cx: &StepContext, act: impl Future<Output = Result<T>>) -> Result<T> {
    check_unchanged(cx).await?;
    let done = act.await;
    check_unchanged(cx).await?;
    done
}

fn runs(window: &OfflineWindow) -> Runs {
    Runs { image: window.image.clone(), user: window.user }
}

fn data(window: &OfflineWindow) -> HelperMount {
    HelperMount { source: window.data.clone(), at: DATA.into(), writable: true }
}

/// A helper on the store of the stopped server; `more` is mounted beside the data.
pub async fn run(
    cx: &StepContext,
    role: &str,
    act: HelperCommand,
    more: Vec<HelperMount>,
    step: &str,
) -> Result<String> {
    let window = window(cx).await?;
    let mounts = [vec![data(&window)], more].concat();
    around(cx, helpers::run_once(cx, role, runs(&window), act, mounts, step)).await
}

/// A helper that puts data back. Unlike [`run`] it does not give up when somebody started the server: it stops it
/// again, and `act` is told whether clients may have written to what stands in place now. `act` must be safe to repeat.
pub async fn run_putting_back(
    cx: &StepContext,
    role: &str,
    act: impl Fn(&OfflineWindow) -> HelperCommand,
    step: &str,
) -> Result<String> {
    for _ in 0..TRIES {
        let window = stop_again(cx).await?;
        let output = helpers::run_once(cx, role, runs(&window), act(&window), vec![data(&window)], step).await?;
        let alone = cx.find_container().await?.is_none_or(|now| !needs_stop(&window, &now));
        if alone {
            return Ok(output);
        }
    }
    Err(Error::conflict(
        "Something keeps starting Neo4j while its data is put back. Stop what starts it, then try again.",
    ))
}

/// A container with other data need not be stopped.
fn needs_stop(window: &OfflineWindow, now: &Container) -> bool {
    !matches!(window.external_change(now), None | Some(ExternalChange::OtherData(_)))
}

/// Stops the server again if somebody started it.
async fn stop_again(cx: &StepContext) -> Result<OfflineWindow> {
    let window = window(cx).await?;
    let Some(container) = cx.find_container().await? else { return Ok(window) };
    let Some(change) = window.external_change(&container) else { return Ok(window) };
    if !needs_stop(&window, &container) {
        cx.log(Some(Tone::Warn), &format!("{} The data is put back where it was, in {}.", change.says(), window.data))
            .await;
        return Ok(window);
    }
    cx.log(Some(Tone::Warn), &format!("{} It is stopped again; what it wrote is kept.", change.says())).await;
    take_down(cx, window, &container).await
}

async fn take_down(cx: &StepContext, mut window: OfflineWindow, container: &Container) -> Result<OfflineWindow> {
    window.served = true;
    cx.state.store.set_offline_window(cx.job, &window).await?;
    disable_restarts(cx, container).await?;
    let stopped = server::stop(cx).await?;
    (window.container, window.started_at) = (stopped.id, stopped.started_at);
    cx.state.store.set_offline_window(cx.job, &window).await?;
    Ok(window)
}

/// Undoes [`start`]: the data is about to be moved under it. An unclean end is no obstacle.
pub async fn open_again(cx: &StepContext) -> Result<()> {
    let window = window(cx).await?;
    match cx.find_container().await? {
        Some(container) if window.has_same_data(&container) => take_down(cx, window, &container).await.map(|_| ()),
        _ => Ok(()),
    }
}

/// Starts Neo4j with its own restart policy. From here on clients may write.
pub async fn start(cx: &StepContext) -> Result<Answer> {
    let mut window = window(cx).await?;
    if !window.served {
        window.served = true;
        cx.state.store.set_offline_window(cx.job, &window).await?;
    }
    restore_restart_policy(cx, &window).await?;
    server::start_and_wait(cx).await
}

async fn restore_restart_policy(cx: &StepContext, window: &OfflineWindow) -> Result<()> {
    let container = cx.container().await?;
    // Nothing but `no` is the window's own.
    if container.restart == RestartPolicy::No && window.restart != RestartPolicy::No {
        cx.engine.set_restart_policy(&container.id, window.restart).await?;
    }
    Ok(())
}

/// Undoes [`open`]: the server is as it was found. One that did not come up before is not waited for.
pub async fn close(cx: &StepContext) -> Result<String> {
    let Some(window) = cx.state.store.offline_window(cx.job).await? else { return server::start_again(cx).await };
    restore_restart_policy(cx, &window).await?;
    match window.before {
        PriorState::Running => server::start_again(cx).await,
        PriorState::Restarting => {
            cx.engine.start(&cx.container().await?.id).await?;
            Ok("Docker starts Neo4j again and again, as before.".into())
        }
        PriorState::Stopped => Ok("Neo4j is stopped, as before.".into()),
    }
}
