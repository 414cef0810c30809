//! A change of a deployment's container, from a plan that was shown. The new container is made beside the old one,
//! which is kept, stopped, until the new one answers and tells the settings that were asked for; else the old one is
//! started again. A limit alone is changed while Neo4j runs.

mod data;
pub(super) mod effective;
mod go_back;
pub(super) mod image;
pub(crate) mod replaced;
pub(crate) mod switch;
mod upgrade;
pub(super) mod validate;

use super::context::StepContext;
use super::job::{Direction, Planned, looks, nothing, touches};
use super::offline::{self, Stop};
use super::server;
use crate::error::{Error, Result};
use crate::jobs::job::Job;
use async_trait::async_trait;
use domain::Problem;
use domain::change::{ChangeEntry, ChangeId, Difference, Effect, Plan};
use domain::container::{ContainerId, ImageId};
use domain::database::DatabaseName;
use domain::job::{Kind, Outcome};
use domain::problem::ProblemKind;
use domain::set_aside::LastRun;
use go_back::Returned;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use strum::{EnumString, IntoStaticStr};

/// Its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Step {
    Check,
    Pull,
    Validate,
    Create,
    Stop,
    SetAside,
    Copy,
    BringBack,
    Switch,
    Start,
    Limit,
    Verify,
}

const CHECK: Planned<Step> = looks(Step::Check, "Check that the plan still holds");
const VERIFY: Planned<Step> = looks(Step::Verify, "Compare what is in effect with the plan");

const VALIDATE: Planned<Step> = looks(Step::Validate, "Let Neo4j check the settings");
const CREATE: Planned<Step> = looks(Step::Create, "Create the new container beside the old one");
const STOP: Planned<Step> = touches(Step::Stop, "Stop Neo4j cleanly").begins_outage();
const SWITCH: Planned<Step> = touches(Step::Switch, "Put the new container in place of the old one");
const START: Planned<Step> = touches(Step::Start, "Start Neo4j and wait until it answers").ends_outage();

/// Whatever may fail without touching Neo4j comes before the stop.
pub const PLAN: [Planned<Step>; 7] = [CHECK, VALIDATE, CREATE, STOP, SWITCH, START, VERIFY];

/// With another image, as `check` found out. A newer Neo4j changes the data at its first start, and no older one opens
/// it again: it gets a copy, and the data itself lies aside until somebody removes it.
pub const IMAGE_PLAN: [Planned<Step>; 10] = [
    CHECK,
    looks(Step::Pull, "Pull the image and check that it can open the data"),
    VALIDATE,
    CREATE,
    STOP,
    touches(Step::SetAside, "Set the data aside, for the way back"),
    touches(Step::Copy, "Copy the data for the new version"),
    SWITCH,
    START,
    VERIFY,
];

/// An upgrade that is taken back, as `check` found out: the image from before gets the data from before.
pub const GO_BACK_PLAN: [Planned<Step>; 10] = [
    CHECK,
    looks(Step::Pull, "Look for the image and the data from before"),
    VALIDATE,
    CREATE,
    STOP,
    touches(Step::SetAside, "Set the present data aside"),
    touches(Step::BringBack, "Bring the data from before the upgrade back"),
    SWITCH,
    START,
    VERIFY,
];

/// Where the engine can do it all while Neo4j runs, as `check` found out.
pub const LIVE_PLAN: [Planned<Step>; 3] = [CHECK, touches(Step::Limit, "Change the limit of the container"), VERIFY];

/// What it was asked for.
#[derive(Serialize, Deserialize)]
pub struct Params {
    pub change: ChangeId,
}

/// What steps save for later ones.
#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct Saved {
    live: bool,
    /// Whether the image is another one.
    image: bool,
    /// Whether set-aside data comes back with it.
    goes_back: bool,
    /// What is pulled, once it is there.
    pulled: Option<ImageId>,
    /// Of an upgrade: what the new version will change.
    upgraded: Option<Vec<DatabaseName>>,
    /// Of an upgrade that is taken back.
    returned: Option<Returned>,
    /// With another image: the Neo4j that has the data open until then.
    left: Option<LastRun>,
    /// The container that was there at first.
    old: Option<ContainerId>,
    /// The one that was made.
    new: Option<ContainerId>,
}

async fn old(cx: &StepContext) -> Result<ContainerId> {
    cx.saved::<Saved>().await?.old.ok_or_else(|| Error::internal("the change was not checked"))
}

/// A third container of the name is somebody else's: it is neither stopped nor renamed.
fn made_anew() -> Error {
    Problem::new(ProblemKind::Conflict, "Somebody made the deployment's container anew meanwhile.")
        .means("The plan is of the container that was there before.")
        .next_step("Plan the change again.")
        .into()
}

impl Params {
    async fn entry(&self, cx: &StepContext) -> Result<ChangeEntry> {
        cx.state.store.change(&cx.deployment.name, self.change).await
    }

    /// Nothing is touched before all of this holds.
    async fn check(&self, cx: &StepContext) -> Result<String> {
        let plan = self.entry(cx).await?.plan;
        let container = cx.container().await?;
        container.owner().applies_changes()?;
        if plan.is_stale(Some(&container)) {
            return Err(Plan::stale().into());
        }
        let live = plan.effect() == Effect::Live;
        if !live {
            server::may_be_stopped(&container)?;
            offline::may_be_offline(&container)?;
            offline::alone(cx, &container).await?;
        }
        let (image, goes_back) = (plan.new_image().is_some(), plan.brings_back.is_some());
        cx.save(&Saved { live, image, goes_back, old: Some(container.id), ..Saved::default() }).await?;
        Ok(String::new())
    }

    async fn stop(cx: &StepContext) -> Result<String> {
        if cx.container().await?.id != old(cx).await? {
            return Err(made_anew());
        }
        let says = offline::open(cx, Stop::Any).await?;
        switch::stays_stopped(&cx.container().await?)?;
        Ok(says)
    }

    async fn start(cx: &StepContext) -> Result<String> {
        match offline::start(cx).await {
            Ok(server::Answer::Works) => Ok("It answers over Bolt.".into()),
            Ok(server::Answer::RefusesCredentials) => Err(Error::conflict(
                "Neo4j answers, but refuses the console's credentials, so the change cannot be checked.",
            )),
            Err(error) => Err(switch::explained(cx, error).await),
        }
    }

    async fn limit(&self, cx: &StepContext, direction: Direction) -> Result<String> {
        for difference in self.entry(cx).await?.plan.differences {
            let Difference::MemoryLimit { before, after } = difference else { continue };
            let bytes = if direction == Direction::Run { after } else { before };
            cx.engine.set_memory_limit(&cx.container().await?.id, bytes).await?;
        }
        Ok(String::new())
    }
}

#[async_trait]
impl Job for Params {
    const KIND: Kind = Kind::Change;
    type Step = Step;

    fn plan(saved: &str) -> &'static [Planned<Step>] {
        match serde_json::from_str(saved) {
            Ok(Saved { live: true, .. }) => &LIVE_PLAN,
            Ok(Saved { goes_back: true, .. }) => &GO_BACK_PLAN,
            Ok(Saved { image: true, .. }) => &IMAGE_PLAN,
            Ok(_) | Err(_) => &PLAN,
        }
    }

    async fn act(&self, step: Step, direction: Direction, cx: &Arc<StepContext>) -> Result<String> {
        match (step, direction) {
            (Step::Check, Direction::Run) => self.check(cx).await,
            (Step::Check | Step::Pull | Step::Copy, Direction::Undo) => nothing(),
            (Step::Pull, Direction::Run) => image::pull(cx, &self.entry(cx).await?.plan).await,
            (Step::SetAside, Direction::Run) => data::set_aside(cx).await,
            (Step::SetAside, Direction::Undo) => data::put_back(cx).await,
            (Step::Copy, Direction::Run) => upgrade::copy(cx).await,
            (Step::BringBack, Direction::Run) => go_back::bring_back(cx).await,
            (Step::BringBack, Direction::Undo) => go_back::take_away(cx).await,
            (Step::Validate, Direction::Run) => {
                let image = cx.saved::<Saved>().await?.pulled;
                validate::run(cx, &self.entry(cx).await?.plan, image).await
            }
            (Step::Validate, Direction::Undo) => validate::remove(cx).await,
            (Step::Create, Direction::Run) => switch::create(cx, &self.entry(cx).await?).await,
            (Step::Create, Direction::Undo) => switch::remove_new(cx, self.change).await,
            (Step::Stop, Direction::Run) => Self::stop(cx).await,
            (Step::Stop, Direction::Undo) => offline::close(cx).await,
            (Step::Switch, Direction::Run) => switch::switch(cx, self.change).await,
            (Step::Switch, Direction::Undo) => switch::switch_back(cx, self.change).await,
            (Step::Start, Direction::Run) => Self::start(cx).await,
            (Step::Start, Direction::Undo) => switch::stop_new(cx).await,
            (Step::Limit, direction) => self.limit(cx, direction).await,
            (Step::Verify, Direction::Run) => {
                let says = effective::verify(cx, &self.entry(cx).await?.plan).await?;
                Ok([says, data::verify(cx).await?].join(" ").trim().to_owned())
            }
            (Step::Verify, Direction::Undo) => data::unlist(cx).await,
        }
    }

    async fn outcome(&self, cx: &Arc<StepContext>) -> Result<Outcome> {
        Ok(Outcome { offline_ms: cx.offline_ms().await?, ..Outcome::default() })
    }
}
