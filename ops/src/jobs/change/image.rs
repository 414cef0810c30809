//! The image a deployment changes to: pulled while Neo4j runs, and only used when it is the one that was planned and
//! can open the data.

use super::{Saved, go_back, upgrade};
use crate::error::{Error, Result};
use crate::jobs::context::StepContext;
use domain::Problem;
use domain::change::{ImageUse, Plan, migrates};
use domain::container::ImageId;
use domain::image::{FoundImage, ImageReference};
use domain::job::Progress;
use domain::problem::ProblemKind;
use domain::registry_sign_in::RegistrySignIn;
use domain::set_aside::LastRun;
use futures::StreamExt;
use ports::EngineError;
use std::time::Duration;

/// How often the progress is written.
const EVERY: Duration = Duration::from_millis(500);

/// Pulls it where the engine does not have it. Afterwards it is known what is in it.
pub async fn pull(cx: &StepContext, plan: &Plan) -> Result<String> {
    let wanted = plan.new_image().ok_or_else(|| Error::internal("the plan has no image"))?;
    let (found, says) = obtain(cx, wanted).await?;
    let container = cx.container().await?;
    let left = Some(LastRun::of(&container));
    let saved = Saved { pulled: Some(found.id.clone()), left, ..cx.saved::<Saved>().await? };
    let saved = if let Some(upgrade) = plan.brings_back {
        Saved { returned: Some(go_back::prepare(cx, upgrade, &found).await?), ..saved }
    } else if migrates(&container, Some(&found.id), found.release())? {
        Saved { upgraded: Some(upgrade::prepare(cx, &container).await?), ..saved }
    } else {
        saved
    };
    cx.save(&saved).await?;
    Ok(says)
}

/// The planned image, pulled where the engine does not have it, and how it came.
pub async fn obtain(cx: &StepContext, wanted: &ImageUse) -> Result<(FoundImage, String)> {
    match find(cx, wanted).await? {
        Some(found) => Ok((found, "The engine has it already.".into())),
        None => {
            let found = fetch(cx, &wanted.reference, wanted.id.as_ref(), wanted.digest.as_deref()).await?;
            Ok((found, format!("{} was pulled.", wanted.reference)))
        }
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

/// Pulls it. Where its id or its digest is known, only that very image will do.
pub async fn fetch(
    cx: &StepContext,
    reference: &str,
    id: Option<&ImageId>,
    digest: Option<&str>,
) -> Result<FoundImage> {
    let (clock, began) = (&cx.state.ports.clock, cx.state.ports.clock.monotonic());
    let sign_in = match ImageReference::parse(reference) {
        Ok(image) => cx.state.registry_sign_in(&image).await?,
        Err(_) => None,
    };
    let refused = |error: EngineError| not_pulled(reference, sign_in.as_ref(), &error);
    let mut pull = cx.engine.pull(reference, sign_in.as_ref()).await.map_err(refused)?;
    let mut told = began;
    while let Some(now) = pull.next().await {
        let now = now.map_err(refused)?;
        let at = clock.monotonic();
        if at.saturating_sub(told) < EVERY {
            continue;
        }
        told = at;
        let elapsed = u64::try_from((at - began).as_millis()).unwrap_or(u64::MAX).max(1);
        let (rate, text, step) = (now.done.saturating_mul(1000) / elapsed, now.status, "pull".into());
        cx.progress(&Progress { step, done: now.done, total: now.total, bytes: true, rate, text }).await;
    }
    let found = cx.engine.find_image(reference).await?;
    let found = found.ok_or_else(|| Error::conflict(format!("{reference} was pulled, and is gone.")))?;
    let moved = digest.is_some_and(|digest| !found.is(digest)) || id.is_some_and(|id| *id != found.id);
    if !moved {
        return Ok(found);
    }
    Err(Problem::new(ProblemKind::Conflict, format!("{reference} is another image than the planned one."))
        .means("Its registry has another one under this tag by now. Neo4j was not stopped.")
        .next_step("Plan the change again.")
        .into())
}

/// What to do depends on who did not give it: the registry, or the Docker host.
fn not_pulled(image: &str, sign_in: Option<&RegistrySignIn>, error: &EngineError) -> Problem {
    let sign_in_step = match sign_in {
        Some(one) => format!("Save the sign-in of {} at {} anew on the page Registries", one.user, one.host),
        None => "Add a sign-in for its registry on the page Registries".to_owned(),
    };
    let (kind, why, step) = match error {
        EngineError::Unreachable(why) => {
            (ProblemKind::Unavailable, why, "Check that the Docker host reaches the registry".to_owned())
        }
        EngineError::Denied(why) => {
            (ProblemKind::Unavailable, why, format!("{sign_in_step}, or run on the Docker host: docker pull {image}"))
        }
        EngineError::NotFound(why) => {
            let step = format!("Check name and tag. If the image is private: {sign_in_step}");
            (ProblemKind::Conflict, why, step)
        }
        EngineError::DiskFull(why) => (ProblemKind::Unavailable, why, "Free some space on the Docker host".to_owned()),
        EngineError::Conflict(why)
        | EngineError::PortTaken(why)
        | EngineError::NoProgram(why)
        | EngineError::Failed(why) => (ProblemKind::Unavailable, why, "Check the log of the Docker Engine".to_owned()),
    };
    Problem::new(kind, format!("{image} could not be pulled."))
        .means(format!("Docker says: {}. Nothing was changed.", why.trim_end_matches('.')))
        .next_step(format!("{step}, then try again."))
}
