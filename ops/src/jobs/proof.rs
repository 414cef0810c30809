//! What a loaded copy holds, as a real server counts it without a network.

use super::context::StepContext;
use super::helpers;
use super::restore_check as check;
use super::trial::{self, Trial};
use crate::engine::graph;
use crate::error::Result;
use crate::store::BackupRow;
use domain::Problem;
use domain::backup::{Content, Proof};
use domain::container::ImageId;
use domain::database::DatabaseName;
use domain::helper::HelperCommand;
use domain::problem::ProblemKind;
use domain::statements;
use domain::text::{count, full_time, plural};
use ports::HelperMount;
use std::collections::BTreeMap;
use std::time::Duration;

const QUERY: Duration = Duration::from_secs(60);

/// A loaded copy, and what starts on it.
pub(super) struct Copy<'a> {
    pub image: &'a ImageId,
    pub data: HelperMount,
    pub databases: &'a [DatabaseName],
    /// The last transaction of each database, as it was loaded.
    pub transactions: BTreeMap<String, u64>,
    /// Of another image. `neo4j-admin` reads the copy afterwards: the server is stopped, so that the store is closed.
    /// Without it nobody reads it again, and the server is not waited for.
    pub trial: Option<&'a Trial>,
}

impl Copy<'_> {
    /// What it holds, the same as a sentence, and of a trial what else was found.
    pub(super) async fn count(self, cx: &StepContext) -> Result<(Proof, String, trial::Found)> {
        let (databases, found) = self.served(cx).await?;
        let proof = Proof { at: cx.state.ports.clock.now(), databases, transactions: self.transactions };
        let says = format!(
            "{} and {}.",
            plural(proof.nodes(), "node", "nodes"),
            plural(proof.relationships(), "relationship", "relationships")
        );
        Ok((proof, says, found))
    }

    /// Starts a real server on it, without a network, and counts what is in these databases.
    async fn served(&self, cx: &StepContext) -> Result<(Vec<Content>, trial::Found)> {
        // On Community there is one user database besides `system`, and the server must be told its name where no
        // `system` came along.
        let default = self.databases.first().cloned().unwrap_or_default();
        let env = self.trial.map(|trial| trial.env.clone()).unwrap_or_default();
        let mut mounts = vec![self.data.clone()];
        mounts.extend(self.trial.iter().flat_map(|trial| trial.mounts.clone()));
        let act = HelperCommand::Serve { default: default.clone(), env };
        let id = helpers::create(cx, "serve", self.image, act, mounts).await?;
        let engine = cx.engine.as_ref();
        engine.start(&id).await?;
        check::wait_inside(cx, &id).await?;
        let mut all = Vec::new();
        for database in self.databases {
            let answers = graph::query_inside(engine, &id, database.as_str(), &statements::CONTENT, QUERY).await?;
            all.push(graph::content(database, None, &answers)?);
        }
        let mut found = trial::Found::default();
        if self.trial.is_some() {
            found = trial::of_scratch(cx, &id, &default).await?;
            engine.stop(&id, cx.state.timeouts.stop).await?;
        }
        engine.remove_helper(&cx.name("serve")).await?;
        Ok((all, found))
    }
}

/// Whether the copy is what the backup should hold: to the last node where it was counted on a copy before; else
/// against the counts from before the stop, which a busy server has outgrown.
pub(super) fn judge(row: &BackupRow, proof: &Proof, holds: &str) -> Result<String> {
    let differences = match &row.proof {
        Some(before) => before.differences(proof),
        None => proof.contradicts(&row.manifest).into_iter().collect(),
    };
    if !differences.is_empty() {
        let shown: Vec<&str> = differences.iter().take(5).map(String::as_str).collect();
        return Err(Problem::new(ProblemKind::Conflict, "What the copy holds is not what the backup should hold.")
            .means(format!("{} ({} in all).", shown.join("; "), count(differences.len() as u64)))
            .next_step("Choose another backup.")
            .into());
    }
    Ok(match (&row.proof, proof.nodes().abs_diff(row.manifest.nodes())) {
        (Some(before), _) => format!("{holds} As on {}.", full_time(before.at)),
        (None, 0) => format!("{holds} As counted before the stop."),
        (None, _) => format!(
            "{holds} Before the stop, while Neo4j was in use, {} were counted.",
            plural(row.manifest.nodes(), "node", "nodes")
        ),
    })
}
