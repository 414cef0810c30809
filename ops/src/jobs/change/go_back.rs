//! The data of an upgrade that is taken back. The image from before gets the data from before, which the upgrade set
//! aside; what Neo4j has now is set aside in its place. Nothing is copied, loaded or deleted.

use super::Saved;
use crate::error::{Error, Result};
use crate::jobs::context::StepContext;
use crate::jobs::{aside, offline};
use crate::store::SetAsideRow;
use domain::database::DatabaseName;
use domain::helper::HelperCommand;
use domain::image::FoundImage;
use domain::job::JobId;
use domain::set_aside::LastRun;
use serde::{Deserialize, Serialize};

/// What was found before anything is touched.
#[derive(Clone, Serialize, Deserialize)]
pub struct Returned {
    /// The data from before, as it is listed.
    pub row: SetAsideRow,
    /// All databases of the server, those that came since as well.
    pub moved: Vec<DatabaseName>,
}

impl Returned {
    /// Those that come back.
    pub fn databases(&self) -> &[DatabaseName] {
        &self.row.databases
    }

    fn directory(&self, cx: &StepContext) -> String {
        aside::directory_of(cx, self.row.job, self.row.directory.as_deref())
    }
}

/// That the data set aside by `upgrade` is complete, and of the image that is to open it. Neo4j is not asked: somebody
/// may go back because it does not answer.
pub async fn prepare(cx: &StepContext, upgrade: JobId, image: &FoundImage) -> Result<Returned> {
    let row = cx.state.store.set_aside(upgrade, &cx.deployment.name).await?;
    if let Some(last_run) = &row.last_run {
        last_run.may_be_opened_by(&LastRun::of_image(image))?;
    }
    let directory = aside::directory_of(cx, upgrade, row.directory.as_deref());
    let looked = aside::look(cx, &directory, &row.databases, "pull").await?;
    let mut moved = row.databases.clone();
    moved.extend(looked.live.into_iter().filter(|one| !row.databases.contains(one)));
    Ok(Returned { row, moved })
}

async fn returned(cx: &StepContext) -> Result<Returned> {
    cx.saved::<Saved>().await?.returned.ok_or_else(|| Error::internal("the set-aside data was not looked at"))
}

pub async fn bring_back(cx: &StepContext) -> Result<String> {
    let returned = returned(cx).await?;
    let act = HelperCommand::BringBack { aside: returned.directory(cx), databases: returned.row.databases };
    offline::run(cx, "aside", act, vec![], "bring_back").await?;
    Ok(String::new())
}

/// The data from before lies aside again, with what was written to it meanwhile.
pub async fn take_away(cx: &StepContext) -> Result<String> {
    let returned = returned(cx).await?;
    aside::take_away(cx, &returned.directory(cx), &returned.row.databases, "bring_back").await
}
