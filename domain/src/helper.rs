//! Helper containers: what each one does and the exact command it runs. A helper runs the server's own image
//! (a newer or older `neo4j-admin` may not read the store), as uid 7474, without a network, never by `exec`
//! into the server (Community's store is locked while it runs; docs/neo4j-facts.md: Offline commands).

mod aside;
mod clone;
mod info;
#[cfg(test)]
mod tests;
mod tools;

pub use aside::{Aside, parse_look, parse_put_back};
pub use clone::{VOLUME, parse_test};
pub use info::parse_info;
pub use tools::{Failure, admin_percent, config_errors, explain_failure, knows_validate_config, unknown_settings};

use crate::database::DatabaseName;
use aside::{BRING_BACK, COPY_ASIDE, LOOK_ASIDE, PUT_BACK, REMOVE_ASIDE, SET_ASIDE};
use clone::{CLONE, REMOVE_CLONE, TEST_CLONE};
use serde::{Deserialize, Serialize};
use tools::{check, dump, load};

/// Where the live or the candidate data is mounted in a helper.
pub const DATA: &str = "/data";
/// Where dumps are written to and loaded from.
pub const STAGING: &str = "/staging";
/// Directory of dumps inside the staging volume.
pub const DUMPS: &str = "/staging/dumps";
/// Where set-aside data is kept, inside the data volume: a rename, not a copy.
pub const ASIDE: &str = "/data/.neo4j-console";
/// uid and gid of neo4j in every image (docs/neo4j-facts.md: Image).
pub const NEO4J_UID: u64 = 7474;

/// What a helper does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum HelperCommand {
    /// Nothing; it is created, never started, and gives access to the files of its volumes.
    Hold,
    /// Dumps the databases into [`DUMPS`]: each `neo4j-admin` costs 3–4 s of JVM, so all go through one where that
    /// works.
    Dump {
        databases: Vec<DatabaseName>,
    },
    /// Tries whether the data volume can clone files. `clone` names what it may leave behind.
    TestClone {
        clone: String,
    },
    /// Clones the stores of the stopped server inside their volume, under this name. Safe to repeat.
    Clone {
        clone: String,
    },
    /// As `Dump`, from a clone, while the server runs.
    DumpClone {
        clone: String,
        databases: Vec<DatabaseName>,
    },
    RemoveClone {
        clone: String,
    },
    /// Loads from [`DUMPS`], where the dumps of these databases and no others lie, replacing what is there; then prints
    /// which transaction each store ends with ([`parse_info`]).
    Load {
        databases: Vec<DatabaseName>,
    },
    /// Full consistency check, one database after the other.
    Check {
        databases: Vec<DatabaseName>,
    },
    /// Moves the databases' directories to `ASIDE/aside`. Safe to repeat. `note_absent`: one that is not there is
    /// remembered as such.
    SetAside {
        aside: String,
        databases: Vec<DatabaseName>,
        note_absent: bool,
    },
    /// Undoes `SetAside`. What stands in their place is moved to `ASIDE/keep`, or dropped. Safe to repeat; does nothing
    /// for what was never set aside. [`parse_put_back`] reads what it prints.
    PutBack {
        aside: String,
        databases: Vec<DatabaseName>,
        #[serde(default)]
        keep: Option<String>,
    },
    /// Moves all of them to their empty places, or fails before it moves anything. Safe to repeat.
    BringBack {
        aside: String,
        databases: Vec<DatabaseName>,
    },
    /// Copies all of them to their empty places, as they were set aside. Safe to repeat.
    CopyAside {
        aside: String,
        databases: Vec<DatabaseName>,
    },
    /// Prints what of them is missing below `ASIDE/aside`, and its bytes.
    LookAside {
        aside: String,
        databases: Vec<DatabaseName>,
    },
    /// Prints the bytes it frees ([`parse_look`]).
    RemoveAside {
        aside: String,
    },
    /// Removes the databases' stores. Safe to repeat.
    Remove {
        databases: Vec<DatabaseName>,
    },
    /// Prints `used free total` of `/data` and `free total` of Docker's own disk, in bytes.
    Measure,
    /// Prints `yes`, or what of the databases' stores this user cannot read, write or find.
    TestAccess {
        databases: Vec<DatabaseName>,
    },
    /// Prints how many bytes of the host's memory can be had.
    FreeMemory,
    /// Neo4j's own check of a configuration, in a container of the image that is to run with it. `env`: what the server
    /// would be told, without what is or may be secret.
    ValidateConfig {
        env: Vec<(String, String)>,
    },
    /// A real server on the candidate data, without authentication: it has no network. `default`: the default database
    /// where no `system` was loaded that knows it. `env`: what else it is told (`domain::trial`).
    Serve {
        default: DatabaseName,
        #[serde(default)]
        env: Vec<(String, String)>,
    },
}

const REMOVE: &str = r#"set -eu
for db in "$@"; do rm -rf "/data/databases/$db" "/data/transactions/$db"; done
sync"#;

/// Of a JVM beside the live server. Without it `neo4j-admin` takes a quarter of the host's memory as heap, and its
/// check up to nine tenths besides (Operations Manual, neo4j-admin database check); its page cache is bounded as that
/// of `Serve`, or below.
const HEAP: &str = "512m";

/// Bytes that a helper may take beside the live server: heap, page cache or what the check keeps there, and the JVM
/// itself.
pub const BESIDE: u64 = 1_500_000_000;

/// A store that is not where it should be, for example because the server writes into another volume, is found here
/// too.
const TEST_ACCESS: &str = r#"set -u
for db in "$@"; do
  for kind in databases transactions; do
    [ -d "/data/$kind/$db" ] || { echo "no $kind/$db is not there"; exit 0; }
    odd=$(find "/data/$kind/$db" \( ! -readable -o ! -writable \) -print -quit 2>&1)
    [ -z "$odd" ] || { echo "no ${odd#/data/} cannot be read and written"; exit 0; }
  done
done
for kind in databases transactions; do
  [ -w "/data/$kind" ] || { [ ! -e "/data/$kind" ] && [ -w /data ]; } || { echo "no /data cannot be written"; exit 0; }
done
echo yes"#;

/// Reads what `TestAccess` printed.
///
/// # Errors
/// What is in the way, as half a sentence.
pub fn parse_access(out: &str) -> Result<(), String> {
    match out.lines().rfind(|line| line.starts_with("yes") || line.starts_with("no ")) {
        Some("yes") => Ok(()),
        Some(why) => Err(why.trim_start_matches("no ").into()),
        None => Err("it could not be tried".into()),
    }
}

/// Prints how many bytes of the host's memory can be had. Also run by `exec` in a running server; every container sees
/// the host's.
pub const FREE_MEMORY: &str =
    r#"while read -r name kib _; do [ "$name" != MemAvailable: ] || echo $((kib * 1024)); done </proc/meminfo"#;

/// Bytes of the data, without what earlier restores set aside, and free and in all; then free and in all where Docker
/// keeps containers and volumes of its own, which `/` of a container lies on. Also run by `exec` in a running server,
/// read only.
pub const MEASURE: &str = r#"set -e
used=$(du -sb --exclude=/data/.neo4j-console /data 2>/dev/null | cut -f1)
set -- $(df -B1 --output=avail,size /data | tail -n 1) $(df -B1 --output=avail,size / | tail -n 1)
echo "$used $1 $2 $3 $4""#;

/// Before every script: the arguments `from` which databases are named. Their type lets no other name in; a script that
/// removes directories asks again.
const ONLY_NAMES: &str = r#"for db in "${@:from}"; do
  case $db in '' | [!A-Za-z0-9]* | *[!A-Za-z0-9._-]*) echo "This is no name of a database." >&2; exit 64 ;; esac
done
"#;

impl HelperCommand {
    /// One word, part of the container's name.
    pub const fn role(&self) -> &'static str {
        match self {
            Self::Hold => "hold",
            Self::Dump { .. } => "dump",
            Self::TestClone { .. } => "test-clone",
            Self::Clone { .. } => "clone",
            Self::DumpClone { .. } => "dump-clone",
            Self::RemoveClone { .. } => "remove-clone",
            Self::Load { .. } => "load",
            Self::Check { .. } => "check",
            Self::SetAside { .. } => "set-aside",
            Self::PutBack { .. } => "put-back",
            Self::BringBack { .. } => "bring-back",
            Self::CopyAside { .. } => "copy-aside",
            Self::LookAside { .. } => "look-aside",
            Self::RemoveAside { .. } => "remove-aside",
            Self::Remove { .. } => "remove",
            Self::Measure => "measure",
            Self::TestAccess { .. } => "test-access",
            Self::FreeMemory => "free-memory",
            Self::ValidateConfig { .. } => "validate-config",
            Self::Serve { .. } => "serve",
        }
    }

    /// Whether its output is an answer to the console, not words for people.
    pub const fn answers(&self) -> bool {
        matches!(
            self,
            Self::Measure
                | Self::TestAccess { .. }
                | Self::TestClone { .. }
                | Self::FreeMemory
                | Self::PutBack { .. }
                | Self::LookAside { .. }
                | Self::RemoveAside { .. }
        )
    }

    /// By Neo4j's own tools, which refuse a store that a server has open.
    pub const fn opens_stores(&self) -> bool {
        matches!(
            self,
            Self::Dump { .. } | Self::DumpClone { .. } | Self::Load { .. } | Self::Check { .. } | Self::Serve { .. }
        )
    }

    /// Entrypoint and command in one; `None` keeps the image's own, see [`Self::arguments`]. Names go in as arguments,
    /// never into the script's text.
    pub fn command(&self) -> Option<Vec<String>> {
        let bash = |script: &str, first: &[&str], databases: &[DatabaseName]| {
            let args = first.iter().copied().chain(databases.iter().map(DatabaseName::as_str));
            let script = format!("from={}\n{ONLY_NAMES}{script}", first.len() + 1);
            Some(["/bin/bash", "-c", &script, self.role()].into_iter().chain(args).map(str::to_owned).collect())
        };
        match self {
            Self::Hold => Some(vec!["/bin/true".into()]),
            Self::Dump { databases } => bash(&dump(), &[DATA], databases),
            Self::TestClone { clone } => bash(TEST_CLONE, &[clone], &[]),
            Self::Clone { clone } => bash(CLONE, &[clone], &[]),
            Self::DumpClone { clone, databases } => {
                bash(&dump(), &[&format!("{VOLUME}/.neo4j-console/{clone}")], databases)
            }
            Self::RemoveClone { clone } => bash(REMOVE_CLONE, &[clone], &[]),
            Self::Load { databases } => bash(&load(), &[], databases),
            Self::Check { databases } => bash(&check(), &[], databases),
            Self::SetAside { aside, databases, note_absent } => {
                bash(SET_ASIDE, &[aside, if *note_absent { "yes" } else { "no" }], databases)
            }
            Self::PutBack { aside, databases, keep } => {
                bash(PUT_BACK, &[aside, keep.as_deref().unwrap_or_default()], databases)
            }
            Self::BringBack { aside, databases } => bash(BRING_BACK, &[aside], databases),
            Self::CopyAside { aside, databases } => bash(COPY_ASIDE, &[aside], databases),
            Self::LookAside { aside, databases } => bash(LOOK_ASIDE, &[aside], databases),
            Self::RemoveAside { aside } => bash(REMOVE_ASIDE, &[aside], &[]),
            Self::Remove { databases } => bash(REMOVE, &[], databases),
            Self::Measure => bash(MEASURE, &[], &[]),
            Self::TestAccess { databases } => bash(TEST_ACCESS, &[], databases),
            Self::FreeMemory => bash(FREE_MEMORY, &[], &[]),
            Self::ValidateConfig { .. } | Self::Serve { .. } => None,
        }
    }

    /// What the image's own entrypoint is to run in place of a server: it makes the configuration first.
    pub fn arguments(&self) -> Option<Vec<String>> {
        matches!(self, Self::ValidateConfig { .. })
            .then(|| ["neo4j-admin", "server", "validate-config"].map(str::to_owned).to_vec())
    }

    /// Variables the helper needs.
    pub fn env(&self) -> Vec<(String, String)> {
        let pairs: &[(&str, &str)] = match self {
            Self::ValidateConfig { env } => return env.clone(),
            Self::Serve { default, env } => {
                let bounds = [
                    ("NEO4J_AUTH", "none"),
                    ("NEO4J_ACCEPT_LICENSE_AGREEMENT", "eval"),
                    ("NEO4J_initial_dbms_default__database", default.as_str()),
                    ("NEO4J_server_memory_heap_max__size", HEAP),
                    ("NEO4J_server_memory_pagecache_size", "256m"),
                ];
                return bounds.into_iter().map(|(k, v)| (k.into(), v.into())).chain(env.clone()).collect();
            }
            Self::Load { .. } | Self::Check { .. } | Self::DumpClone { .. } => &[("HEAP_SIZE", HEAP)],
            Self::Hold
            | Self::Dump { .. }
            | Self::TestClone { .. }
            | Self::Clone { .. }
            | Self::RemoveClone { .. }
            | Self::SetAside { .. }
            | Self::PutBack { .. }
            | Self::BringBack { .. }
            | Self::CopyAside { .. }
            | Self::LookAside { .. }
            | Self::RemoveAside { .. }
            | Self::Remove { .. }
            | Self::Measure
            | Self::TestAccess { .. }
            | Self::FreeMemory => &[],
        };
        pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect()
    }
}

/// Reads what [`MEASURE`] printed.
pub fn parse_measure(out: &str) -> Option<crate::deployment::Room> {
    let mut numbers = out.trim().lines().last()?.split_whitespace().map(|n| n.parse::<u64>().ok());
    let room = crate::deployment::Room {
        used: numbers.next()??,
        free: numbers.next()??,
        total: numbers.next()??,
        docker: None,
    };
    let disk = |free, total| Some(crate::deployment::Disk { free: free?, total: total? });
    Some(crate::deployment::Room {
        docker: numbers.next().zip(numbers.next()).and_then(|(free, total)| disk(free, total)),
        ..room
    })
}
