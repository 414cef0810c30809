//! The data beside another image: what is set aside, put back, and listed in the end. A newer version gets a copy of
//! it, the one from before gets its own again; so a failure has the way back that Neo4j itself does not have.

use super::Saved;
use super::go_back::Returned;
use crate::error::Result;
use crate::jobs::context::StepContext;
use crate::jobs::{aside, offline, server};
use crate::store::SetAsideRow;
use domain::container::ImageId;
use domain::database::DatabaseName;
use domain::helper::HelperCommand;
use domain::set_aside::LastRun;
use domain::text::plural;

pub const STAYS: &str = "The new image leaves the data as it is.";

impl Saved {
    /// What is set aside: of an upgrade, and of one that is taken back.
    fn moved(&self) -> Option<&[DatabaseName]> {
        let returned = || self.returned.as_ref().map(|returned| returned.moved.as_slice());
        self.upgraded.as_deref().or_else(returned)
    }
}

pub async fn set_aside(cx: &StepContext) -> Result<String> {
    let saved = cx.saved::<Saved>().await?;
    let Some(databases) = saved.moved().map(<[_]>::to_vec) else { return Ok(STAYS.into()) };
    let act = HelperCommand::SetAside { aside: aside::aside_name(cx, cx.job), databases, note_absent: true };
    offline::run(cx, "aside", act, vec![], "set_aside").await?;
    Ok("Moved inside its own volume; nothing was deleted.".into())
}

/// The version from before never sees what the other one has changed.
pub async fn put_back(cx: &StepContext) -> Result<String> {
    let saved = cx.saved::<Saved>().await?;
    let Some(databases) = saved.moved() else { return Ok(String::new()) };
    aside::put_back(cx, databases, of_pulled(cx, saved.pulled.as_ref()).await?, "set_aside").await
}

/// The Neo4j of the image that was pulled.
async fn of_pulled(cx: &StepContext, pulled: Option<&ImageId>) -> Result<Option<LastRun>> {
    let Some(image) = pulled else { return Ok(None) };
    let found = cx.engine.find_image(image.as_str()).await?;
    let untold = || LastRun { image: image.clone(), release: None };
    Ok(Some(found.as_ref().map_or_else(untold, LastRun::of_image)))
}

/// That every database came online; from here on the data that gave way is listed as set aside.
pub async fn verify(cx: &StepContext) -> Result<String> {
    let saved = cx.saved::<Saved>().await?;
    let Some(moved) = saved.moved() else { return Ok(String::new()) };
    let expected = saved.returned.as_ref().map_or(moved, Returned::databases);
    server::wait_until_online(cx, expected).await?;
    let directory = Some(aside::aside_name(cx, cx.job));
    let row = SetAsideRow { job: cx.job, databases: moved.to_vec(), directory, last_run: saved.left.clone() };
    match &saved.returned {
        Some(returned) => aside::list_in_place_of(cx, &row, returned.row.job).await?,
        None => cx.state.store.insert_set_aside(&row, &cx.deployment.name, cx.state.ports.clock.now()).await?,
    }
    let count = plural(expected.len() as u64, "database is", "databases are");
    let kept = if saved.returned.is_some() { "What Neo4j had until now" } else { "The data from before" };
    Ok(format!("{count} online. {kept} is kept until you remove it."))
}

/// Undoes what [`verify`] listed, before the data is put back.
pub async fn unlist(cx: &StepContext) -> Result<String> {
    let saved = cx.saved::<Saved>().await?;
    match &saved.returned {
        Some(returned) => aside::list_in_place_of(cx, &returned.row, cx.job).await?,
        None if saved.upgraded.is_some() => cx.state.store.delete_set_aside(cx.job).await?,
        None => {}
    }
    Ok(String::new())
}
