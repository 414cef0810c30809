//! A scratch server of another image, with what of the deployment decides how its data and queries fare; and which
//! procedures and functions it does not have any more.

use super::context::StepContext;
use super::probes;
use crate::engine::credentials::bolt;
use crate::engine::graph;
use crate::error::Result;
use domain::container::{Container, ContainerId, ImageId};
use domain::database::DatabaseName;
use domain::statements;
use domain::text::{Tone, plural};
use domain::trial::{Plugins, tried};
use ports::{HelperMount, Row};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const ASK: Duration = Duration::from_secs(60);
/// So many names are told in a sentence; the log has all.
const TOLD: usize = 5;

/// What is tried.
#[derive(Debug, Clone)]
pub struct Trial {
    pub image: ImageId,
    /// Variables for the scratch server.
    pub env: Vec<(String, String)>,
    pub mounts: Vec<HelperMount>,
    plugins: Plugins,
}

impl Trial {
    /// Of a deployment's container. `variables`: as it is to have them, without what is or may be secret.
    pub fn new(image: ImageId, container: &Container, variables: Vec<(String, String)>) -> Self {
        let plugins = Plugins::of(container);
        let mut env = tried(variables);
        env.extend(plugins.variable.clone());
        let mount = |mount: &domain::container::Mount| HelperMount {
            source: mount.source_name().into(),
            at: mount.at.clone(),
            writable: false,
        };
        Self { image, env, mounts: plugins.mount.iter().map(mount).collect(), plugins }
    }

    /// What the new version makes of procedures and functions, and of the probe queries, in sentences.
    pub async fn compare(&self, cx: &StepContext, database: &DatabaseName, found: &Found) -> String {
        let callables = self.compare_callables(cx, database, &found.callables).await;
        if found.probes.is_empty() { callables } else { format!("{callables} {}", found.probes) }
    }

    /// Procedures and functions that are gone stop queries. `new`: what it has. Where the live server does not tell,
    /// that is said.
    async fn compare_callables(&self, cx: &StepContext, database: &DatabaseName, new: &BTreeSet<String>) -> String {
        let gone: Vec<String> = match of_live(cx, database).await {
            Ok(now) => now.into_iter().filter(|name| !new.contains(name) && !self.plugins.cannot_tell(name)).collect(),
            Err(error) => return format!("Which procedures there are now could not be asked: {error}"),
        };
        let untried = match self.plugins.untried.as_slice() {
            [] => String::new(),
            all => format!(" Not tried, because they are downloaded: {}.", all.join(", ")),
        };
        if gone.is_empty() {
            return format!("All procedures and functions of now are there.{untried}");
        }
        for (namespace, names) in by_namespace(&gone) {
            cx.log(Some(Tone::Warn), &format!("The new version does not have {namespace}: {}.", names.join(", ")))
                .await;
        }
        let count = plural(gone.len() as u64, "procedure or function is", "procedures and functions are");
        let told = gone.iter().take(TOLD).map(String::as_str).collect::<Vec<_>>().join(", ");
        let more = if gone.len() > TOLD { ", …" } else { "" };
        format!("{count} gone: {told}{more}. Queries that call them will fail.{untried}")
    }
}

const CALLABLES: [domain::cypher::Statement; 2] = [statements::PROCEDURES, statements::FUNCTIONS];

/// What a scratch server told while it ran.
#[derive(Debug, Clone, Default)]
pub struct Found {
    /// Names of its procedures and functions.
    callables: BTreeSet<String>,
    /// What came of the probe queries; empty where there are none.
    probes: String,
}

/// Asks a scratch server that runs.
pub async fn of_scratch(cx: &StepContext, id: &ContainerId, database: &DatabaseName) -> Result<Found> {
    let answers = graph::query_inside(cx.engine.as_ref(), id, database.as_str(), &CALLABLES, ASK).await?;
    Ok(Found { callables: names(&answers), probes: probes::compare(cx, id).await? })
}

async fn of_live(cx: &StepContext, database: &DatabaseName) -> Result<BTreeSet<String>> {
    let server = bolt(&cx.state.ports, &cx.deployment, &cx.container().await?, &cx.state.seal).await?;
    Ok(names(&cx.state.ports.graph.query(&server, database.as_str(), &CALLABLES, ASK).await?))
}

/// `apoc.agg` → `first`, `last`: a plugin that is gone has hundreds.
fn by_namespace(names: &[String]) -> BTreeMap<&str, Vec<&str>> {
    let mut all: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in names {
        let (namespace, rest) = name.rsplit_once('.').unwrap_or(("functions", name));
        all.entry(namespace).or_default().push(rest);
    }
    all
}

fn names(answers: &[Vec<Row>]) -> BTreeSet<String> {
    answers.iter().flatten().filter_map(|row| row.get("name")?.as_str().map(str::to_owned)).collect()
}
