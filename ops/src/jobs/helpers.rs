//! Running a helper container to its end: create, start, follow, judge.

use super::context::StepContext;
use crate::error::Result;
use domain::Problem;
use domain::container::{Container, ContainerId};
use domain::database::DatabaseName;
use domain::helper::{DATA, Failure, HelperCommand, STAGING, admin_percent, explain_failure, parse_access};
use domain::job::Progress;
use domain::problem::ProblemKind;
use domain::storage::{self, Runs, Unusable};
use domain::text::Tone;
use ports::HelperMount;
use ports::HelperSpec;
use std::time::Duration;

const FOLLOW_EVERY: Duration = Duration::from_millis(500);

/// The live data of a container, as a helper mounts it.
pub fn live_data(container: &Container) -> Result<HelperMount> {
    let mount = storage::data(container).map_err(|why| unusable(container, &why))?;
    Ok(HelperMount { source: mount.source_name().into(), at: DATA.into(), writable: true })
}

/// The problem of data that no helper can work on.
pub fn unusable(container: &Container, why: &Unusable) -> Problem {
    Problem::new(ProblemKind::Conflict, format!("The data of {} can be neither saved nor replaced.", container.name))
        .means(format!("{} Neo4j was not stopped.", why.what()))
        .next_step(why.next_step())
}

/// For helpers on the live data: what they write must belong to the server.
pub fn like(container: &Container) -> Result<Runs> {
    let user = storage::run_as(&container.user).map_err(|why| unusable(container, &why))?;
    Ok(Runs { image: container.image_id.clone(), user })
}

/// That helpers can work on these stores, by a real try: what they cannot read would only be found after the stop.
pub async fn test_access(
    cx: &StepContext,
    container: &Container,
    databases: Vec<DatabaseName>,
    step: &str,
) -> Result<()> {
    let output = run_once(
        cx,
        "access",
        like(container)?,
        HelperCommand::TestAccess { databases },
        vec![live_data(container)?],
        step,
    )
    .await?;
    parse_access(&output).map_err(|why| {
        let user = like(container).map(|runs| runs.user.to_string()).unwrap_or_default();
        Problem::new(ProblemKind::Conflict, "The data cannot be worked on.")
            .means(format!("For user {user} {why}. Neo4j was not stopped."))
            .next_step("Check the owner and mode of the data, and which volume the server writes to.")
            .into()
    })
}

/// The staging volume of the job, as a helper mounts it.
pub fn staging(cx: &StepContext) -> HelperMount {
    HelperMount { source: cx.name("staging"), at: STAGING.into(), writable: true }
}

/// Creates it; a left-over of the same name, from before a crash, is replaced.
pub async fn create(
    cx: &StepContext,
    role: &str,
    runs: impl Into<Runs>,
    act: HelperCommand,
    mounts: Vec<HelperMount>,
) -> Result<ContainerId> {
    let Runs { image, user } = runs.into();
    let mut labels = cx.labels();
    labels.insert("neo4j-console.helper".into(), act.role().into());
    let spec = HelperSpec { name: cx.name(role), image, user, act, mounts, labels };
    match cx.engine.create_helper(&spec).await {
        Err(ports::EngineError::NotFound(what)) => {
            Err(Problem::new(ProblemKind::Conflict, "The image of the server is gone from the Docker host.")
                .means(format!("A helper must run exactly the server's own image. ({what})"))
                .next_step("Pull the image again, then try again.")
                .into())
        }
        other => Ok(other?),
    }
}

/// Starts a created helper, follows its output as progress, and fails with words when it does. Its output goes into the
/// job's log.
pub async fn run_to_end(cx: &StepContext, id: &ContainerId, step: &str) -> Result<String> {
    let (code, output) = ended(cx, id, step).await?;
    if code == 0 {
        log(cx, None, &output).await;
    }
    judged(cx, code, output).await
}

/// The code it ended with, and its output.
async fn ended(cx: &StepContext, id: &ContainerId, step: &str) -> Result<(i64, String)> {
    let engine = &cx.engine;
    engine.start(id).await?;
    let wait = engine.wait(id, cx.state.timeouts.helper);
    tokio::pin!(wait);
    let code = loop {
        tokio::select! {
            code = &mut wait => break code?,
            () = cx.state.ports.clock.sleep(FOLLOW_EVERY) => follow(cx, id, step).await,
        }
    };
    Ok((code, engine.logs(id, 200).await.unwrap_or_default()))
}

/// Without the lines that were shown as progress.
async fn log(cx: &StepContext, tone: Option<Tone>, output: &str) {
    let quiet: String = output.lines().filter(|l| admin_percent(l).is_none()).map(|l| format!("{l}\n")).collect();
    cx.log_output(tone, &quiet).await;
}

async fn judged(cx: &StepContext, code: i64, output: String) -> Result<String> {
    if code == 0 {
        return Ok(output);
    }
    log(cx, Some(Tone::Warn), &output).await;
    let failure = explain_failure(code, &output);
    Err(Problem::new(blame(&failure), format!("The helper failed (code {code})."))
        .means(failure.words)
        .next_step("The job's log has its output.")
        .into())
}

/// What a failure is about: where it is the host's, the same may do another time.
pub const fn blame(failure: &Failure) -> ProblemKind {
    if failure.by_host { ProblemKind::Unavailable } else { ProblemKind::Conflict }
}

async fn follow(cx: &StepContext, id: &ContainerId, step: &str) {
    let Ok(output) = cx.engine.logs(id, 1).await else { return };
    if let Some(percent) = output.lines().last().and_then(admin_percent) {
        cx.progress(&Progress {
            step: step.into(),
            done: percent.into(),
            total: 100,
            bytes: false,
            rate: 0,
            text: String::new(),
        })
        .await;
    }
}

/// Create, run, remove. What only answers the console stays out of the job's log.
pub async fn run_once(
    cx: &StepContext,
    role: &str,
    runs: impl Into<Runs>,
    act: HelperCommand,
    mounts: Vec<HelperMount>,
    step: &str,
) -> Result<String> {
    let answers = act.answers();
    let id = create(cx, role, runs, act, mounts).await?;
    let ended = ended(cx, &id, step).await;
    cx.engine.remove_helper(&cx.name(role)).await?;
    let (code, output) = ended?;
    if code == 0 && !answers {
        log(cx, None, &output).await;
    }
    judged(cx, code, output).await
}

/// Removes helpers, then volumes, of this job. What is gone is fine.
pub async fn remove(cx: &StepContext, helpers: &[&str], volumes: &[&str]) -> Result<()> {
    for role in helpers {
        cx.engine.remove_helper(&cx.name(role)).await?;
    }
    for role in volumes {
        cx.engine.remove_volume(&cx.volume(role)).await?;
    }
    Ok(())
}

/// As [`remove`], at the end of a job: a failure is only logged, the sweep at the next start finds what is left.
pub async fn remove_or_leave(cx: &StepContext, helpers: &[&str], volumes: &[&str]) {
    if let Err(error) = remove(cx, helpers, volumes).await {
        cx.log(Some(Tone::Warn), &format!("Something was left behind and is removed later: {error}")).await;
    }
}
