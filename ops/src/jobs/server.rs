//! Stopping and starting Neo4j with the clean-stop guard, as steps of jobs do it.

use super::context::StepContext;
use crate::engine::credentials::bolt;
use crate::engine::graph::{self, DefaultDatabase};
use crate::error::{Error, Result};
use domain::container::{Container, RunState};
use domain::database::DatabaseName;
use domain::deployment::DatabaseFacts;
use domain::job::Client;
use domain::problem::ProblemKind;
use domain::statements;
use domain::storage::{self, Unusable};
use domain::text::duration;
use domain::{Problem, finding};
use ports::GraphError;
use std::time::Duration;

/// Longest one look at a starting server may take.
const LOOK: Duration = Duration::from_secs(5);
/// How long Neo4j locks a user after wrong passwords, and a little more (docs/neo4j-facts.md: Lock-out).
const LOCKED: Duration = Duration::from_secs(6);
/// Counts are answered from the count store; a busy server may still take a while.
const COUNT: Duration = Duration::from_secs(60);

/// How Neo4j answers after a start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    Works,
    /// It is up, but does not take the console's credentials.
    RefusesCredentials,
}

/// One that the engine removes at its end must not be stopped, nor one whose data ends with its process.
pub fn may_be_stopped(container: &Container) -> Result<()> {
    if let Err(why @ Unusable::InMemory) = storage::data(container) {
        return Err(Problem::new(
            ProblemKind::Conflict,
            format!("A stop would delete the data of {}.", container.name),
        )
        .means(format!("{} Neo4j was not stopped.", why.what()))
        .next_step(why.next_step())
        .into());
    }
    if !container.auto_remove {
        return Ok(());
    }
    Err(Problem::new(ProblemKind::Conflict, format!("{} would be removed when it stops.", container.name))
        .next_step("Recreate it without --rm.")
        .into())
}

/// Stops Neo4j in whatever state it is, and returns what the engine tells then. How it ended is judged by the caller.
pub async fn stop(cx: &StepContext) -> Result<Container> {
    let container = cx.container().await?;
    let engine = &cx.engine;
    let timeout =
        cx.state.timeouts.stop.max(Duration::from_secs(container.stop_timeout.unwrap_or(0).max(finding::STOP_TIMEOUT)));
    match container.run {
        RunState::Running | RunState::Restarting | RunState::Paused => {
            // A frozen process cannot end by itself.
            if container.run == RunState::Paused {
                engine.unpause(&container.id).await?;
            }
            cx.log(None, &format!("Stop requested, waiting up to {}", duration(timeout.as_secs()))).await;
            engine.stop(&container.id, timeout).await?;
        }
        RunState::Created | RunState::Stopped { .. } => {}
    }
    let stopped = cx.container().await?;
    match stopped.run {
        RunState::Created | RunState::Stopped { .. } => Ok(stopped),
        RunState::Running | RunState::Restarting | RunState::Paused => {
            Err(Error::conflict("Neo4j is still running after the stop."))
        }
    }
}

/// As a sentence; an error when its store may need recovery.
pub fn ended_cleanly(stopped: &Container) -> Result<String> {
    let RunState::Stopped { exit_code, out_of_memory } = stopped.run else { return Ok(ended(stopped)) };
    // 143: the JVM's own code for an orderly end after SIGTERM.
    if matches!(exit_code, 0 | 143) && !out_of_memory {
        return Ok(ended(stopped));
    }
    Err(Problem::new(ProblemKind::Conflict, format!("Neo4j did not stop cleanly (code {exit_code})."))
        .means(if exit_code == 137 {
            "It was killed: the stop took too long, or memory ran out. Its store needs recovery, which happens at the \
             next start. If this happens each time, \
             the stop signal does not reach Neo4j: an entrypoint of your own must pass SIGTERM on to it."
        } else {
            "It ended with an error. Its store may need recovery, which happens at the next start."
        })
        .next_step("Let it start and recover, then try again.")
        .into())
}

/// However it ended.
pub fn ended(stopped: &Container) -> String {
    match stopped.run {
        RunState::Stopped { exit_code: 0 | 143, out_of_memory: false } => {
            "Stopped by itself, no recovery needed.".into()
        }
        RunState::Stopped { exit_code, .. } => {
            format!("It ended with code {exit_code}. Its data is recovered at the next start of Neo4j.")
        }
        RunState::Created | RunState::Running | RunState::Restarting | RunState::Paused => {
            "It had never been started.".into()
        }
    }
}

/// Starts Neo4j and waits until Bolt answers and its default database is online. Where Neo4j could not open that, it is
/// started once more: it does not try again by itself, and what held the store, for example a helper beside somebody's
/// start, may be gone (measured, 5.26).
pub async fn start_and_wait(cx: &StepContext) -> Result<Answer> {
    match start_once(cx).await? {
        StartState::Answers(answer) => return Ok(answer),
        StartState::CannotOpen(why) => {
            cx.log(Some(domain::text::Tone::Warn), &format!("{why} Neo4j is restarted once.")).await;
        }
    }
    stop(cx).await?;
    match start_once(cx).await? {
        StartState::Answers(answer) => Ok(answer),
        StartState::CannotOpen(why) => {
            Err(Problem::new(ProblemKind::Conflict, "Neo4j runs, but cannot open its database.")
                .means(why)
                .next_step("Check its log: it says what is wrong with the store.")
                .into())
        }
    }
}

enum StartState {
    Answers(Answer),
    CannotOpen(String),
}

async fn start_once(cx: &StepContext) -> Result<StartState> {
    let container = cx.container().await?;
    cx.engine.start(&container.id).await?;
    let started = cx.state.ports.clock.monotonic();
    let patience = cx.state.timeouts.ready;
    loop {
        let container = cx.container().await?;
        match container.run {
            RunState::Stopped { exit_code, .. } => return Err(died(cx, &container, &format!("code {exit_code}")).await),
            // Its restart policy tries again and again; each try ends as this one did.
            RunState::Restarting => return Err(died(cx, &container, "and again").await),
            RunState::Running | RunState::Paused | RunState::Created => {}
        }
        let last = match look(cx, &container).await {
            Ok(state) => return Ok(state),
            Err(error) => error,
        };
        if cx.state.ports.clock.monotonic() - started >= patience {
            return Err(Problem::new(
                ProblemKind::Unavailable,
                format!("Neo4j was started, but does not answer after {}.", duration(patience.as_secs())),
            )
            .means(last.to_string())
            .next_step("Check its log.")
            .into());
        }
        cx.state.ports.clock.sleep(cx.state.timeouts.poll).await;
    }
}

async fn look(cx: &StepContext, container: &Container) -> Result<StartState> {
    let server = bolt(&cx.state.ports, &cx.deployment, container, &cx.state.seal).await?;
    match cx.state.ports.graph.query(&server, "system", &[statements::DATABASES], LOOK).await {
        Ok(answers) => match graph::default_database(&answers) {
            DefaultDatabase::Online => Ok(StartState::Answers(Answer::Works)),
            DefaultDatabase::Failed(why) => Ok(StartState::CannotOpen(why)),
            DefaultDatabase::NotYet(why) => Err(Error::conflict(why)),
        },
        Err(GraphError::Unauthorized | GraphError::PasswordChangeRequired) => {
            Ok(StartState::Answers(Answer::RefusesCredentials))
        }
        // Another program has tried wrong passwords. It says nothing of ours.
        Err(error @ GraphError::RateLimited) => {
            cx.state.ports.clock.sleep(LOCKED).await;
            Err(error.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Fails when one of them does not come online in time.
pub async fn wait_until_online(cx: &StepContext, names: &[DatabaseName]) -> Result<()> {
    let started = cx.state.ports.clock.monotonic();
    loop {
        let server = bolt(&cx.state.ports, &cx.deployment, &cx.container().await?, &cx.state.seal).await?;
        let answers = cx.state.ports.graph.query(&server, "system", &[statements::DATABASES], LOOK).await;
        let databases = answers.map(|all| all.first().map(|rows| graph::databases(rows)).unwrap_or_default());
        let why = match &databases {
            Ok(databases) => {
                let of = |name: &DatabaseName| databases.iter().find(|d| *name == d.name.as_str());
                let online = |name: &&DatabaseName| of(name).is_some_and(|d| d.status == "online");
                let Some(name) = names.iter().find(|name| !online(name)) else { return Ok(()) };
                match of(name) {
                    // It does not try again by itself.
                    Some(DatabaseFacts { failure: Some(failure), .. }) => {
                        return Err(not_online(format!("{name} could not be opened: {failure}")));
                    }
                    other => format!("{name} is {}.", other.map_or("missing", |d| d.status.as_str())),
                }
            }
            Err(error) => error.to_string(),
        };
        if cx.state.ports.clock.monotonic() - started >= cx.state.timeouts.ready {
            return Err(not_online(why));
        }
        cx.state.ports.clock.sleep(cx.state.timeouts.poll).await;
    }
}

fn not_online(why: String) -> Error {
    Problem::new(ProblemKind::Conflict, "Not every database came online.")
        .means(why)
        .next_step("Check Neo4j's log.")
        .into()
}

/// Nodes and relationships of all of them together, as they are at this moment.
pub async fn count(cx: &StepContext, names: &[DatabaseName]) -> Result<(u64, u64)> {
    let server = bolt(&cx.state.ports, &cx.deployment, &cx.container().await?, &cx.state.seal).await?;
    let (mut nodes, mut relationships) = (0, 0);
    for database in names {
        let answers = cx.state.ports.graph.query(&server, database.as_str(), &statements::CONTENT, COUNT).await?;
        let found = graph::content(database, None, &answers)?;
        nodes += found.nodes;
        relationships += found.relationships;
    }
    Ok((nodes, relationships))
}

/// Who is connected. None when it cannot be asked.
pub async fn clients(cx: &StepContext) -> Vec<Client> {
    let Ok(container) = cx.container().await else { return Vec::new() };
    let Ok(server) = bolt(&cx.state.ports, &cx.deployment, &container, &cx.state.seal).await else { return Vec::new() };
    let answers =
        cx.state.ports.graph.query(&server, "system", &[statements::CONNECTIONS], LOOK).await.unwrap_or_default();
    answers.first().map(|rows| graph::clients(rows)).unwrap_or_default()
}

/// What a server printed last explains why it ended; a stack of Java's is forty lines.
pub const LAST_LINES: usize = 60;

async fn died(cx: &StepContext, container: &Container, how: &str) -> Error {
    let log = cx.engine.logs(&container.id, LAST_LINES).await.unwrap_or_default();
    cx.log_output(Some(domain::text::Tone::Warn), &log).await;
    let last = domain::text::last_line(&log);
    Problem::new(ProblemKind::Conflict, format!("Neo4j ended right after its start ({how})."))
        .means(last)
        .next_step("The job's log has its last lines.")
        .into()
}

/// Starts it again for an undo, and says so.
pub async fn start_again(cx: &StepContext) -> Result<String> {
    start_and_wait(cx).await.map(answers)
}

/// As the sentence of a step.
pub fn answers(answer: Answer) -> String {
    match answer {
        Answer::Works => "Neo4j runs again and answers.".into(),
        Answer::RefusesCredentials => "Neo4j runs again, but refuses the console's credentials.".into(),
    }
}
