//! What a loaded copy holds, as a real server counts it without a network.

use super::context::StepContext;
use super::helpers;
use super::restore_check as check;
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

/// What becomes of the copy once it was counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Afterwards {
    /// Nobody reads it again: the server is not waited for.
    Discarded,
    /// `neo4j-admin` reads it: the server is stopped, so that the store is closed.
    Read,
}

/// What a loaded copy holds, and the same as a sentence.
/// `transactions`: the last one of each database, as it was loaded.
pub(super) async fn of_copy(
    cx: &StepContext,
    image: &ImageId,
    copy: HelperMount,
    databases: &[DatabaseName],
    transactions: BTreeMap<String, u64>,
    afterwards: Afterwards,
) -> Result<(Proof, String)> {
    let databases = count_candidate(cx, image, copy, databases, afterwards).await?;
    let proof = Proof { at: cx.state.ports.clock.now(), databases, transactions };
    let says = format!(
        "{} and {}.",
        plural(proof.nodes(), "node", "nodes"),
        plural(proof.relationships(), "relationship", "relationships")
    );
    Ok((proof, says))
}

/// Starts a real server on the candidate, without a network, and counts what is in these databases.
async fn count_candidate(
    cx: &StepContext,
    image: &ImageId,
    data: HelperMount,
    databases: &[DatabaseName],
    afterwards: Afterwards,
) -> Result<Vec<Content>> {
    // On Community there is one user database besides `system`, and the server must be told its name where no `system`
    // came along.
    let default = databases.first().cloned().unwrap_or_default();
    let id = helpers::create(cx, "serve", image, HelperCommand::Serve { default }, vec![data]).await?;
    let engine = cx.engine.as_ref();
    engine.start(&id).await?;
    check::wait_inside(cx, &id).await?;
    let mut all = Vec::new();
    for database in databases {
        let answers = graph::query_inside(engine, &id, database.as_str(), &statements::CONTENT, QUERY).await?;
        all.push(graph::content(database, None, &answers)?);
    }
    if afterwards == Afterwards::Read {
        engine.stop(&id, cx.state.timeouts.stop).await?;
    }
    engine.remove_helper(&cx.name("serve")).await?;
    Ok(all)
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
