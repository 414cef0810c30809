//! The short-outage way of a dump: the stopped store is cloned inside its volume, Neo4j starts, the dump is made from the clone.
//! The clone is noted in the console's database before it is made, and forgotten when it is gone: undo, the job's end and the
//! sweep remove it, and Neo4j never looks into its directory.

use super::{DUMP, STAGING, databases, notes};
use crate::error::{Error, Result};
use crate::jobs::work::Work;
use crate::jobs::{helpers, offline};
use crate::ports::HelperMount;
use domain::Problem;
use domain::backup::{Cloning, Kind, choose};
use domain::container::{Container, ContainerId};
use domain::database::DatabaseName;
use domain::helper::{Act, VOLUME, parse_test};
use domain::problem::ProblemKind;
use domain::text::Tone;

/// Of its directory in the volume. Two consoles on one server do not meet.
fn name(work: &Work) -> String {
    format!("clone-{}-{}", work.inner.instance, work.job)
}

/// The data volume, away from where any tool would look for a store.
fn volume(container: &Container) -> Result<HelperMount> {
    Ok(HelperMount { at: VOLUME.into(), ..helpers::live_data(container)? })
}

/// Which way this backup goes, by a real try on the volume; and the sentence that says why.
pub async fn way(work: &Work, container: &Container, asked: Kind) -> Result<(Kind, String)> {
    let cloning = if asked == Kind::OfflineDump { Cloning::No("not tried".into()) } else { try_it(work, container).await? };
    choose(asked, &cloning).map_err(|why| {
        Problem::new(ProblemKind::Conflict, "A short-outage dump is not possible here.")
            .means(format!("{why} Neo4j was not stopped."))
            .todo("Choose the kind dump: Neo4j then stays stopped until the dump is written.")
            .todo("Or move the data to a volume on XFS or btrfs.")
            .into()
    })
}

async fn try_it(work: &Work, container: &Container) -> Result<Cloning> {
    let act = Act::TestClone { clone: name(work) };
    Ok(match helpers::run_once(work, "test-clone", helpers::like(container)?, act, vec![volume(container)?], "check").await {
        Ok(output) => parse_test(&output).map_or_else(Cloning::No, |()| Cloning::Works),
        Err(error) => Cloning::No(format!("it could not be tried: {}", error.problem().title)),
    })
}

/// Both helpers are there before the stop, so that the outage holds only what must be in it.
pub async fn prepare(work: &Work, container: &Container, databases: Vec<DatabaseName>) -> Result<ContainerId> {
    let clone = name(work);
    helpers::create(work, "clone", helpers::like(container)?, Act::Clone { clone: clone.clone() }, vec![volume(container)?]).await?;
    helpers::create(work, DUMP, helpers::like(container)?, Act::DumpClone { clone, databases }, vec![volume(container)?, helpers::staging(work)]).await
}

/// Neo4j is stopped here. Where cloning fails against all expectation, the dump goes the ordinary way, unless that was excluded.
pub async fn make(work: &Work, asked: Kind) -> Result<String> {
    work.inner.store.note_clone(work.job).await?;
    let started = work.inner.ports.clock.monotonic();
    let cloned = async { Ok(helpers::run_to_end(work, &ContainerId(work.name("clone")), "clone").await) };
    match offline::around(work, cloned).await? {
        Ok(_) => Ok(format!("Cloned in {} ms.", (work.inner.ports.clock.monotonic() - started).as_millis())),
        Err(error) if asked == Kind::Dump => fall_back(work, &work.container().await?, &error).await,
        Err(error) => Err(error),
    }
}

async fn fall_back(work: &Work, container: &Container, error: &Error) -> Result<String> {
    let problem = error.problem();
    let mut notes = notes(work).await?;
    let manifest = notes.manifest.as_mut().ok_or_else(|| Error::internal("the manifest is not there yet"))?;
    manifest.kind = Kind::Dump.as_str().into();
    manifest.how = format!("Neo4j stayed stopped until the dumps were written: cloning failed. {}", problem.means);
    let mounts = vec![helpers::live_data(container)?, helpers::staging(work)];
    helpers::create(work, DUMP, helpers::like(container)?, Act::Dump { databases: databases(manifest) }, mounts).await?;
    work.keep(&notes).await?;
    Ok("Cloning failed: the dump goes the ordinary way.".into())
}

/// Safe when there is none. What cannot be removed now stays noted, and the sweep tries again: it must not hold Neo4j or the job.
pub async fn remove(work: &Work) {
    if let Err(error) = try_remove(work).await {
        work.log(Some(Tone::Warn), &format!("The clone {} is still in the data volume and is removed later: {error}", name(work))).await;
    }
}

async fn try_remove(work: &Work) -> Result<()> {
    if !work.inner.store.clones().await?.contains(&work.job) {
        return Ok(());
    }
    // It may still be at it.
    work.inner.ports.engine.remove_helper(&work.name("clone")).await?;
    let container = work.container().await?;
    let act = Act::RemoveClone { clone: name(work) };
    helpers::run_once(work, "remove-clone", helpers::like(&container)?, act, vec![volume(&container)?], "clean").await?;
    work.inner.store.forget_clone(work.job).await
}

/// Undoes [`prepare`]; Neo4j runs again by then.
pub async fn undo(work: &Work) -> Result<()> {
    helpers::remove(work, &["clone", DUMP], &[STAGING]).await?;
    remove(work).await;
    Ok(())
}
