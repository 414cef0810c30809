//! `check`: what the console needs, one line each, with what is wrong and how to mend it.

use crate::config::Config;
use crate::key_file::Keys;
use crate::{key_file, parts};
use bytes::Bytes;
use domain::text::{file_size, plural};
use futures::{StreamExt, stream};
use ops::store::{DatabaseInfo, Store};
use ports::{ContainerEngine, Ports, Target};
use std::process::ExitCode;

/// Less than this is too little for any backup.
const ROOM: u64 = 1_000_000_000;

type Line = (&'static str, CheckResult);

/// How one check came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CheckResult {
    Fine(String),
    /// It works, and is less safe than it could be.
    Warning(String),
    Wrong(String),
}

impl From<Result<String, String>> for CheckResult {
    fn from(outcome: Result<String, String>) -> Self {
        outcome.map_or_else(Self::Wrong, Self::Fine)
    }
}

/// Prints one line for each thing; ends with 1 if anything is wrong. The configuration was read before, or nobody came
/// here.
pub async fn run(config: &Config) -> ExitCode {
    let lines = check(config).await;
    for (what, outcome) in &lines {
        match outcome {
            CheckResult::Fine(words) => println!("ok     {what}: {words}"),
            CheckResult::Warning(words) => println!("unsafe {what}: {words}"),
            CheckResult::Wrong(words) => println!("WRONG  {what}: {words}"),
        }
    }
    if lines.iter().any(|(_, outcome)| matches!(outcome, CheckResult::Wrong(_))) {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    }
}

/// All checks, in the order they are printed.
pub async fn check(config: &Config) -> Vec<Line> {
    let mut lines = vec![
        ("configuration", CheckResult::Fine(format!("listens on {}, opened as {}", config.listen, config.url))),
        ("data directory", data_directory(config).into()),
        ("key file", key(config).into()),
        ("database", database(config).await.into()),
    ];
    if let Some(warning) = parts::docker_in_the_clear(config) {
        lines.push(("way to Docker", CheckResult::Warning(warning)));
    }
    match parts::ports(config) {
        Ok(Ports { engines, target, .. }) => {
            for (_, engine) in engines.all() {
                lines.push(("Docker", docker(engine.as_ref()).await.into()));
            }
            lines.push(("target of the backups", self::target(target.as_ref()).await.into()));
        }
        Err(why) => lines.push(("Docker", CheckResult::Wrong(why))),
    }
    lines
}

fn data_directory(config: &Config) -> Result<String, String> {
    parts::data_directory(&config.data)?;
    let probe = config.data.join(".check");
    let shown = config.data.display();
    std::fs::write(&probe, b"x").and_then(|()| std::fs::remove_file(&probe)).map_err(|error| {
        format!(
            "{shown} cannot be written: {error}. Give it to the user the console runs as, and look whether the \
            disk is full or read-only."
        )
    })?;
    Ok(format!("{shown} can be written, and only its owner may enter it"))
}

fn key(config: &Config) -> Result<String, String> {
    let shown = config.key_file.display();
    Ok(match key_file::load(&config.key_file)? {
        Some(Keys { earlier, .. }) if earlier.is_empty() => format!("{shown} is there and only its owner can read it"),
        Some(Keys { earlier, .. }) => {
            format!(
                "{shown} is there and only its owner can read it; {} kept in it",
                plural(earlier.len() as u64, "earlier key is", "earlier keys are")
            )
        }
        None => format!("{shown} will be made at the first start"),
    })
}

async fn database(config: &Config) -> Result<String, String> {
    Ok(match Store::inspect(&config.data).await.map_err(|error| parts::words(&error))? {
        DatabaseInfo::None => "will be made at the first start".into(),
        DatabaseInfo::Older => {
            "is from an older console and will be brought up to date at the next start; nothing was changed".into()
        }
        DatabaseInfo::UpToDate => "opens and is up to date".into(),
    })
}

async fn docker(engine: &dyn ContainerEngine) -> Result<String, String> {
    let version = engine.ping().await.map_err(|error| parts::words(&error.into()))?;
    let found = engine.neo4j_containers().await.map_err(|error| parts::words(&error.into()))?;
    Ok(format!("{version} answers; {} found", plural(found.len() as u64, "Neo4j container", "Neo4j containers")))
}

async fn target(target: &dyn Target) -> Result<String, String> {
    let place = target.location();
    let content = stream::iter([Ok(Bytes::from_static(b"x"))]).boxed();
    target.put(".check/probe", content).await.map_err(|error| format!("{place}: {}", parts::words(&error.into())))?;
    target.remove(".check").await.map_err(|error| parts::words(&error.into()))?;
    match target.free().await.map_err(|error| parts::words(&error.into()))? {
        Some(free) if free < ROOM => {
            Err(format!("{place} has only {} free. Free some space before the next backup.", file_size(free)))
        }
        Some(free) => Ok(format!("{place} can be written, {} free", file_size(free))),
        None => Ok(format!("{place} can be written")),
    }
}
