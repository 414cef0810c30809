//! What the server tells after a change, beside what was asked for.

use crate::engine::credentials::bolt;
use crate::engine::drift;
use crate::engine::graph;
use crate::error::Result;
use crate::jobs::context::StepContext;
use domain::Problem;
use domain::change::{Plan, Setting};
use domain::container::Container;
use domain::memory::parse_size;
use domain::problem::ProblemKind;
use domain::statements;
use domain::text::{Tone, plural};
use std::collections::BTreeMap;
use std::time::Duration;

const ASK: Duration = Duration::from_secs(30);

/// Fails when anything is not as the plan says.
pub async fn verify(cx: &StepContext, plan: &Plan) -> Result<String> {
    let container = cx.container().await?;
    let missing: Vec<_> = plan.differences.iter().filter(|difference| !difference.is_done_in(&container)).collect();
    if !missing.is_empty() {
        return Err(different(format!(
            "{} of the container is not as planned.",
            plural(missing.len() as u64, "part", "parts")
        )));
    }
    let wanted = plan.settings();
    let says = if wanted.is_empty() { String::new() } else { compare(cx, &container, &wanted).await? };
    let now = cx.state.ports.clock.now();
    drift::know(&cx.state.store, &cx.state.seal, &cx.deployment.name, &container, now).await?;
    Ok(says)
}

async fn compare(cx: &StepContext, container: &Container, wanted: &[Setting]) -> Result<String> {
    let told = settings(cx, container).await?;
    let wrong: Vec<String> = wanted.iter().filter_map(|setting| difference(setting, &told)).collect();
    for line in &wrong {
        cx.log(Some(Tone::Bad), line).await;
    }
    match wrong.first() {
        None => Ok(format!("{} in effect as planned.", plural(wanted.len() as u64, "setting is", "settings are"))),
        Some(first) => Err(different(first.clone())),
    }
}

/// All settings of the server that runs, as they are in effect.
pub async fn settings(cx: &StepContext, container: &Container) -> Result<BTreeMap<String, String>> {
    let server = bolt(&cx.state.ports, &cx.deployment, container, &cx.state.seal).await?;
    let answers = cx.state.ports.graph.query(&server, "system", &[statements::SETTINGS], ASK).await?;
    Ok(graph::settings(answers.first().map(Vec::as_slice).unwrap_or_default()))
}

fn different(what: String) -> crate::error::Error {
    Problem::new(ProblemKind::Conflict, "Neo4j runs, but not with the values that were asked for.")
        .means(what)
        .next_step("Check whether a configuration file mounted at /conf or an entrypoint of your own sets it, too.")
        .into()
}

/// As a sentence; none when it is in effect.
fn difference(wanted: &Setting, told: &BTreeMap<String, String>) -> Option<String> {
    let name = &wanted.name;
    match told.get(name) {
        Some(value) if equal(name, &wanted.value, value) => None,
        Some(value) => Some(format!("{name} is {value} instead of {}.", wanted.value)),
        None => Some(format!("Neo4j knows no setting {name}.")),
    }
}

/// Neo4j tells sizes in a form of its own, and options of the JVM with those of its configuration.
fn equal(name: &str, wanted: &str, told: &str) -> bool {
    if name == "server.jvm.additional" {
        return wanted.split_whitespace().all(|word| told.split_whitespace().any(|other| other == word));
    }
    wanted == told || parse_size(wanted).zip(parse_size(told)).is_some_and(|(wanted, told)| wanted == told)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn difference_of(name: &str, wanted: &str, told: &str) -> Option<String> {
        let told = [(name.to_string(), told.to_string())].into();
        difference(&Setting { name: name.into(), value: wanted.into() }, &told)
    }

    #[test]
    fn sizes_are_compared_as_bytes_and_options_as_words() {
        assert_eq!(difference_of("server.memory.heap.max_size", "1g", "1.00GiB"), None);
        assert_eq!(difference_of("server.bolt.enabled", "true", "true"), None);
        assert_eq!(difference_of("server.jvm.additional", "-Xa -Xb", "-Xb\n-Xlog\n-Xa"), None);
        let wrong = difference_of("server.memory.heap.max_size", "1g", "512.00MiB").expect("a difference");
        assert_eq!(wrong, "server.memory.heap.max_size is 512.00MiB instead of 1g.");
        assert!(difference_of("server.jvm.additional", "-Xa", "-Xab").is_some());
        let unknown = difference(&Setting { name: "server.x".into(), value: "1".into() }, &BTreeMap::new());
        assert_eq!(unknown.as_deref(), Some("Neo4j knows no setting server.x."));
    }
}
