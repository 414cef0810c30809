//! The clean-up of old backups: what no rule keeps is removed, on the target first and from the list last, so that a crash
//! leaves an entry that is tried again and never a bundle nobody knows. Then both sides are compared.

use super::copies;
use super::job::{Planned, looks};
use super::work::Work;
use crate::actor::Actor;
use crate::engine::audit_log::New;
use crate::engine::bundle::{self, MANIFEST};
use crate::engine::retention::verdicts;
use crate::error::Result;
use crate::jobs::job::Job;
use crate::ports::{Target, TargetError};
use async_trait::async_trait;
use domain::Problem;
use domain::audit::Outcome as Ended;
use domain::backup::{BackupId, Manifest};
use domain::job::Kind as JobKind;
use domain::job::{Outcome, Progress};
use domain::member::Role;
use domain::problem::ProblemKind;
use domain::retention::Verdict;
use domain::target::{CopyState, TargetName};
use domain::text::{Tone, plural};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::sync::Arc;
use strum::{EnumString, IntoStaticStr};

#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Step {
    Check,
    Remove,
    Orphans,
}

/// Neo4j is never touched. What was removed stays removed: there is nothing to undo.
pub const PLAN: [Planned<Step>; 3] =
    [looks(Step::Check, "Find the backups no rule keeps"), looks(Step::Remove, "Remove them"), looks(Step::Orphans, "Compare the target with the list")];

/// Strange bundles that are looked into, each run.
const MOST_ORPHANS: usize = 50;

#[derive(Serialize, Deserialize)]
pub struct Params {}

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct Notes {
    /// What `check` found. `remove` asks the rules again: somebody may have pinned one meanwhile.
    found: BTreeSet<BackupId>,
}

async fn check(work: &Work) -> Result<String> {
    let all = verdicts(&work.inner.store, &work.deployment.name, work.inner.ports.clock.now()).await?;
    let found: BTreeSet<BackupId> = all.iter().filter(|v| v.goes).map(|v| v.id.clone()).collect();
    let says = format!("{} of {} may go.", found.len(), plural(all.len() as u64, "backup", "backups"));
    work.keep(&Notes { found }).await?;
    Ok(says)
}

async fn remove(work: &Work) -> Result<String> {
    let found = work.kept::<Notes>().await?.found;
    let all = verdicts(&work.inner.store, &work.deployment.name, work.inner.ports.clock.now()).await?;
    let goes: Vec<Verdict> = all.into_iter().filter(|v| v.goes && found.contains(&v.id)).collect();
    let mut left = Vec::new();
    for (done, verdict) in goes.iter().enumerate() {
        let text = verdict.id.to_string();
        work.progress(&Progress { step: "remove".into(), done: done as u64, total: goes.len() as u64, bytes: false, rate: 0, text }).await;
        left.extend(remove_one(work, verdict).await?);
    }
    let says = format!("{} removed.", plural(removed(work).await?, "backup", "backups"));
    if left.is_empty() {
        return Ok(says);
    }
    work.inner.store.set_job_problem(work.job, &still_there(&left)).await?;
    Ok(format!("{says} {} could not be removed now.", plural(left.len() as u64, "copy", "copies")))
}

/// One target that is away stops neither the others nor the job.
fn still_there(left: &[String]) -> Problem {
    let shown: Vec<&str> = left.iter().take(5).map(String::as_str).collect();
    Problem::new(ProblemKind::Unavailable, format!("{} could not be removed.", plural(left.len() as u64, "old copy", "old copies")))
        .means(shown.join(" "))
        .todo("Test the target. The next clean-up tries again.")
        .todo("If it will not come back, remove the target and forget its copies.")
}

/// So many are gone, by this run of the step or one that was cut short.
async fn removed(work: &Work) -> Result<u64> {
    let found = work.kept::<Notes>().await?.found;
    let left = work.inner.store.stored_backups(&work.deployment.name).await?;
    Ok(found.iter().filter(|id| left.iter().all(|b| &b.id != *id)).count() as u64)
}

/// Every removal has its own audit entry, so that a missing backup can be explained a year later. A copy's row goes with the copy; the
/// backup's when there is none left. Returns why copies are still there.
async fn remove_one(work: &Work, verdict: &Verdict) -> Result<Vec<String>> {
    let store = &work.inner.store;
    let who = Actor::schedule(work.by.clone(), Role::Lead);
    let entry = New { actor: &who, act: "prune backup", target: verdict.id.to_string(), detail: verdict.why.clone() };
    let entry = work.inner.audit_log().begin(&entry).await?;
    let mut left = Vec::new();
    for copy in store.copies(&verdict.id).await? {
        if let Err(error) = copies::remove_copy(&work.inner, &verdict.id, &copy.target).await {
            left.push(format!("{} on {}: {error}", verdict.id, copy.target));
        }
    }
    if left.is_empty() {
        store.delete_backup(&verdict.id).await?;
        work.inner.audit_log().finish(entry, Ended::Done, None).await;
        work.log(None, &format!("{}: {}", verdict.id, verdict.why)).await;
    } else {
        work.inner.audit_log().finish(entry, Ended::Failed, Some(&left.join("; "))).await;
        work.log_output(Some(Tone::Warn), &left.join("\n")).await;
    }
    Ok(left)
}

/// Bundles without an entry are only reported: they may be of an older state of this console. Entries without a bundle are
/// marked missing there, so that nobody relies on them. A target that cannot be listed says nothing of its backups.
async fn orphans(work: &Work) -> Result<String> {
    let others = work.inner.store.targets().await?.into_iter().map(|row| row.name);
    let mut says = Vec::new();
    for name in std::iter::once(TargetName::local()).chain(others) {
        says.push(format!("{name}: {}", compare(work, &name).await?));
    }
    Ok(says.join(" "))
}

async fn compare(work: &Work, target: &TargetName) -> Result<String> {
    let stored = work.inner.store.stored_on(&work.deployment.name, target).await?;
    let not_now = async |why: String| {
        work.log(Some(Tone::Warn), &format!("{target} could not be compared: {why}.")).await;
        Ok("it could not be listed and is compared at the next clean-up.".into())
    };
    let opened = match work.inner.open_target(target).await {
        Ok(opened) => opened,
        Err(error) => return not_now(error.to_string()).await,
    };
    let names = match opened.list("").await {
        Ok(names) => names,
        Err(TargetError::Missing(_)) if stored.is_empty() => return Ok("empty.".into()),
        Err(error) => return not_now(error.to_string()).await,
    };
    let names: BTreeSet<&str> = names.iter().map(String::as_str).collect();
    let lost = mark_lost(work, target, opened.as_ref(), stored.iter().filter(|(id, verified)| *verified && !names.contains(id.as_str())).map(|s| &s.0)).await?;
    let known: BTreeSet<&str> = stored.iter().map(|(id, _)| id.as_str()).collect();
    let strange = names.difference(&known).filter_map(|name| BackupId::parse(name).ok()).filter(|id| id.is_made_for(&work.deployment.name));
    let mut orphans = 0;
    for id in strange.take(MOST_ORPHANS) {
        if is_ours(work, opened.as_ref(), &id).await {
            orphans += 1;
            work.log(Some(Tone::Warn), &format!("{id} lies on {target} and is not in its list of backups. It was left there.")).await;
        }
    }
    Ok(match (orphans, lost) {
        (0, 0) => "it and the list agree.".into(),
        _ => format!("{} without an entry, {} without a bundle.", plural(orphans, "bundle", "bundles"), plural(lost, "entry", "entries")),
    })
}

async fn mark_lost(work: &Work, name: &TargetName, target: &dyn Target, missing: impl Iterator<Item = &BackupId>) -> Result<u64> {
    let mut lost = 0;
    for id in missing {
        // Asked for by its name, too: a list alone is no proof.
        if let Err(TargetError::Missing(_)) = target.get(&bundle::key(id, MANIFEST)).await {
            let problem = format!("Its bundle is gone from {}. Something other than this console removed it.", target.location());
            let manifest = work.inner.store.backup(id).await?.manifest;
            let encrypted = work.inner.store.copies(id).await?.into_iter().find(|copy| &copy.target == name).and_then(|copy| copy.encrypted);
            copies::note(work, &manifest, name, encrypted, Some((CopyState::Missing, problem.clone()))).await?;
            work.log(Some(Tone::Bad), &format!("{id}: {problem}")).await;
            lost += 1;
        }
    }
    Ok(lost)
}

/// Whether the bundle carries a manifest of this deployment under this very name.
async fn is_ours(work: &Work, target: &dyn Target, id: &BackupId) -> bool {
    let text = bundle::read_text(target, id, MANIFEST).await.unwrap_or_default();
    serde_json::from_str::<Manifest>(&text).is_ok_and(|m| &m.id == id && m.deployment == work.deployment.name)
}

#[async_trait]
impl Job for Params {
    const KIND: JobKind = JobKind::Prune;
    type Step = Step;

    fn plan(_saved: &str) -> &'static [Planned<Step>] {
        &PLAN
    }

    async fn run(&self, step: Step, work: &Arc<Work>) -> Result<String> {
        match step {
            Step::Check => check(work).await,
            Step::Remove => remove(work).await,
            Step::Orphans => orphans(work).await,
        }
    }

    async fn undo(&self, step: Step, _work: &Arc<Work>) -> Result<String> {
        Ok(match step {
            Step::Remove => "What was removed stays removed; the rest was not touched.".into(),
            Step::Check | Step::Orphans => String::new(),
        })
    }

    async fn outcome(&self, work: &Arc<Work>) -> Result<Outcome> {
        Ok(Outcome { removed: Some(removed(work).await?), ..Outcome::default() })
    }
}
