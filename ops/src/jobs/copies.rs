//! A bundle on its targets: written to each, read back from each. Targets are independent: one that fails neither hides nor
//! spoils another, and is written down as what it is.

use super::work::Work;
use crate::bundle::{self, MANIFEST};
use crate::error::{Error, Result};
use crate::ports::Bytestream;
use crate::targets::open;
use domain::Problem;
use domain::backup::{BackupId, Manifest, Part};
use domain::container::ContainerId;
use domain::problem::ProblemKind;
use domain::target::{BackupCopy, CopyState, TargetName};
use domain::text::{Tone, file_size};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// Pauses before the second and the third try of a part.
const PAUSES: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(15)];

/// How one target fared so far.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Fare {
    pub target: TargetName,
    /// Why it failed; nothing more is written there.
    pub problem: Option<Problem>,
}

impl Fare {
    pub fn works(&self) -> bool {
        self.problem.is_none()
    }

    /// Why it failed, as one text.
    pub fn why(&self) -> Option<String> {
        self.problem.as_ref().map(|p| if p.means.is_empty() { p.title.clone() } else { format!("{} {}", p.title, p.means) })
    }
}

/// No target at all is an error: of the last failure.
pub fn some_work(fares: &[Fare]) -> Result<()> {
    if fares.iter().any(Fare::works) {
        return Ok(());
    }
    if let [Fare { problem: Some(only), .. }] = fares {
        return Err(only.clone().into());
    }
    let all: Vec<String> = fares.iter().map(|f| format!("{}: {}", f.target, f.why().unwrap_or_default())).collect();
    Err(Problem::new(ProblemKind::Unavailable, "No target took the backup.")
        .means(all.join(" "))
        .todo("Test the target, free some space there or mend its settings, then back up again.")
        .into())
}

/// What the job says when it succeeded on some targets only.
pub fn some_failed(fares: &[Fare]) -> Option<Problem> {
    let failed: Vec<String> = fares.iter().filter_map(|f| Some(format!("{}: {}", f.target, f.why()?))).collect();
    (!failed.is_empty()).then(|| {
        Problem::new(ProblemKind::Unavailable, "The backup is verified, but not on every target.")
            .means(failed.join(" "))
            .todo("Test the target. The next backup goes there again.")
    })
}

/// One sentence: "On a, b. Failed: c."
pub fn words(fares: &[Fare]) -> String {
    let names = |works: bool| fares.iter().filter(|f| f.works() == works).map(|f| f.target.to_string()).collect::<Vec<_>>().join(", ");
    match names(false).as_str() {
        "" => format!("On {}.", names(true)),
        failed => format!("On {}. Failed: {failed}.", names(true)),
    }
}

/// Notes the failure and says it in the job's log.
pub async fn failed(work: &Work, fare: &mut Fare, error: &Error) {
    fare.problem = Some(error.problem());
    work.log(Some(Tone::Bad), &format!("Target {}: {}", fare.target, fare.why().unwrap_or_default())).await;
}

/// Where a part's content comes from, as often as it is asked for.
pub enum Source<'a> {
    Text(&'a str),
    /// A file of a helper, and its size.
    File {
        helper: &'a ContainerId,
        path: &'a str,
        bytes: u64,
    },
}

impl Source<'_> {
    async fn open(&self, work: &Work) -> Result<Bytestream> {
        match self {
            Self::Text(text) => Ok(bundle::once((*text).to_string())),
            Self::File { helper, path, .. } => Ok(work.inner.ports.engine.read_file(helper, path).await?.1),
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::File { bytes, .. } => *bytes,
        }
    }
}

/// Writes one part to one target, with a few tries. Only what arrived whole counts.
pub async fn put_part(work: &Arc<Work>, target: &TargetName, id: &BackupId, name: &str, source: Source<'_>) -> Result<Part> {
    let bytes = source.bytes();
    let opened = open(&work.inner, target).await?;
    let mut pauses = PAUSES.iter();
    loop {
        let counter = work.byte_counter("copy", bytes, &format!("{name} to {target}"));
        let problem = match bundle::try_put(opened.as_ref(), id, name, source.open(work).await?, counter).await {
            Ok(part) if part.bytes == bytes => return Ok(part),
            Ok(part) => Error::conflict(format!("Only {} of {} of {name} arrived.", file_size(part.bytes), file_size(bytes))),
            Err(crate::ports::TargetError::Failed(why)) => crate::ports::TargetError::Failed(why).into(),
            Err(other) => return Err(other.into()),
        };
        let Some(pause) = pauses.next() else { return Err(problem) };
        work.log(Some(Tone::Warn), &format!("{name} to {target}: {problem} Trying again in {} s.", pause.as_secs())).await;
        work.inner.ports.clock.sleep(*pause).await;
    }
}

/// What is wrong with the bundle there, if anything. Reads all of it.
pub async fn damage(work: &Arc<Work>, target: &TargetName, manifest: &Manifest, step: &str) -> Result<Option<(CopyState, String)>> {
    let opened = open(&work.inner, target).await?;
    let counter = work.byte_counter(step, manifest.bytes(), &format!("read back from {target}"));
    for part in &manifest.parts {
        if let Some(found) = bundle::damage(opened.as_ref(), &manifest.id, part, counter.clone()).await? {
            return Ok(Some(found));
        }
    }
    let text = match bundle::read_text(opened.as_ref(), &manifest.id, MANIFEST).await {
        Ok(text) => text,
        Err(error) => return Ok(Some((CopyState::Missing, format!("{MANIFEST}: {error}")))),
    };
    let same = serde_json::from_str::<Manifest>(&text).is_ok_and(|found| &found == manifest);
    Ok((!same).then(|| (CopyState::Failed, format!("{MANIFEST} is not the one that was written."))))
}

/// Writes down what was found of a copy.
pub async fn note(work: &Work, manifest: &Manifest, target: &TargetName, found: Option<(CopyState, String)>) -> Result<()> {
    let (state, problem) = found.map_or((CopyState::Verified, None), |(state, why)| (state, Some(why)));
    let copy = BackupCopy { target: target.clone(), state, bytes: manifest.bytes(), problem, checked_at: work.inner.ports.clock.now() };
    work.inner.store.set_copy(&manifest.id, &copy).await
}

/// The first target whose copy of the backup is whole, the console's own first (or last: `prefer_remote`). Damaged copies are written down on the way; one
/// that cannot be reached now is only passed over.
pub async fn whole_copy(work: &Arc<Work>, manifest: &Manifest, step: &str, prefer_remote: bool) -> Result<TargetName> {
    let mut found = Vec::new();
    let mut copies = work.inner.store.copies(&manifest.id).await?;
    if prefer_remote {
        copies.reverse();
    }
    for copy in copies.into_iter().filter(|c| c.state.may_be_whole()) {
        match damage(work, &copy.target, manifest, step).await {
            Ok(None) => {
                if copy.state == CopyState::Unread {
                    note(work, manifest, &copy.target, None).await?;
                }
                return Ok(copy.target);
            }
            Ok(Some((state, why))) => {
                work.log(Some(Tone::Bad), &format!("Target {}: {why}", copy.target)).await;
                note(work, manifest, &copy.target, Some((state, why.clone()))).await?;
                found.push(format!("On {}: {why}", copy.target));
            }
            Err(error) => found.push(format!("{} cannot be read now: {error}", copy.target)),
        }
    }
    Err(Problem::new(ProblemKind::Conflict, "The backup is broken.")
        .means(format!("{} Neo4j was not touched.", found.join(" ")))
        .todo("Choose another backup. What was found is now written on this one.")
        .into())
}

/// A half bundle. A target that cannot be reached keeps it until it is swept; that must not hold the deployment.
pub async fn remove(work: &Work, id: &BackupId, targets: &[TargetName]) -> Result<()> {
    for name in targets {
        let removed = match open(&work.inner, name).await {
            Ok(target) => target.remove(id.as_str()).await.map_err(Error::from),
            Err(error) => Err(error),
        };
        match removed {
            Err(error) if name.is_local() => return Err(error),
            Err(error) => work.log(Some(Tone::Warn), &format!("The half bundle {id} is still on {name}: {error}")).await,
            Ok(()) => {}
        }
    }
    Ok(())
}
