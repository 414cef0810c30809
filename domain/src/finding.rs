//! Findings: what is not as it should be with a deployment, why it matters, what to do. A pure function of what was
//! seen.

mod container;

use crate::change::MemoryValues;
use crate::container::{Container, Owner, RunState};
use crate::deployment::{Health, Observation};
use crate::freshness::{Age, Freshness};
use crate::text::{Tone, file_size, memory_size, plural};
use serde::{Deserialize, Serialize};

/// The least stop timeout that lets Neo4j write its checkpoint, in seconds (docs/neo4j-facts.md: Offline commands).
pub const STOP_TIMEOUT: u64 = 120;

/// Something wrong with a deployment, or worth knowing, with what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Stable name for the API, for example `no_backup`.
    pub code: String,
    pub tone: Tone,
    /// The sentence in bold.
    pub what: String,
    /// Why it matters and what to do.
    pub why: String,
}

fn finding(code: &str, tone: Tone, what: impl Into<String>, why: impl Into<String>) -> Finding {
    Finding { code: code.into(), tone, what: what.into(), why: why.into() }
}

/// All findings of a deployment, worst first.
pub fn findings(seen: &Observation, freshness: &Freshness) -> Vec<Finding> {
    let mut all = Vec::new();
    health(seen, &mut all);
    if let Some(container) = &seen.container {
        process(seen, container, &mut all);
        container::image(container, &mut all);
        container::ports(container, &mut all);
        container::variables(container, &mut all);
        container::storage(container, &mut all);
    } else if seen.problem.is_none() {
        all.push(finding(
            "container_gone",
            Tone::Bad,
            "The container no longer exists.",
            "Docker has no container of this name. Recreate it where it was created; the console finds it by its name.",
        ));
    }
    memory(seen, &mut all);
    backups(freshness, &mut all);
    room(seen, &mut all);
    all.sort_by_key(|f| std::cmp::Reverse(f.tone));
    all
}

fn health(seen: &Observation, all: &mut Vec<Finding>) {
    match &seen.health {
        Health::Silent(why) => {
            all.push(finding(
                "neo4j_silent",
                Tone::Bad,
                "Neo4j does not answer.",
                format!("The container runs, but {why} Check its log."),
            ));
        }
        Health::CredentialsRefused => all.push(finding(
            "credentials_refused",
            Tone::Bad,
            "Neo4j refuses the console's password.",
            "Backups need it to count what they save. Enter the current password; it is tried once.",
        )),
        Health::PasswordChangeRequired => all.push(finding(
            "password_change_required",
            Tone::Bad,
            "Neo4j requires a password change for the console's user.",
            "Sign in to Neo4j with that user, change its password, then enter the new one here.",
        )),
        Health::KeepsRestarting(last) => {
            let times = seen.container.as_ref().map_or(0, |c| c.restarts);
            let why = format!(
                "Last log line: {last} A restore works in this state, a backup does not. Stop it to end the restarts."
            );
            all.push(finding(
                "keeps_restarting",
                Tone::Bad,
                format!("Neo4j fails to start: Docker has restarted it {}.", plural(times, "time", "times")),
                why,
            ));
        }
        Health::Answers | Health::Starting | Health::NotRunning | Health::Unknown(_) => {}
    }
}

/// The JVM's own exit code with `ExitOnOutOfMemoryError`.
const HEAP_WAS_FULL: i64 = 3;

/// Who ended a server for lack of memory.
fn out_of_memory(container: &Container) -> Option<&'static str> {
    match container.run {
        RunState::Stopped { out_of_memory: true, .. } => Some("The kernel ended it: it took more than it may."),
        RunState::Stopped { exit_code: HEAP_WAS_FULL, .. } => Some("The JVM ended itself: its heap was full."),
        RunState::Stopped { .. } | RunState::Running | RunState::Restarting | RunState::Paused | RunState::Created => {
            None
        }
    }
}

fn process(seen: &Observation, container: &Container, all: &mut Vec<Finding>) {
    if let Some(who) = out_of_memory(container) {
        let set = |value: Option<u64>, otherwise: &str| value.map_or(otherwise.to_owned(), memory_size);
        let memory = MemoryValues::of(container, container.image_version(), &seen.server.memory);
        let why = format!(
            "{who} Heap: {}, page cache: {}, container limit: {}. Choose sizes that fit; its store recovers at the next \
             start.",
            set(memory.heap, "not set"),
            set(memory.page_cache, "not set"),
            set(memory.limit, "none")
        );
        all.push(finding("out_of_memory", Tone::Bad, "Neo4j ran out of memory.", why));
    } else if container.run.stopped_uncleanly() {
        all.push(finding(
            "unclean_stop",
            Tone::Bad,
            "Neo4j was not shut down cleanly.",
            "It ended with code 137, so its store needs recovery. Start it: it recovers automatically. Dumps are refused until it has been stopped cleanly once.",
        ));
    }
    let timeout = container.stop_timeout.unwrap_or(10);
    if timeout < STOP_TIMEOUT {
        all.push(finding(
            "stop_timeout",
            Tone::Warn,
            format!("Docker kills Neo4j {timeout} s after a stop."),
            format!(
                "Neo4j may need longer to write its data. Set stop_grace_period to {STOP_TIMEOUT} s or more. Stops \
                made by this console always wait at least {STOP_TIMEOUT} s."
            ),
        ));
    }
    if container.auto_remove {
        all.push(finding(
            "auto_remove",
            Tone::Bad,
            "The container is removed when it stops.",
            "It was run with --rm: a stop removes it, so the console refuses to stop it. Recreate it without --rm.",
        ));
    }
    if let Owner::Coolify(_) = container.owner() {
        all.push(finding(
            "coolify_stop",
            Tone::Info,
            "Coolify stops containers after 30 s and removes them.",
            "Stop and restart this deployment from here when you can; its volumes are then kept and the stop is clean.",
        ));
    }
}

fn memory(seen: &Observation, all: &mut Vec<Finding>) {
    let memory = seen.server.memory;
    if let (true, Some(used), Some(limit)) = (memory.over_limit(), memory.configured(), memory.limit) {
        all.push(finding(
            "memory_over_limit",
            Tone::Bad,
            format!("Heap and page cache ({}) do not fit the container's {}.", memory_size(used), memory_size(limit)),
            "When Neo4j uses what it was given, the kernel kills it. Lower heap or page cache, or raise the limit.",
        ));
    }
}

fn backups(freshness: &Freshness, all: &mut Vec<Finding>) {
    let (code, why) = match freshness.age {
        Age::Ok | Age::DueSoon => return,
        Age::Never => ("no_backup", "If the disk fails or data is deleted, nothing brings it back. Back up now."),
        Age::Overdue => ("backup_old", "What changed since then would be lost. Back up now."),
    };
    all.push(finding(code, Tone::Warn, freshness.sentence(), why));
}

fn room(seen: &Observation, all: &mut Vec<Finding>) {
    if let Some(room) = seen.room.filter(|r| r.total > 0 && r.free * 10 < r.total) {
        all.push(finding(
            "disk_nearly_full",
            Tone::Warn,
            format!("Only {} are free on the disk of the data.", file_size(room.free)),
            "Neo4j stops when the disk is full, and backups need space for the dump. Free some space.",
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::container::tests::sample;
    use crate::container::{HostPort, MountSource, Port, RunState, VolumeName};
    use crate::deployment::tests::seen;
    use crate::freshness::Allowance;
    use chrono::{DateTime, Utc};

    fn backed_up(at: Option<DateTime<Utc>>) -> Freshness {
        Freshness::compute(at, Allowance::default(), DateTime::UNIX_EPOCH)
    }

    fn codes(container: Option<Container>) -> Vec<String> {
        let s = seen(container, Health::Answers);
        findings(&s, &backed_up(Some(DateTime::UNIX_EPOCH))).into_iter().map(|f| f.code).collect()
    }

    #[test]
    fn a_well_made_deployment_with_a_fresh_backup_has_no_findings() {
        assert_eq!(codes(Some(sample())), Vec::<String>::new());
    }

    #[test]
    fn each_bad_habit_is_found_worst_first() {
        let mut c = sample();
        c.image = "neo4j:latest".into();
        c.stop_timeout = None;
        c.auto_remove = true;
        c.ports = vec![Port { container: 7687, host: Some(HostPort { address: "0.0.0.0".into(), port: 7687 }) }];
        c.env.push(("NEO4J_USER".into(), "x".into()));
        c.env.push(("NEO4J_dbms_memory_pagecache_size".into(), "1g".into()));
        c.mounts[0].source = MountSource::Volume(VolumeName("a".repeat(64)));
        assert_eq!(
            codes(Some(c)),
            [
                "auto_remove",
                "stop_timeout",
                "floating_tag",
                "port_open",
                "unknown_variable",
                "deprecated_variable",
                "data_anonymous"
            ]
        );
    }

    #[test]
    fn no_backup_killed_and_gone_are_said() {
        let all = findings(&seen(None, Health::NotRunning), &backed_up(None));
        assert_eq!(all.iter().map(|f| f.code.as_str()).collect::<Vec<_>>(), ["container_gone", "no_backup"]);
        let mut c = sample();
        c.run = RunState::Stopped { exit_code: 137, out_of_memory: false };
        assert_eq!(codes(Some(c)), ["unclean_stop"]);
    }

    #[test]
    fn a_server_that_ran_out_of_memory_is_told_with_the_numbers_however_it_was_ended() {
        for (exit_code, out_of_memory, said) in [(137, true, "The kernel ended it"), (3, false, "its heap was full")] {
            let mut c = sample();
            c.run = RunState::Stopped { exit_code, out_of_memory };
            c.env.push(("NEO4J_server_memory_heap_max__size".into(), "2g".into()));
            c.memory_limit = Some(2 << 30);
            let all = findings(&seen(Some(c), Health::NotRunning), &backed_up(Some(DateTime::UNIX_EPOCH)));
            let found = all.iter().find(|f| f.code == "out_of_memory").expect("the finding");
            assert!(found.why.contains(said), "{found:?}");
            assert!(found.why.contains("Heap: 2\u{202f}GiB, page cache: not set, container limit: 2"), "{found:?}");
            assert!(!all.iter().any(|f| f.code == "unclean_stop"), "said once");
        }
    }

    #[test]
    fn a_backup_older_than_allowed_is_said_with_its_age() {
        let old = backed_up(Some(DateTime::UNIX_EPOCH - chrono::TimeDelta::hours(30)));
        let all = findings(&seen(Some(sample()), Health::Answers), &old);
        assert_eq!(
            (all[0].code.as_str(), all[0].what.as_str()),
            ("backup_old", "The last verified backup was made 1 day ago; 26\u{202f}h are allowed.")
        );
    }

    #[test]
    fn memory_that_cannot_fit_is_bad() {
        let mut s = seen(Some(sample()), Health::Answers);
        s.server.memory =
            crate::memory::Memory { heap: Some(3 << 30), page_cache: Some(1 << 30), limit: Some(4 << 30) };
        let all = findings(&s, &backed_up(None));
        assert!(all.iter().any(|f| f.code == "memory_over_limit" && f.what.contains("4\u{202f}GiB")));
    }
}
