//! The short-outage way of a dump: the stopped store is cloned inside its volume, Neo4j starts, the dump is made from
//! the clone. The clone is noted in the console's database before it is made, and forgotten when it is gone: undo, the
//! job's end and the sweep remove it, and Neo4j never looks into its directory.

use super::{DUMP, STAGING, databases, saved};
use crate::error::{Error, Result};
use crate::jobs::context::StepContext;
use crate::jobs::{helpers, offline};
use domain::Problem;
use domain::backup::{Cloning, Kind, choose};
use domain::container::{Container, ContainerId};
use domain::database::DatabaseName;
use domain::helper::{HelperCommand, VOLUME, parse_test};
use domain::problem::ProblemKind;
use domain::text::Tone;
use ports::HelperMount;

/// Of its directory in the volume. Two consoles on one server do not meet.
fn name(cx: &StepContext) -> String {
    format!("clone-{}-{}", cx.state.instance, cx.job)
}

/// The data volume, away from where any tool would look for a store.
fn volume(container: &Container) -> Result<HelperMount> {
    Ok(HelperMount { at: VOLUME.into(), ..helpers::live_data(container)? })
}

/// Which way this backup goes, by a real try on the volume; and the sentence that says why.
pub async fn way(cx: &StepContext, container: &Container, asked: Kind) -> Result<(Kind, String)> {
    let cloning =
        if asked == Kind::OfflineDump { Cloning::No("not tried".into()) } else { try_it(cx, container).await? };
    choose(asked, &cloning).map_err(|why| {
        Problem::new(ProblemKind::Conflict, "A short-outage dump is not possible here.")
            .means(format!("{why} Neo4j was not stopped."))
            .next_step("Choose the kind dump: Neo4j then stays stopped until the dump is written.")
            .next_step("Or move the data to a volume on XFS or btrfs.")
            .into()
    })
}

async fn try_it(cx: &StepContext, container: &Container) -> Result<Cloning> {
    let act = HelperCommand::TestClone { clone: name(cx) };
    Ok(
        match helpers::run_once(cx, "test-clone", helpers::like(container)?, act, vec![volume(container)?], "check")
            .await
        {
            Ok(output) => parse_test(&output).map_or_else(Cloning::No, |()| Cloning::Works),
            Err(error) => Cloning::No(format!("it could not be tried: {}", error.problem().title)),
        },
    )
}

/// Both helpers are there before the stop, so that the outage holds only what must be in it.
pub async fn prepare(cx: &StepContext, container: &Container, databases: Vec<DatabaseName>) -> Result<ContainerId> {
    let clone = name(cx);
    helpers::create(
        cx,
        "clone",
        helpers::like(container)?,
        HelperCommand::Clone { clone: clone.clone() },
        vec![volume(container)?],
    )
    .await?;
    helpers::create(
        cx,
        DUMP,
        helpers::like(container)?,
        HelperCommand::DumpClone { clone, databases },
        vec![volume(container)?, helpers::staging(cx)],
    )
    .await
}

/// Neo4j is stopped here. Where cloning fails against all expectation, the dump goes the ordinary way, unless that was
/// excluded.
pub async fn make(cx: &StepContext, asked: Kind) -> Result<String> {
    cx.state.store.note_clone(cx.job).await?;
    let started = cx.state.ports.clock.monotonic();
    let cloned = async { Ok(helpers::run_to_end(cx, &ContainerId(cx.name("clone")), "clone").await) };
    match offline::around(cx, cloned).await? {
        Ok(_) => Ok(format!("Cloned in {} ms.", (cx.state.ports.clock.monotonic() - started).as_millis())),
        Err(error) if asked == Kind::Dump => fall_back(cx, &cx.container().await?, &error).await,
        Err(error) => Err(error),
    }
}

async fn fall_back(cx: &StepContext, container: &Container, error: &Error) -> Result<String> {
    let problem = error.problem();
    let mut saved = saved(cx).await?;
    let manifest = saved.manifest.as_mut().ok_or_else(|| Error::internal("the manifest is not there yet"))?;
    manifest.kind = Kind::Dump.as_str().into();
    manifest.how = format!("Neo4j stayed stopped until the dumps were written: cloning failed. {}", problem.means);
    let mounts = vec![helpers::live_data(container)?, helpers::staging(cx)];
    helpers::create(
        cx,
        DUMP,
        helpers::like(container)?,
        HelperCommand::Dump { databases: databases(manifest) },
        mounts,
    )
    .await?;
    cx.save(&saved).await?;
    Ok("Cloning failed: falling back to an offline dump.".into())
}

/// Safe when there is none. What cannot be removed now stays noted, and the sweep tries again: it must not hold Neo4j
/// or the job.
pub async fn remove(cx: &StepContext) {
    if let Err(error) = try_remove(cx).await {
        cx.log(
            Some(Tone::Warn),
            &format!("The clone {} is still in the data volume and is removed later: {error}", name(cx)),
        )
        .await;
    }
}

async fn try_remove(cx: &StepContext) -> Result<()> {
    if !cx.state.store.clones().await?.contains(&cx.job) {
        return Ok(());
    }
    // The query may still be running.
    cx.engine.remove_helper(&cx.name("clone")).await?;
    let container = cx.container().await?;
    let act = HelperCommand::RemoveClone { clone: name(cx) };
    helpers::run_once(cx, "remove-clone", helpers::like(&container)?, act, vec![volume(&container)?], "clean").await?;
    cx.state.store.forget_clone(cx.job).await
}

/// Undoes [`prepare`]; Neo4j runs again by then.
pub async fn undo(cx: &StepContext) -> Result<()> {
    helpers::remove(cx, &["clone", DUMP], &[STAGING]).await?;
    remove(cx).await;
    Ok(())
}
