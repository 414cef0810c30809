//! A new deployment: volumes and a container of its own, started, answering and with the settings that were asked for.
//! It is known to the console from the beginning, so that it has a page; one that fails leaves nothing, and is
//! forgotten when its job is over ([`super::ended`]).

use super::change::{effective, image, validate};
use super::context::StepContext;
use super::helpers;
use super::job::{Direction, Job, Planned, looks, nothing};
use super::name_in_use;
use super::new_server;
use super::server::{self, Answer};
use crate::engine::credentials::password;
use crate::error::{Error, Result};
use async_trait::async_trait;
use domain::Problem;
use domain::container::ImageId;
use domain::helper::HelperCommand;
use domain::image::FoundImage;
use domain::job::{Kind, Outcome};
use domain::new_deployment::{NewDeployment, Planned as PlannedServer};
use domain::problem::ProblemKind;
use domain::storage::Runs;
use domain::text::memory_size;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use strum::{EnumString, IntoStaticStr};

/// The measuring helper.
const MEMORY: &str = "free-memory";

/// Its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Step {
    Check,
    Pull,
    Validate,
    Create,
    Start,
    Verify,
}

/// Its steps in their order.
pub const PLAN: [Planned<Step>; 6] = [
    looks(Step::Check, "Check that name, volumes and ports are free"),
    looks(Step::Pull, "Pull the image"),
    looks(Step::Validate, "Check memory and let Neo4j check the settings"),
    looks(Step::Create, "Create the volumes and the container"),
    looks(Step::Start, "Start Neo4j and wait until it answers"),
    looks(Step::Verify, "Compare what is in effect with what was asked for"),
];

/// What it was asked for. The first password is kept with the deployment.
#[derive(Serialize, Deserialize)]
pub struct Params {
    pub wanted: NewDeployment,
}

impl Params {
    async fn check(&self, cx: &StepContext) -> Result<String> {
        let host = cx.engine.host_memory().await.ok();
        self.wanted.plan(None, host)?;
        may_be_made(cx.engine.as_ref(), &self.wanted).await?;
        Ok(String::new())
    }

    async fn pull(&self, cx: &StepContext) -> Result<String> {
        let reference = self.wanted.image.as_str();
        if cx.engine.find_image(reference).await?.is_some() {
            return Ok("The engine has it already.".into());
        }
        image::fetch(cx, reference, None, None).await?;
        Ok(format!("{reference} was pulled."))
    }

    async fn image(&self, cx: &StepContext) -> Result<FoundImage> {
        let reference = self.wanted.image.as_str();
        let found = cx.engine.find_image(reference).await?;
        found.ok_or_else(|| Error::conflict(format!("The image {reference} is gone again.")))
    }

    /// As the image that is there wants it.
    async fn planned(&self, cx: &StepContext) -> Result<(PlannedServer, ImageId)> {
        let found = self.image(cx).await?;
        let planned = self.wanted.plan(found.release(), cx.engine.host_memory().await.ok())?;
        Ok((planned, found.id))
    }

    async fn validate(&self, cx: &StepContext) -> Result<String> {
        let (planned, image) = self.planned(cx).await?;
        let runs = Runs::from(&image);
        let output = helpers::run_once(cx, MEMORY, runs.clone(), HelperCommand::FreeMemory, vec![], "validate").await?;
        let free: u64 = output.trim().parse().map_err(|_| Error::conflict("The free memory could not be measured."))?;
        let needed = self.wanted.heap.saturating_add(self.wanted.page_cache);
        if free < needed {
            return Err(Problem::new(ProblemKind::Conflict, "The Docker host has too little free memory.")
                .means(format!(
                    "Heap and page cache need {}; {} are free. Nothing was made.",
                    memory_size(needed),
                    memory_size(free)
                ))
                .next_step("Choose a smaller limit, or stop something else.")
                .into());
        }
        match validate::ask(cx, runs, planned.container.env, vec![]).await? {
            validate::Verdict::Accepted => Ok(String::new()),
            validate::Verdict::NoCheck => Ok(validate::NO_CHECK.into()),
            validate::Verdict::Refused(output) => {
                Err(Problem::new(ProblemKind::Conflict, "Neo4j refuses these settings.")
                    .means(format!("{} Nothing was made.", domain::helper::config_errors(&output)))
                    .next_step("Write other values.")
                    .into())
            }
        }
    }

    async fn create(&self, cx: &StepContext) -> Result<String> {
        let (planned, image) = self.planned(cx).await?;
        // From before a crash, and perhaps not yet on all networks.
        new_server::remove_server(cx, &self.wanted.name).await?;
        for volume in [&self.wanted.data_volume, &self.wanted.logs_volume] {
            new_server::make_volume(cx, volume).await?;
        }
        let password = password(&cx.deployment, &cx.state.seal)?;
        let spec = new_server::spec_of_new(&planned.container, image, &password, new_server::labels(cx));
        cx.engine.create_server(&spec).await?;
        Ok(format!("With the volumes {} and {}.", self.wanted.data_volume, self.wanted.logs_volume))
    }

    async fn start(cx: &StepContext) -> Result<String> {
        match server::start_and_wait(cx).await? {
            Answer::Works => Ok("It answers over Bolt.".into()),
            Answer::RefusesCredentials => {
                Err(Error::conflict("Neo4j answers, but refuses the password that it was given at its first start."))
            }
        }
    }

    async fn remove(&self, cx: &StepContext) -> Result<String> {
        new_server::remove_server(cx, &self.wanted.name).await?;
        for volume in [&self.wanted.data_volume, &self.wanted.logs_volume] {
            new_server::remove_volume(cx, volume).await?;
        }
        nothing()
    }
}

/// That nothing is in the way of a new deployment, whose name is free in the console.
pub(crate) async fn may_be_made(engine: &dyn ports::ContainerEngine, wanted: &NewDeployment) -> Result<()> {
    let refused = |field: &str, why: String| Err(domain::Invalid::new(field, why).into());
    if let Some(why) = name_in_use::on_engine(engine, &wanted.name).await? {
        return refused("name", format!("{why} Choose another name."));
    }
    for (field, volume) in [("data_volume", &wanted.data_volume), ("logs_volume", &wanted.logs_volume)] {
        if let Some(why) = name_in_use::volume(engine, volume).await? {
            return refused(field, format!("{why} Choose another name, so that nothing in it is overwritten."));
        }
    }
    if let Some(network) = &wanted.network
        && !engine.has_network(network).await?
    {
        return refused("network", format!("There is no network {network} on the Docker host."));
    }
    let taken = engine.published_ports().await?;
    for (field, port) in [("bolt_port", wanted.published.bolt), ("http_port", wanted.published.http)] {
        if let Some(by) = wanted.published.taken_by(port, &taken) {
            return refused(field, format!("The container {by} has port {port} of this address. Choose another one."));
        }
    }
    Ok(())
}

#[async_trait]
impl Job for Params {
    const KIND: Kind = Kind::CreateDeployment;
    type Step = Step;

    fn plan(_saved: &str) -> &'static [Planned<Step>] {
        &PLAN
    }

    async fn act(&self, step: Step, direction: Direction, cx: &Arc<StepContext>) -> Result<String> {
        match (step, direction) {
            (Step::Check, Direction::Run) => self.check(cx).await,
            (Step::Pull, Direction::Run) => self.pull(cx).await,
            (Step::Validate, Direction::Run) => self.validate(cx).await,
            (Step::Validate, Direction::Undo) => {
                helpers::remove(cx, &[MEMORY], &[]).await?;
                validate::remove(cx).await
            }
            (Step::Create, Direction::Run) => self.create(cx).await,
            (Step::Create, Direction::Undo) => self.remove(cx).await,
            (Step::Start, Direction::Run) => Self::start(cx).await,
            (Step::Verify, Direction::Run) => effective::verify(cx, &self.planned(cx).await?.0.plan).await,
            // The image stays. The rest goes with the container.
            (Step::Check | Step::Pull | Step::Start | Step::Verify, Direction::Undo) => nothing(),
        }
    }

    async fn outcome(&self, _cx: &Arc<StepContext>) -> Result<Outcome> {
        Ok(Outcome { deployment: Some(self.wanted.name.clone()), ..Outcome::default() })
    }
}
