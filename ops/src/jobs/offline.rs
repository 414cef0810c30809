//! The offline window of a job: Neo4j is stopped, its store is worked on, Neo4j is started again. Every helper on the live data runs
//! through here, so that none touches a store which somebody has started meanwhile, and none trusts what came of it.

use super::helpers;
use super::server::{self, Answer};
use super::work::Work;
use crate::error::{Error, Result};
use crate::ports::{EngineError, HelperMount};
use domain::Problem;
use domain::container::{Container, RestartPolicy};
use domain::helper::{Act, DATA};
use domain::offline::{Before, Disturbance, Window};
use domain::problem::ProblemKind;
use domain::storage::Runs;
use domain::text::Tone;

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
pub async fn note(work: &Work, container: &Container) -> Result<Window> {
    if let Some(window) = work.inner.store.offline_window(work.job).await? {
        return Ok(window);
    }
    let window = Window::of(container).map_err(|why| helpers::unusable(container, &why))?;
    work.inner.store.set_offline_window(work.job, &window).await?;
    Ok(window)
}

/// Stops Neo4j for work on its store.
pub async fn open(work: &Work, stop: Stop) -> Result<String> {
    let container = work.container().await?;
    server::may_be_stopped(&container)?;
    let mut window = note(work, &container).await?;
    alone(work, &container).await?;
    pin(work, &container).await?;
    let stopped = server::stop(work).await?;
    let says = match stop {
        Stop::Clean => server::ended_cleanly(&stopped)?,
        Stop::Any => server::ended(&stopped),
    };
    (window.container, window.started_at) = (stopped.id, stopped.started_at);
    work.inner.store.set_offline_window(work.job, &window).await?;
    Ok(says)
}

/// That no other container uses the data: a second server there would be found in the middle of the window at best.
pub async fn alone(work: &Work, container: &Container) -> Result<()> {
    let data = helpers::live_data(container)?.source;
    let others: Vec<String> = work.inner.ports.engine.running_on(&data).await?.into_iter().filter(|name| *name != container.name).collect();
    if others.is_empty() {
        return Ok(());
    }
    Err(Problem::new(ProblemKind::Conflict, format!("{} uses the same data as {}.", others.join(", "), container.name))
        .means(format!("Both have {data} mounted. Nothing can be saved or replaced there while the other runs. Neo4j was not stopped."))
        .todo(format!("Stop {}, then try again.", others.join(", ")))
        .into())
}

/// The engine starts nothing by itself while the window is open. A socket proxy may forbid the change; what it would prevent is
/// then only noticed.
async fn pin(work: &Work, container: &Container) -> Result<()> {
    if container.restart == RestartPolicy::No {
        return Ok(());
    }
    match work.inner.ports.engine.set_restart_policy(&container.id, RestartPolicy::No).await {
        Err(EngineError::Denied(why)) => {
            work.log(Some(Tone::Warn), &format!("The restart policy stays as it is, so a restart of Docker would start Neo4j: {why}")).await;
            Ok(())
        }
        other => Ok(other?),
    }
}

/// Of a job that an older console began there is no note; it had found the server running.
async fn window(work: &Work) -> Result<Window> {
    if let Some(window) = work.inner.store.offline_window(work.job).await? {
        return Ok(window);
    }
    let window = Window { before: Before::Running, ..note(work, &work.container().await?).await? };
    work.inner.store.set_offline_window(work.job, &window).await?;
    Ok(window)
}

/// Fails when anything was done to the server since it was stopped.
async fn undisturbed(work: &Work) -> Result<Window> {
    let window = window(work).await?;
    match window.disturbance(&work.container().await?) {
        None => Ok(window),
        Some(disturbance) => Err(Problem::new(ProblemKind::Conflict, disturbance.says())
            .means("It must stay stopped while its store is worked on: what was done meanwhile is not trusted.")
            .todo("Find out who or what started it: a person, a deploy, a watchdog. Then try again.")
            .into()),
    }
}

/// Something on the store of the stopped server, between two looks at the server.
pub async fn around<T>(work: &Work, act: impl Future<Output = Result<T>>) -> Result<T> {
    undisturbed(work).await?;
    let done = act.await;
    undisturbed(work).await?;
    done
}

fn runs(window: &Window) -> Runs {
    Runs { image: window.image.clone(), user: window.user }
}

fn data(window: &Window) -> HelperMount {
    HelperMount { source: window.data.clone(), at: DATA.into(), writable: true }
}

/// A helper on the store of the stopped server; `more` is mounted beside the data.
pub async fn run(work: &Work, role: &str, act: Act, more: Vec<HelperMount>, step: &str) -> Result<String> {
    let window = window(work).await?;
    let mounts = [vec![data(&window)], more].concat();
    around(work, helpers::run_once(work, role, runs(&window), act, mounts, step)).await
}

/// A helper that puts data back. Unlike [`run`] it does not give up when somebody started the server: it stops it again, and `act` is
/// told whether clients may have written to what stands in place now. `act` must be safe to repeat.
pub async fn run_back(work: &Work, role: &str, act: impl Fn(&Window) -> Act, step: &str) -> Result<String> {
    for _ in 0..TRIES {
        let window = regain(work).await?;
        let output = helpers::run_once(work, role, runs(&window), act(&window), vec![data(&window)], step).await?;
        let alone = work.find_container().await?.is_none_or(|now| !needs_stop(&window, &now));
        if alone {
            return Ok(output);
        }
    }
    Err(Error::conflict("Neo4j is started by somebody again and again while its data is put back. Stop what starts it, then try again."))
}

/// One with other data does not stand in the way.
fn needs_stop(window: &Window, now: &Container) -> bool {
    !matches!(window.disturbance(now), None | Some(Disturbance::OtherData(_)))
}

/// The server is stopped and is the one whose data is moved; whoever started it.
async fn regain(work: &Work) -> Result<Window> {
    let window = window(work).await?;
    let Some(container) = work.find_container().await? else { return Ok(window) };
    let Some(disturbance) = window.disturbance(&container) else { return Ok(window) };
    if !needs_stop(&window, &container) {
        work.log(Some(Tone::Warn), &format!("{} The data is put back where it was, in {}.", disturbance.says(), window.data)).await;
        return Ok(window);
    }
    work.log(Some(Tone::Warn), &format!("{} It is stopped again; what it wrote is kept.", disturbance.says())).await;
    take_down(work, window, &container).await
}

async fn take_down(work: &Work, mut window: Window, container: &Container) -> Result<Window> {
    window.served = true;
    work.inner.store.set_offline_window(work.job, &window).await?;
    pin(work, container).await?;
    let stopped = server::stop(work).await?;
    (window.container, window.started_at) = (stopped.id, stopped.started_at);
    work.inner.store.set_offline_window(work.job, &window).await?;
    Ok(window)
}

/// Undoes [`start`]: the data is about to be moved under it. An unclean end is no obstacle.
pub async fn open_again(work: &Work) -> Result<()> {
    let window = window(work).await?;
    match work.find_container().await? {
        Some(container) if window.has_same_data(&container) => take_down(work, window, &container).await.map(|_| ()),
        _ => Ok(()),
    }
}

/// Starts Neo4j with its own restart policy. From here on clients may write.
pub async fn start(work: &Work) -> Result<Answer> {
    let mut window = window(work).await?;
    if !window.served {
        window.served = true;
        work.inner.store.set_offline_window(work.job, &window).await?;
    }
    unpin(work, &window).await?;
    server::start_and_wait(work).await
}

async fn unpin(work: &Work, window: &Window) -> Result<()> {
    let container = work.container().await?;
    // Nothing but `no` is the window's own.
    if container.restart == RestartPolicy::No && window.restart != RestartPolicy::No {
        work.inner.ports.engine.set_restart_policy(&container.id, window.restart).await?;
    }
    Ok(())
}

/// Undoes [`open`]: the server is as it was found. One that did not come up before is not waited for.
pub async fn close(work: &Work) -> Result<String> {
    let Some(window) = work.inner.store.offline_window(work.job).await? else { return server::start_again(work).await };
    unpin(work, &window).await?;
    match window.before {
        Before::Running => server::start_again(work).await,
        Before::Restarting => {
            work.inner.ports.engine.start(&work.container().await?.id).await?;
            Ok("Docker starts Neo4j again and again, as before.".into())
        }
        Before::Stopped => Ok("Neo4j is stopped, as before.".into()),
    }
}
