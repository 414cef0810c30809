//! Neo4j's own check of the new settings, in a container of the image that is to run with them. It starts no server.

use super::effective;
use crate::error::{Error, Result};
use crate::jobs::context::StepContext;
use crate::jobs::helpers;
use domain::Problem;
use domain::change::{Difference, Plan};
use domain::container::{Container, ImageId};
use domain::helper::{HelperCommand, config_errors, knows_validate_config, unknown_settings};
use domain::problem::ProblemKind;
use domain::setting::{about_unknown, is_plain_variable};
use domain::storage::Runs;
use domain::text::Tone;
use ports::{EngineError, HelperMount};
use std::collections::BTreeMap;

const ROLE: &str = "validate";
/// Where a configuration of one's own is mounted.
const CONF: &str = "/conf";
const LINES: usize = 200;

/// Refuses what Neo4j would refuse at its start. What may be secret is not handed to the check, so it is not checked.
/// `image`: what is to run with them.
pub async fn run(cx: &StepContext, plan: &Plan, image: Option<ImageId>) -> Result<String> {
    let container = cx.container().await?;
    let runs = Runs { image: image.unwrap_or_else(|| container.image_id.clone()), ..helpers::like(&container)? };
    match ask(cx, runs, variables(&container, plan), conf(&container)).await? {
        Verdict::Accepted => Ok(String::new()),
        Verdict::NoCheck => Ok(NO_CHECK.into()),
        Verdict::Refused(output) => Err(refused(cx, &container, &output).await.into()),
    }
}

/// What Neo4j says of settings.
pub enum Verdict {
    Accepted,
    /// A version that checks nothing before its start.
    NoCheck,
    /// With its output.
    Refused(String),
}

/// For [`Verdict::NoCheck`].
pub const NO_CHECK: &str = "This version of Neo4j has no such check. Its start will tell.";

/// Lets the Neo4j of an image check variables. Its output goes into the job's log.
pub async fn ask(
    cx: &StepContext,
    runs: Runs,
    env: Vec<(String, String)>,
    mounts: Vec<HelperMount>,
) -> Result<Verdict> {
    let id = helpers::create(cx, ROLE, runs, HelperCommand::ValidateConfig { env }, mounts).await?;
    cx.engine.start(&id).await.map_err(no_neo4j)?;
    let code = cx.engine.wait(&id, cx.state.timeouts.helper).await?;
    let output = cx.engine.logs(&id, LINES).await?;
    remove(cx).await?;
    cx.log_output((code != 0).then_some(Tone::Warn), &output).await;
    Ok(match code {
        0 => Verdict::Accepted,
        _ if !knows_validate_config(&output) => Verdict::NoCheck,
        _ => Verdict::Refused(output),
    })
}

/// In the words of Neo4j; of settings that it does not know, also what they may be. Where the server that runs does not
/// tell its settings, nothing is said of that.
async fn refused(cx: &StepContext, container: &Container, output: &str) -> Problem {
    let mut problem = Problem::new(ProblemKind::Conflict, "Neo4j refuses these settings.")
        .means(format!("{} Neo4j was not stopped.", config_errors(output)));
    let unknown = unknown_settings(output);
    if !unknown.is_empty() {
        let running: Vec<String> = effective::settings(cx, container).await.unwrap_or_default().into_keys().collect();
        problem.next_steps.extend(unknown.iter().filter_map(|setting| about_unknown(setting, &running)));
    }
    problem.next_step("Correct it in the deployment's variables, or plan the change again with other values.")
}

fn no_neo4j(error: EngineError) -> Error {
    if !matches!(error, EngineError::NoProgram(_)) {
        return error.into();
    }
    Problem::new(ProblemKind::Conflict, "There is no Neo4j in this image.")
        .means("It has no neo4j-admin. Nothing was stopped.")
        .next_step("Choose an image of Neo4j.")
        .into()
}

/// Also after a crash in the middle of it.
pub async fn remove(cx: &StepContext) -> Result<String> {
    helpers::remove(cx, &[ROLE], &[]).await?;
    Ok(String::new())
}

/// As the new container has them. Plugins are left out: the entrypoint would download them.
pub fn variables(container: &Container, plan: &Plan) -> Vec<(String, String)> {
    let mut all: BTreeMap<String, String> = container.own_env().cloned().collect();
    for difference in &plan.differences {
        let Difference::Variable { name, after, .. } = difference else { continue };
        match after {
            Some(value) => all.insert(name.clone(), value.clone()),
            None => all.remove(name),
        };
    }
    all.into_iter().filter(|(name, value)| name != "NEO4J_PLUGINS" && is_plain_variable(name, value)).collect()
}

fn conf(container: &Container) -> Vec<HelperMount> {
    let mount = container.mount_at(CONF);
    mount
        .map(|mount| HelperMount { source: mount.source_name().into(), at: CONF.into(), writable: false })
        .into_iter()
        .collect()
}
