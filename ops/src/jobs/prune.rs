//! The clean-up of old backups: what no rule keeps is removed, on the target first and from the list last, so that a
//! crash leaves an entry that is tried again and never a bundle nobody knows. Then both sides are compared.

use super::context::StepContext;
use super::copies;
use super::job::{Direction, Planned, looks, nothing};
use crate::actor::Actor;
use crate::engine::audit_log::New;
use crate::engine::bundle::{self, MANIFEST};
use crate::engine::retention::decisions;
use crate::error::Result;
use crate::jobs::job::Job;
use async_trait::async_trait;
use domain::Problem;
use domain::audit::Outcome as Ended;
use domain::backup::{BackupId, Manifest};
use domain::job::Kind as JobKind;
use domain::job::{Outcome, Progress};
use domain::member::Role;
use domain::problem::ProblemKind;
use domain::retention::Decision;
use domain::target::{CopyState, TargetName};
use domain::text::{Tone, plural};
use ports::{Target, TargetError};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use strum::{EnumString, IntoStaticStr};

/// Its steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Step {
    Check,
    Remove,
    Orphans,
}

/// Neo4j is never touched. What was removed stays removed: there is nothing to undo.
pub const PLAN: [Planned<Step>; 3] = [
    looks(Step::Check, "Find the backups no rule keeps"),
    looks(Step::Remove, "Remove them"),
    looks(Step::Orphans, "Compare the target with the list"),
];

/// Strange bundles that are looked into, each run.
const MOST_ORPHANS: usize = 50;

/// What it was asked for.
#[derive(Serialize, Deserialize)]
pub struct Params {}

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct Saved {
    /// What `check` found. `remove` asks the rules again: somebody may have pinned one meanwhile.
    found: BTreeSet<BackupId>,
}

async fn check(cx: &StepContext) -> Result<String> {
    let all = decisions(&cx.state.store, &cx.deployment.name, cx.state.ports.clock.now()).await?;
    let found: BTreeSet<BackupId> = all.iter().filter(|v| v.goes).map(|v| v.id.clone()).collect();
    let says = format!("{} of {} may go.", found.len(), plural(all.len() as u64, "backup", "backups"));
    cx.save(&Saved { found }).await?;
    Ok(says)
}

async fn remove(cx: &StepContext) -> Result<String> {
    let found = cx.saved::<Saved>().await?.found;
    let all = decisions(&cx.state.store, &cx.deployment.name, cx.state.ports.clock.now()).await?;
    let goes: Vec<Decision> = all.into_iter().filter(|v| v.goes && found.contains(&v.id)).collect();
    let mut left = Vec::new();
    for (done, decision) in goes.iter().enumerate() {
        let text = decision.id.to_string();
        cx.progress(&Progress {
            step: "remove".into(),
            done: done as u64,
            total: goes.len() as u64,
            bytes: false,
            rate: 0,
            text,
        })
        .await;
        left.extend(remove_one(cx, decision).await?);
    }
    let says = format!("{} removed.", plural(removed(cx).await?, "backup", "backups"));
    if left.is_empty() {
        return Ok(says);
    }
    cx.state.store.set_job_problem(cx.job, &still_there(&left)).await?;
    Ok(format!("{says} {} could not be removed now.", plural(left.len() as u64, "copy", "copies")))
}

/// One target that is away stops neither the others nor the job.
fn still_there(left: &[String]) -> Problem {
    let shown: Vec<&str> = left.iter().take(5).map(String::as_str).collect();
    Problem::new(
        ProblemKind::Unavailable,
        format!("{} could not be removed.", plural(left.len() as u64, "old copy", "old copies")),
    )
    .means(shown.join(" "))
    .next_step("Test the target. The next clean-up tries again.")
    .next_step("If it will not come back, remove the target and forget its copies.")
}

/// So many are gone, by this run of the step or one that was cut short.
async fn removed(cx: &StepContext) -> Result<u64> {
    let found = cx.saved::<Saved>().await?.found;
    let left = cx.state.store.stored_backups(&cx.deployment.name).await?;
    Ok(found.iter().filter(|id| left.iter().all(|b| &b.id != *id)).count() as u64)
}

/// Every removal has its own audit entry, so that a missing backup can be explained a year later. A copy's row goes
/// with the copy; the backup's when there is none left. Returns why copies are still there.
async fn remove_one(cx: &StepContext, decision: &Decision) -> Result<Vec<String>> {
    let store = &cx.state.store;
    let who = Actor::schedule(cx.by.clone(), Role::Lead);
    let entry = New { actor: &who, act: "prune backup", target: decision.id.to_string(), detail: decision.why.clone() };
    let entry = cx.state.audit_log().begin(&entry).await?;
    let mut left = Vec::new();
    for copy in store.copies(&decision.id).await? {
        if let Err(error) = copies::remove_copy(&cx.state, &decision.id, &copy.target).await {
            left.push(format!("{} on {}: {error}", decision.id, copy.target));
        }
    }
    if left.is_empty() {
        store.delete_backup(&decision.id).await?;
        cx.state.audit_log().finish(entry, Ended::Done, None).await;
        cx.log(None, &format!("{}: {}", decision.id, decision.why)).await;
    } else {
        cx.state.audit_log().finish(entry, Ended::Failed, Some(&left.join("; "))).await;
        cx.log_output(Some(Tone::Warn), &left.join("\n")).await;
    }
    Ok(left)
}

/// Bundles without an entry are only reported: they may be of an older state of this console. Entries without a bundle
/// are marked missing there, so that nobody relies on them. A target that cannot be listed says nothing of its backups.
async fn orphans(cx: &StepContext) -> Result<String> {
    let others = cx.state.store.targets().await?.into_iter().map(|row| row.name);
    let mut says = Vec::new();
    for name in std::iter::once(TargetName::local()).chain(others) {
        says.push(format!("{name}: {}", compare(cx, &name).await?));
    }
    Ok(says.join(" "))
}

async fn compare(cx: &StepContext, target: &TargetName) -> Result<String> {
    let stored = cx.state.store.stored_on(&cx.deployment.name, target).await?;
    let not_now = async |why: String| {
        cx.log(Some(Tone::Warn), &format!("{target} could not be compared: {why}.")).await;
        Ok("it could not be listed and is compared at the next clean-up.".into())
    };
    let opened = match cx.state.open_target(target).await {
        Ok(opened) => opened,
        Err(error) => return not_now(error.to_string()).await,
    };
    let names = match opened.list("").await {
        Ok(names) => names,
        Err(TargetError::Missing(_)) if stored.is_empty() => return Ok("empty.".into()),
        Err(error) => return not_now(error.to_string()).await,
    };
    let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let lost = mark_lost(
        cx,
        target,
        opened.as_ref(),
        stored.iter().filter(|(id, verified)| *verified && !names.contains(id.as_str())).map(|s| &s.0),
    )
    .await?;
    let known: BTreeSet<&str> = stored.iter().map(|(id, _)| id.as_str()).collect();
    let strange = names
        .difference(&known)
        .filter_map(|name| BackupId::parse(name).ok())
        .filter(|id| id.is_made_for(&cx.deployment.name));
    let mut orphans = 0;
    for id in strange.take(MOST_ORPHANS) {
        if is_ours(cx, opened.as_ref(), &id).await {
            orphans += 1;
            cx.log(
                Some(Tone::Warn),
                &format!("{id} lies on {target} and is not in its list of backups. It was left there."),
            )
            .await;
        }
    }
    Ok(match (orphans, lost) {
        (0, 0) => "it and the list agree.".into(),
        _ => format!(
            "{} without an entry, {} without a bundle.",
            plural(orphans, "bundle", "bundles"),
            plural(lost, "entry", "entries")
        ),
    })
}

async fn mark_lost(
    cx: &StepContext,
    name: &TargetName,
    target: &dyn Target,
    missing: impl Iterator<Item = &BackupId>,
) -> Result<u64> {
    let mut lost = 0;
    for id in missing {
        // Asked for by its name, too: a list alone is no proof.
        if let Err(TargetError::Missing(_)) = target.get(&bundle::key(id, MANIFEST)).await {
            let problem =
                format!("Its bundle is gone from {}. Something other than this console removed it.", target.location());
            let manifest = cx.state.store.backup(id).await?.manifest;
            let encrypted = cx
                .state
                .store
                .copies(id)
                .await?
                .into_iter()
                .find(|copy| &copy.target == name)
                .and_then(|copy| copy.encrypted);
            copies::note(cx, &manifest, name, encrypted, Some((CopyState::Missing, problem.clone()))).await?;
            cx.log(Some(Tone::Bad), &format!("{id}: {problem}")).await;
            lost += 1;
        }
    }
    Ok(lost)
}

/// Whether the bundle carries a manifest of this deployment under this very name.
async fn is_ours(cx: &StepContext, target: &dyn Target, id: &BackupId) -> bool {
    let text = bundle::read_text(target, id, MANIFEST).await.unwrap_or_default();
    serde_json::from_str::<Manifest>(&text).is_ok_and(|m| &m.id == id && m.deployment == cx.deployment.name)
}

#[async_trait]
impl Job for Params {
    const KIND: JobKind = JobKind::Prune;
    type Step = Step;

    fn plan(_saved: &str) -> &'static [Planned<Step>] {
        &PLAN
    }

    async fn act(&self, step: Step, direction: Direction, cx: &Arc<StepContext>) -> Result<String> {
        match (step, direction) {
            (Step::Check, Direction::Run) => check(cx).await,
            (Step::Remove, Direction::Run) => remove(cx).await,
            (Step::Remove, Direction::Undo) => Ok("What was removed stays removed; the rest was not touched.".into()),
            (Step::Orphans, Direction::Run) => orphans(cx).await,
            (Step::Check | Step::Orphans, Direction::Undo) => nothing(),
        }
    }

    async fn outcome(&self, cx: &Arc<StepContext>) -> Result<Outcome> {
        Ok(Outcome { removed: Some(removed(cx).await?), ..Outcome::default() })
    }
}
