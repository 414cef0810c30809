//! The new container beside the old one, and in its place. Each act looks first and may be repeated: which of the two
//! has the deployment's name tells how far it is.

use super::{Saved, made_anew, old};
use crate::error::{Error, Result};
use crate::jobs::context::StepContext;
use crate::jobs::server;
use domain::Problem;
use domain::change::{ChangeEntry, ChangeId, Difference, Plan};
use domain::container::{Container, ContainerId, ImageId, RestartPolicy, RunState};
use domain::problem::ProblemKind;
use domain::text::Tone;
use ports::{EngineError, Recreation};

/// Of the new container, until it has the deployment's own name.
fn new_name(cx: &StepContext, change: ChangeId) -> String {
    format!("{}-after-change-{change}", cx.deployment.container)
}

/// Whether a container of this name was made by a change of that deployment's container, and has not its place yet.
pub(crate) fn is_new(name: &str, container: &str) -> bool {
    let change = name.strip_prefix(container).and_then(|rest| rest.strip_prefix("-after-change-"));
    change.is_some_and(|id| id.parse::<i64>().is_ok())
}

/// Of the old one, from then on.
fn old_name(cx: &StepContext, change: ChangeId) -> String {
    format!("{}-before-change-{change}", cx.deployment.container)
}

/// With exactly this name or id.
async fn found(cx: &StepContext, name: &str) -> Result<Option<Container>> {
    match cx.engine.inspect(&ContainerId(name.into())).await {
        // The beginning of an id is taken for a name, too.
        Ok(container) => Ok(Some(container).filter(|c| c.name == name || c.id.as_str() == name)),
        Err(EngineError::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Makes the new one; a left-over from before a crash is replaced.
pub async fn create(cx: &StepContext, entry: &ChangeEntry) -> Result<String> {
    remove_new(cx, entry.id).await?;
    let saved = cx.saved::<Saved>().await?;
    let (of, name) = (old(cx).await?, new_name(cx, entry.id));
    let differences = differences(&entry.plan, saved.pulled.as_ref());
    let new = cx.engine.recreate(&Recreation { of, name, differences }).await?;
    cx.save(&Saved { new: Some(new), ..saved }).await?;
    Ok(String::new())
}

/// As planned, with the image that was pulled for it.
fn differences(plan: &Plan, pulled: Option<&ImageId>) -> Vec<Difference> {
    let mut all = plan.differences.clone();
    for difference in &mut all {
        if let (Difference::Image { after, .. }, Some(pulled)) = (difference, pulled) {
            after.id = Some(pulled.clone());
        }
    }
    all
}

/// Only while it has not the deployment's name.
pub async fn remove_new(cx: &StepContext, change: ChangeId) -> Result<String> {
    if let Some(new) = found(cx, &new_name(cx, change)).await? {
        cx.engine.remove_stopped(&new.id).await?;
    }
    Ok(String::new())
}

/// Two servers must never run on one volume: the old one must not come back with the engine.
pub fn stays_stopped(old: &Container) -> Result<()> {
    match old.restart {
        RestartPolicy::No | RestartPolicy::UnlessStopped | RestartPolicy::OnFailure(_) => Ok(()),
        RestartPolicy::Always => Err(Problem::new(
            ProblemKind::Conflict,
            "The old container would start again with the Docker Engine, beside the new one.",
        )
        .means("Its restart policy could not be changed, so it was not replaced.")
        .next_step("Allow POST /containers/{id}/update in the socket proxy, then try again.")
        .into()),
    }
}

/// The new one takes the deployment's name.
pub async fn switch(cx: &StepContext, change: ChangeId) -> Result<String> {
    let (old, name) = (old(cx).await?, &cx.deployment.container);
    let new = found(cx, &new_id(cx).await?).await?;
    let new = new.ok_or_else(|| Error::conflict("The new container is gone: somebody removed it."))?;
    match found(cx, name).await? {
        Some(now) if now.id == old => {
            cx.state.store.set_replaced(change, Some(&old)).await?;
            cx.engine.rename(&old, &old_name(cx, change)).await?;
        }
        Some(now) if now.id != new.id => return Err(made_anew()),
        Some(_) | None => {}
    }
    cx.engine.rename(&new.id, name).await?;
    Ok(format!("The old container is kept as {}.", old_name(cx, change)))
}

async fn new_id(cx: &StepContext) -> Result<String> {
    let new = cx.saved::<Saved>().await?.new;
    Ok(new.ok_or_else(|| Error::internal("the new container was not made"))?.0)
}

/// Before the old one has its name again.
pub async fn stop_new(cx: &StepContext) -> Result<String> {
    let new = new_id(cx).await?;
    match cx.find_container().await? {
        Some(now) if now.id.as_str() == new => server::stop(cx).await.map(|_| String::new()),
        Some(_) | None => Ok(String::new()),
    }
}

/// The old one has its name again. Where somebody removed it, the new one stays: a server that may be wrong is better
/// than none.
pub async fn switch_back(cx: &StepContext, change: ChangeId) -> Result<String> {
    let (old, name) = (cx.saved::<Saved>().await?.old, &cx.deployment.container);
    let Some(old) = old else { return Ok(String::new()) };
    let Some(before) = found(cx, old.as_str()).await? else {
        cx.log(Some(Tone::Bad), "The old container is gone: somebody removed it. The new one stays in its place.")
            .await;
        return Ok("The old container is gone, so the new one stays.".into());
    };
    if before.name == *name {
        return Ok(String::new());
    }
    match found(cx, name).await? {
        Some(now) if now.id.as_str() == new_id(cx).await? => {
            cx.engine.rename(&now.id, &new_name(cx, change)).await?;
        }
        Some(_) => {
            let says = format!("Somebody made {name} anew. It is left as it is; the old container is {}.", before.name);
            cx.log(Some(Tone::Bad), &says).await;
            return Ok(says);
        }
        None => {}
    }
    cx.engine.rename(&old, name).await?;
    cx.state.store.set_replaced(change, None).await?;
    Ok(String::new())
}

/// A start that failed. What the new server printed is in the job's log, because it is removed soon: of one that ended,
/// the wait for it wrote that down.
pub async fn explained(cx: &StepContext, error: Error) -> Error {
    let Ok(Some(container)) = cx.find_container().await else { return error };
    let RunState::Stopped { exit_code, out_of_memory } = container.run else {
        let log = cx.engine.logs(&container.id, server::LAST_LINES).await.unwrap_or_default();
        cx.log_output(Some(Tone::Warn), &log).await;
        return error;
    };
    let why = match (out_of_memory, exit_code) {
        (true, _) => "The kernel ended it: it took more memory than the container's limit.",
        (false, 3) => "The JVM ended itself: its heap was full.",
        (false, _) => return error,
    };
    Problem::new(ProblemKind::Conflict, "Neo4j ran out of memory at its start with the new values.")
        .means(why)
        .next_step("Plan the change again with a larger limit, or a smaller heap and page cache.")
        .into()
}
