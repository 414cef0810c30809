//! The image a deployment changes to: pulled while Neo4j runs, and only used when it is the one that was planned and
//! can open the data.

use super::{Saved, upgrade};
use crate::error::{Error, Result};
use crate::jobs::context::StepContext;
use domain::Problem;
use domain::change::{ImageUse, Plan, can_open};
use domain::container::Container;
use domain::image::FoundImage;
use domain::job::Progress;
use domain::problem::ProblemKind;
use futures::StreamExt;
use std::time::Duration;

/// How often the progress is written.
const EVERY: Duration = Duration::from_millis(500);

/// Pulls it where the engine does not have it. Afterwards it is known what is in it.
pub async fn pull(cx: &StepContext, plan: &Plan) -> Result<String> {
    let wanted = plan.new_image().ok_or_else(|| Error::internal("the plan has no image"))?;
    let (found, says) = obtain(cx, wanted).await?;
    let container = cx.container().await?;
    let migrates = migrates(&container, &found)?;
    let upgraded = if migrates { Some(upgrade::prepare(cx, &container).await?) } else { None };
    let saved = cx.saved::<Saved>().await?;
    cx.save(&Saved { pulled: Some(found.id), upgraded, ..saved }).await?;
    Ok(says)
}

/// The planned image, pulled where the engine does not have it, and how it came.
pub async fn obtain(cx: &StepContext, wanted: &ImageUse) -> Result<(FoundImage, String)> {
    match find(cx, wanted).await? {
        Some(found) => Ok((found, "The engine has it already.".into())),
        None => Ok((fetch(cx, wanted).await?, format!("{} was pulled.", wanted.reference))),
    }
}

/// The very image that was planned; by its name only where nothing more is known of it.
async fn find(cx: &StepContext, wanted: &ImageUse) -> Result<Option<FoundImage>> {
    if let Some(id) = &wanted.id {
        return Ok(cx.engine.find_image(id.as_str()).await?);
    }
    let found = cx.engine.find_image(&wanted.reference).await?;
    Ok(found.filter(|found| wanted.digest.as_deref().is_some_and(|digest| found.is(digest))))
}

async fn fetch(cx: &StepContext, wanted: &ImageUse) -> Result<FoundImage> {
    let (clock, began) = (&cx.state.ports.clock, cx.state.ports.clock.monotonic());
    let mut pull = cx.engine.pull(&wanted.reference).await?;
    let mut told = began;
    while let Some(now) = pull.next().await {
        let now = now?;
        let at = clock.monotonic();
        if at.saturating_sub(told) < EVERY {
            continue;
        }
        told = at;
        let elapsed = u64::try_from((at - began).as_millis()).unwrap_or(u64::MAX).max(1);
        let (rate, text, step) = (now.done.saturating_mul(1000) / elapsed, now.status, "pull".into());
        cx.progress(&Progress { step, done: now.done, total: now.total, bytes: true, rate, text }).await;
    }
    let found = cx.engine.find_image(&wanted.reference).await?;
    let found = found.ok_or_else(|| Error::conflict(format!("{} was pulled, and is gone.", wanted.reference)))?;
    let moved = wanted.digest.as_deref().is_some_and(|digest| !found.is(digest))
        || wanted.id.as_ref().is_some_and(|id| *id != found.id);
    if !moved {
        return Ok(found);
    }
    Err(Problem::new(ProblemKind::Conflict, format!("{} is another image than the planned one.", wanted.reference))
        .means("Its registry has another one under this tag by now. Neo4j was not stopped.")
        .next_step("Plan the change again.")
        .into())
}

/// Refuses an image that cannot open the data; else whether the data is changed at its first start. Of images that do
/// not tell their version the worst is assumed.
pub fn migrates(container: &Container, found: &FoundImage) -> Result<bool> {
    match can_open(container, found.release())? {
        Some(notes) => Ok(!notes.is_empty()),
        None => Ok(container.image_id != found.id),
    }
}
