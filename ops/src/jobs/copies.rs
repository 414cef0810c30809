//! A bundle on its targets: written to each, read back from each. Targets are independent: one that fails neither hides
//! nor spoils another, and is written down as what it is.

use super::context::StepContext;
use crate::console::state::AppState;
use crate::engine::bundle::{self, ENCRYPTED, MANIFEST};
use crate::engine::encryption::Keys;
use crate::error::{Error, Result};
use domain::Problem;
use domain::backup::{BackupId, Manifest, Part};
use domain::container::ContainerId;
use domain::encryption::{ENDING, Encrypted, Recipient};
use domain::problem::ProblemKind;
use domain::target::{BackupCopy, CopyState, TargetName};
use domain::text::{Tone, file_size};
use ports::{Bytestream, Target};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::time::Duration;

/// Pauses before the second and the third try of a part.
const PAUSES: [Duration; 2] = [Duration::from_secs(2), Duration::from_secs(15)];

/// Progress of the copy on one target.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct CopyStatus {
    pub target: TargetName,
    /// Why it failed; nothing more is written there.
    pub problem: Option<Problem>,
    /// How the copy is encrypted, when it is.
    #[serde(default)]
    pub encrypted: Option<Encrypted>,
}

impl CopyStatus {
    /// Whether the copy can still become whole.
    pub fn works(&self) -> bool {
        self.problem.is_none()
    }

    /// Why it failed, as one text.
    pub fn why(&self) -> Option<String> {
        self.problem
            .as_ref()
            .map(|p| if p.means.is_empty() { p.title.clone() } else { format!("{} {}", p.title, p.means) })
    }
}

/// No target at all is an error: of the last failure.
pub fn some_work(statuses: &[CopyStatus]) -> Result<()> {
    if statuses.iter().any(CopyStatus::works) {
        return Ok(());
    }
    if let [CopyStatus { problem: Some(only), .. }] = statuses {
        return Err(only.clone().into());
    }
    let all: Vec<String> = statuses.iter().map(|f| format!("{}: {}", f.target, f.why().unwrap_or_default())).collect();
    Err(Problem::new(ProblemKind::Unavailable, "No target took the backup.")
        .means(all.join(" "))
        .next_step("Test the target, free some space there or correct its settings, then back up again.")
        .into())
}

/// What the job says when it succeeded on some targets only.
pub fn some_failed(statuses: &[CopyStatus]) -> Option<Problem> {
    let failed: Vec<String> = statuses.iter().filter_map(|f| Some(format!("{}: {}", f.target, f.why()?))).collect();
    (!failed.is_empty()).then(|| {
        Problem::new(ProblemKind::Unavailable, "The backup is verified, but not on every target.")
            .means(failed.join(" "))
            .next_step("Test the target. The next backup goes there again.")
    })
}

/// One sentence: "On a, b. Failed: c."
pub fn words(statuses: &[CopyStatus]) -> String {
    let names = |works: bool| {
        statuses.iter().filter(|f| f.works() == works).map(|f| f.target.to_string()).collect::<Vec<_>>().join(", ")
    };
    match names(false).as_str() {
        "" => format!("On {}.", names(true)),
        failed => format!("On {}. Failed: {failed}.", names(true)),
    }
}

/// Notes the failure and says it in the job's log.
pub async fn failed(cx: &StepContext, status: &mut CopyStatus, error: &Error) {
    status.problem = Some(error.problem());
    cx.log(Some(Tone::Bad), &format!("Target {}: {}", status.target, status.why().unwrap_or_default())).await;
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
    async fn open(&self, cx: &StepContext) -> Result<Bytestream> {
        match self {
            Self::Text(text) => Ok(bundle::once((*text).to_string())),
            Self::File { helper, path, .. } => Ok(cx.engine.read_file(helper, path).await?.1),
        }
    }

    fn bytes(&self) -> u64 {
        match self {
            Self::Text(text) => text.len() as u64,
            Self::File { bytes, .. } => *bytes,
        }
    }
}

/// Writes one part to one target as it is.
pub async fn put_part(
    cx: &Arc<StepContext>,
    target: &TargetName,
    id: &BackupId,
    name: &str,
    source: Source<'_>,
) -> Result<Part> {
    Ok(put_for(cx, target, id, name, source, &[]).await?.1)
}

/// Writes one part to one target, encrypted if there are recipients, with a few tries. Only what arrived whole counts.
/// The part, and what lies there of it.
pub async fn put_for(
    cx: &Arc<StepContext>,
    target: &TargetName,
    id: &BackupId,
    name: &str,
    source: Source<'_>,
    recipients: &[Recipient],
) -> Result<(Part, Part)> {
    let bytes = source.bytes();
    let opened = cx.state.open_target(target).await?;
    let mut pauses = PAUSES.iter();
    loop {
        let counter = cx.byte_counter("copy", bytes, &format!("{name} to {target}"));
        let content = source.open(cx).await?;
        let put = match recipients {
            [] => bundle::try_put(opened.as_ref(), id, name, content, counter).await.map(|part| (part.clone(), part)),
            _ => bundle::try_put_encrypted(opened.as_ref(), id, name, content, recipients, counter).await,
        };
        let problem = match put {
            Ok((part, there)) if part.bytes == bytes => return Ok((part, there)),
            Ok((part, _)) => {
                Error::conflict(format!("Only {} of {} of {name} arrived.", file_size(part.bytes), file_size(bytes)))
            }
            Err(ports::TargetError::Failed(why)) => ports::TargetError::Failed(why).into(),
            Err(other) => return Err(other.into()),
        };
        let Some(pause) = pauses.next() else { return Err(problem) };
        cx.log(Some(Tone::Warn), &format!("{name} to {target}: {problem} Trying again in {} s.", pause.as_secs()))
            .await;
        cx.state.ports.clock.sleep(*pause).await;
    }
}

/// Checks the bundle on a target by reading all of it; no identity needed. `None` if nothing is wrong.
pub async fn damage(
    cx: &Arc<StepContext>,
    target: &TargetName,
    manifest: &Manifest,
    encrypted: Option<&Encrypted>,
    step: &str,
) -> Result<Option<(CopyState, String)>> {
    let opened = cx.state.open_target(target).await?;
    let parts = bundle::stored(manifest, encrypted);
    let counter = cx.byte_counter(step, parts.iter().map(|p| p.bytes).sum(), &format!("read back from {target}"));
    for part in parts {
        if let Some(found) = bundle::damage(opened.as_ref(), &manifest.id, part, counter.clone()).await? {
            return Ok(Some(found));
        }
    }
    if let Some(encrypted) = encrypted
        && let Some(found) = other_text(opened.as_ref(), &manifest.id, ENCRYPTED, encrypted).await?
    {
        return Ok(Some(found));
    }
    other_text(opened.as_ref(), &manifest.id, MANIFEST, manifest).await
}

/// Maps known storage errors to a problem; `None` if the error adds nothing.
async fn other_text<T: DeserializeOwned + PartialEq>(
    target: &dyn Target,
    id: &BackupId,
    name: &str,
    known: &T,
) -> Result<Option<(CopyState, String)>> {
    let changed = (CopyState::Failed, format!("{name} is not the one that was written."));
    match bundle::read_text_if_there(target, id, name).await {
        Ok(None) => bundle::missing(target, name).await.map(Some),
        Ok(Some(text)) if serde_json::from_str::<T>(&text).is_ok_and(|found| &found == known) => Ok(None),
        Ok(Some(_)) | Err(Error::Conflict(_)) => Ok(Some(changed)),
        Err(error) => Err(error),
    }
}

/// Stores the state of a copy.
pub async fn note(
    cx: &StepContext,
    manifest: &Manifest,
    target: &TargetName,
    encrypted: Option<Encrypted>,
    found: Option<(CopyState, String)>,
) -> Result<()> {
    let (state, problem) = found.map_or((CopyState::Verified, None), |(state, why)| (state, Some(why)));
    let bytes = encrypted.as_ref().map_or_else(|| manifest.bytes(), Encrypted::bytes);
    let copy =
        BackupCopy { target: target.clone(), state, bytes, problem, encrypted, checked_at: cx.state.ports.clock.now() };
    cx.state.store.set_copy(&manifest.id, &copy).await
}

/// The first target whose copy of the backup is whole and can be read: what needs no identity first, then the console's
/// own (or last: `prefer_remote`). Damaged copies are written down on the way; one that cannot be reached now is only
/// passed over.
pub async fn whole_copy(
    cx: &Arc<StepContext>,
    manifest: &Manifest,
    step: &str,
    prefer_remote: bool,
    keys: Option<&Keys>,
) -> Result<TargetName> {
    let mut found = Vec::new();
    let mut locked = Vec::new();
    let mut copies = cx.state.store.copies(&manifest.id).await?;
    if prefer_remote {
        let targets = cx.state.store.targets().await?;
        let nearness = |name: &TargetName| {
            targets.iter().find(|target| &target.name == name).map_or(u8::MAX, |target| target.place.nearness())
        };
        copies.sort_by_key(|copy| nearness(&copy.target));
    }
    copies.sort_by_key(|copy| copy.encrypted.is_some());
    for copy in copies.into_iter().filter(|c| c.state.may_be_whole()) {
        if let Some(encrypted) = copy.encrypted.as_ref()
            && !opens(cx, &copy.target, encrypted, keys).await
        {
            locked.extend(encrypted.recipients.iter().map(ToString::to_string));
            continue;
        }
        match damage(cx, &copy.target, manifest, copy.encrypted.as_ref(), step).await {
            Ok(None) => {
                if copy.state == CopyState::Unread {
                    note(cx, manifest, &copy.target, copy.encrypted, None).await?;
                }
                return Ok(copy.target);
            }
            Ok(Some((state, why))) => {
                cx.log(Some(Tone::Bad), &format!("Target {}: {why}", copy.target)).await;
                note(cx, manifest, &copy.target, copy.encrypted, Some((state, why.clone()))).await?;
                found.push(format!("On {}: {why}", copy.target));
            }
            Err(error) => found.push(format!("{} cannot be read now: {error}", copy.target)),
        }
    }
    Err(none(&found, locked, keys).into())
}

/// Whether the keys open the copy, by the head of one of its parts. What is missing or damaged is for [`damage`] to
/// say.
async fn opens(cx: &StepContext, target: &TargetName, encrypted: &Encrypted, keys: Option<&Keys>) -> bool {
    let Some(keys) = keys else { return false };
    let head = async {
        let part = encrypted
            .parts
            .iter()
            .find(|part| part.name.ends_with(ENDING))
            .ok_or_else(|| Error::internal("nothing is encrypted"))?;
        let content = cx.state.open_target(target).await?.get(&bundle::key(&encrypted.backup, &part.name)).await?;
        keys.decrypt(content).await
    };
    head.await.map_or(true, |opened| opened.is_some())
}

/// Why no copy can be used. `locked`: the recipients of those that nobody tried for want of the identity.
fn none(found: &[String], mut locked: Vec<String>, keys: Option<&Keys>) -> Problem {
    let means = |first: &str| {
        [first, &found.join(" "), "Neo4j was not touched."]
            .into_iter()
            .filter(|s| !s.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    };
    locked.sort();
    locked.dedup();
    if locked.is_empty() {
        return Problem::new(ProblemKind::Conflict, "The backup is broken.")
            .means(means(""))
            .next_step("Choose another backup. What was found is now written on this one.");
    }
    let belongs = format!("Give the identity (AGE-SECRET-KEY-1…) that belongs to {}.", locked.join(" or "));
    if keys.is_some() {
        return Problem::new(ProblemKind::Conflict, "The identity does not open this backup.")
            .means(means("It belongs to another key."))
            .next_step(belongs);
    }
    Problem::new(
        ProblemKind::Conflict,
        "Only encrypted copies of this backup can be read, and the console has no identity.",
    )
    .means(means(""))
    .next_step(format!("To restore: {belongs}"))
    .next_step(
        "For drills, also keep an unencrypted copy. To restore by hand: RESTORE.md in the copy lists every command.",
    )
}

/// The content of a part as the manifest names it, also where it lies encrypted.
pub async fn read_part(
    cx: &StepContext,
    from: &TargetName,
    manifest: &Manifest,
    part: &Part,
    keys: Option<&Keys>,
) -> Result<Bytestream> {
    let target = cx.state.open_target(from).await?;
    let copies = cx.state.store.copies(&manifest.id).await?;
    let is_encrypted = copies.iter().any(|copy| &copy.target == from && copy.encrypted.is_some());
    if !is_encrypted {
        return Ok(target.get(&bundle::key(&manifest.id, &part.name)).await?);
    }
    let keys = keys.ok_or_else(|| none(&[], vec!["one of its recipients".into()], None))?;
    let content = target.get(&bundle::key(&manifest.id, &format!("{}{ENDING}", part.name))).await?;
    let opened = keys.decrypt(content).await?;
    opened.ok_or_else(|| none(&[], keys.recipients(), Some(keys)).into())
}

/// Removes a copy from its target, and only then the row that knows of it.
pub(crate) async fn remove_copy(state: &AppState, id: &BackupId, target: &TargetName) -> Result<()> {
    state.open_target(target).await?.remove(id.as_str()).await?;
    state.store.delete_copy(id, target).await
}

/// A half bundle. A target that cannot be reached keeps it until it is swept; that must not hold the deployment.
pub async fn remove(cx: &StepContext, id: &BackupId, targets: &[TargetName]) -> Result<()> {
    for name in targets {
        let removed = match cx.state.open_target(name).await {
            Ok(target) => target.remove(id.as_str()).await.map_err(Error::from),
            Err(error) => Err(error),
        };
        match removed {
            Err(error) if name.is_local() => return Err(error),
            Err(error) => {
                cx.log(Some(Tone::Warn), &format!("The incomplete bundle {id} is still on {name}: {error}")).await;
            }
            Ok(()) => {}
        }
    }
    Ok(())
}
