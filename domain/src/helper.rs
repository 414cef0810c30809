//! Helper containers: what each one does and the exact command it runs. A helper runs the server's own image
//! (a newer or older `neo4j-admin` may not read the store), as uid 7474, without a network, never by `exec`
//! into the server (Community's store is locked while it runs; facts §5.4).

mod aside;
mod clone;
mod info;

pub use aside::{Aside, parse_look, parse_put_back};
pub use clone::{VOLUME, parse_test};
pub use info::parse_info;

use aside::{BRING_BACK, LOOK_ASIDE, PUT_BACK, REMOVE_ASIDE, SET_ASIDE};
use clone::{CLONE, REMOVE_CLONE, TEST_CLONE};
use serde::{Deserialize, Serialize};

/// Where the live or the candidate data is mounted in a helper.
pub const DATA: &str = "/data";
/// Where dumps are written to and loaded from.
pub const STAGING: &str = "/staging";
/// Directory of dumps inside the staging volume.
pub const DUMPS: &str = "/staging/dumps";
/// Where set-aside data is kept, inside the data volume: a rename, not a copy.
pub const ASIDE: &str = "/data/.neo4j-console";
/// uid and gid of neo4j in every image (facts §1.2).
pub const NEO4J_UID: u64 = 7474;

/// What a helper does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Act {
    /// Nothing; it is created, never started, and gives access to the files of its volumes.
    Hold,
    /// Dumps the databases into [`DUMPS`]: each `neo4j-admin` costs 3–4 s of JVM, so all go through one where that works.
    Dump {
        databases: Vec<String>,
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
        databases: Vec<String>,
    },
    RemoveClone {
        clone: String,
    },
    /// Loads from [`DUMPS`], where the dumps of these databases and no others lie, replacing what is there; then prints which
    /// transaction each store ends with ([`parse_info`]).
    Load {
        databases: Vec<String>,
    },
    /// Full consistency check, one database after the other.
    Check {
        databases: Vec<String>,
    },
    /// Moves the databases' directories to `ASIDE/aside`. Safe to repeat. `note_absent`: one that is not there is remembered as such.
    SetAside {
        aside: String,
        databases: Vec<String>,
        note_absent: bool,
    },
    /// Undoes `SetAside`. What stands in their place is moved to `ASIDE/keep`, or dropped. Safe to repeat; does nothing for what was
    /// never set aside. [`parse_put_back`] reads what it prints.
    PutBack {
        aside: String,
        databases: Vec<String>,
        #[serde(default)]
        keep: Option<String>,
    },
    /// Moves all of them to their empty places, or fails before it moves anything. Safe to repeat.
    BringBack {
        aside: String,
        databases: Vec<String>,
    },
    /// Prints what of them is missing below `ASIDE/aside`, and its bytes.
    LookAside {
        aside: String,
        databases: Vec<String>,
    },
    RemoveAside {
        aside: String,
    },
    /// Removes the databases' stores. Safe to repeat.
    Remove {
        databases: Vec<String>,
    },
    /// Prints `used free total` of `/data` in bytes.
    Measure,
    /// Prints `yes`, or what of the databases' stores this user cannot read, write or find.
    TestAccess {
        databases: Vec<String>,
    },
    /// Prints how many bytes of the host's memory can be had.
    FreeMemory,
    /// A real server on the candidate data, without authentication: it has no network. `default`: the default database where no `system`
    /// was loaded that knows it.
    Serve {
        default: String,
    },
}

/// What an earlier try left goes first: `neo4j-admin` writes over the beginning of a longer file and leaves its end (measured, 5.26).
/// Then all at once in one JVM (`*`), which on two cores is faster than two side by side. A database that is not wanted may fail there;
/// then, or when a wanted one is missing, each is dumped by itself. The first argument is where the stores are.
const DUMP: &str = r#"set -u -o pipefail
echo "server.directories.data=$1" >/tmp/where.conf; shift
for db in "$@"; do rm -f "/staging/dumps/$db.dump"; done
dump() { neo4j-admin database dump "$1" --to-path=/staging/dumps --overwrite-destination=true --additional-config=/tmp/where.conf 2>&1; }
if dump '*' | sed -u 's/^/all: /'; then
  whole=yes
  for db in "$@"; do [ -s "/staging/dumps/$db.dump" ] || whole=no; done
  [ "$whole" = no ] || exit 0
fi
pids=()
for db in "$@"; do
  ( dump "$db" | sed -u "s/^/$db: /" ) &
  pids+=($!)
done
code=0
for pid in "${pids[@]}"; do wait "$pid" || code=1; done
exit "$code""#;

/// All that lies there in one JVM: only what is wanted was brought there.
const LOAD: &str = r#"set -u -o pipefail
for db in "$@"; do [ -s "/staging/dumps/$db.dump" ] || { echo "There is no dump of $db."; exit 1; }; done
neo4j-admin database load '*' --from-path=/staging/dumps --overwrite-destination=true 2>&1 | sed -u 's/^/all: /' || exit 1
sync
neo4j-admin database info 2>/dev/null || true"#;

const CHECK: &str = r#"set -u -o pipefail
for db in "$@"; do
  neo4j-admin database check "$db" --report-path=/tmp --max-off-heap-memory=512m 2>&1 | sed -u "s/^/$db: /" || exit 1
done"#;

const REMOVE: &str = r#"set -eu
for db in "$@"; do rm -rf "/data/databases/$db" "/data/transactions/$db"; done
sync"#;

/// Of a JVM beside the live server. Without it `neo4j-admin` takes a quarter of the host's memory as heap, and its check up to nine
/// tenths besides (Operations Manual, neo4j-admin database check); its page cache is bounded as that of `Serve`, or below.
const HEAP: &str = "512m";

/// Bytes that a helper may take beside the live server: heap, page cache or what the check keeps there, and the JVM itself.
pub const BESIDE: u64 = 1_500_000_000;

/// A store that is not where it should be, for example because the server writes into another volume, is found here too.
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

/// Prints how many bytes of the host's memory can be had. Also run by `exec` in a running server; every container sees the host's.
pub const FREE_MEMORY: &str = r#"while read -r name kib _; do [ "$name" != MemAvailable: ] || echo $((kib * 1024)); done </proc/meminfo"#;

/// Bytes of the data, without what earlier restores set aside, and free and in all. Also run by `exec` in a running server, read only.
pub const MEASURE: &str = r#"set -e
used=$(du -sb --exclude=/data/.neo4j-console /data 2>/dev/null | cut -f1)
set -- $(df -B1 --output=avail,size /data | tail -n 1)
echo "$used $1 $2""#;

impl Act {
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
            Self::LookAside { .. } => "look-aside",
            Self::RemoveAside { .. } => "remove-aside",
            Self::Remove { .. } => "remove",
            Self::Measure => "measure",
            Self::TestAccess { .. } => "test-access",
            Self::FreeMemory => "free-memory",
            Self::Serve { .. } => "serve",
        }
    }

    /// By Neo4j's own tools, which refuse a store that a server has open.
    pub const fn opens_stores(&self) -> bool {
        matches!(self, Self::Dump { .. } | Self::DumpClone { .. } | Self::Load { .. } | Self::Check { .. } | Self::Serve { .. })
    }

    /// Entrypoint and command in one; `None` keeps the image's own (a server). Names go in as arguments,
    /// never into the script's text.
    pub fn command(&self) -> Option<Vec<String>> {
        let bash = |script: &str, args: &[&[String]]| {
            let mut all = vec!["/bin/bash".to_string(), "-c".into(), script.into(), self.role().into()];
            all.extend(args.iter().flat_map(|a| a.iter().cloned()));
            Some(all)
        };
        match self {
            Self::Hold => Some(vec!["/bin/true".into()]),
            Self::Dump { databases } => bash(DUMP, &[&[DATA.into()], databases]),
            Self::TestClone { clone } => bash(TEST_CLONE, &[std::slice::from_ref(clone)]),
            Self::Clone { clone } => bash(CLONE, &[std::slice::from_ref(clone)]),
            Self::DumpClone { clone, databases } => bash(DUMP, &[&[format!("{VOLUME}/.neo4j-console/{clone}")], databases]),
            Self::RemoveClone { clone } => bash(REMOVE_CLONE, &[std::slice::from_ref(clone)]),
            Self::Load { databases } => bash(LOAD, &[databases]),
            Self::Check { databases } => bash(CHECK, &[databases]),
            Self::SetAside { aside, databases, note_absent } => bash(SET_ASIDE, &[&[aside.clone(), if *note_absent { "yes" } else { "no" }.into()], databases]),
            Self::PutBack { aside, databases, keep } => bash(PUT_BACK, &[&[aside.clone(), keep.clone().unwrap_or_default()], databases]),
            Self::BringBack { aside, databases } => bash(BRING_BACK, &[std::slice::from_ref(aside), databases]),
            Self::LookAside { aside, databases } => bash(LOOK_ASIDE, &[std::slice::from_ref(aside), databases]),
            Self::RemoveAside { aside } => bash(REMOVE_ASIDE, &[std::slice::from_ref(aside)]),
            Self::Remove { databases } => bash(REMOVE, &[databases]),
            Self::Measure => bash(MEASURE, &[]),
            Self::TestAccess { databases } => bash(TEST_ACCESS, &[databases]),
            Self::FreeMemory => bash(FREE_MEMORY, &[]),
            Self::Serve { .. } => None,
        }
    }

    /// Variables the helper needs.
    pub fn env(&self) -> Vec<(String, String)> {
        let pairs: &[(&str, &str)] = match self {
            Self::Serve { default } => &[
                ("NEO4J_AUTH", "none"),
                ("NEO4J_ACCEPT_LICENSE_AGREEMENT", "eval"),
                ("NEO4J_initial_dbms_default__database", default),
                ("NEO4J_server_memory_heap_max__size", HEAP),
                ("NEO4J_server_memory_pagecache_size", "256m"),
            ],
            Self::Load { .. } | Self::Check { .. } | Self::DumpClone { .. } => &[("HEAP_SIZE", HEAP)],
            _ => &[],
        };
        pairs.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect()
    }
}

/// Reads what [`MEASURE`] printed.
pub fn parse_measure(out: &str) -> Option<crate::deployment::Room> {
    let mut numbers = out.trim().lines().last()?.split_whitespace().map(|n| n.parse::<u64>().ok());
    Some(crate::deployment::Room { used: numbers.next()??, free: numbers.next()??, total: numbers.next()?? })
}

/// The percentage in a progress line of `neo4j-admin` (`Files: 3/20, data: 45.1%`), if it is one.
pub fn admin_percent(line: &str) -> Option<u8> {
    let rest = line.rsplit_once("data:")?.1.trim();
    let number = rest.strip_suffix('%')?.trim().parse::<f64>().ok()?;
    (0.0..=100.0).contains(&number).then_some(number as u8)
}

/// A sentence for what `neo4j-admin` printed when it failed; the known causes of facts §5.3 are translated.
pub fn explain_failure(output: &str) -> String {
    let known = [
        (
            "Active logical log detected",
            "The store was not shut down cleanly. Start Neo4j, let it recover, stop it, and try again. If this happens each time, the stop signal does not reach Neo4j: an entrypoint of your own must pass SIGTERM on to it.",
        ),
        ("database is in use", "Another process holds the store, or its files do not belong to the server's user."),
        ("No space left on device", "The disk is full."),
        ("not enough space", "The disk is full."),
        ("do not have permission", "The files do not belong to the server's user, so neo4j-admin may not read them."),
        ("Not a valid Neo4j archive", "The file is not a whole Neo4j dump."),
        ("newer version than the current binaries", "The dump is from a newer Neo4j than this image."),
        ("OutOfMemoryError", "neo4j-admin ran out of memory."),
    ];
    if let Some((_, words)) = known.iter().find(|(text, _)| output.contains(text)) {
        return (*words).into();
    }
    let last = output.lines().map(str::trim).rfind(|l| !l.is_empty() && !l.contains("--verbose")).unwrap_or("It printed nothing.");
    format!("neo4j-admin said: {}", last.chars().take(300).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_arguments_never_part_of_a_script() {
        let evil = "x; rm -rf /".to_string();
        let command = Act::Dump { databases: vec!["neo4j".into(), evil.clone()] }.command().expect("a command");
        assert_eq!(command[3..], ["dump".to_string(), "/data".into(), "neo4j".into(), evil.clone()]);
        assert!(!command[2].contains(&evil));
        assert_eq!(Act::Serve { default: "neo4j".into() }.command(), None);
    }

    #[test]
    fn what_the_tools_print_is_read() {
        assert_eq!(parse_measure("100 200 300\n").map(|r| (r.used, r.free, r.total)), Some((100, 200, 300)));
        assert_eq!(parse_measure("oops"), None);
        assert_eq!(admin_percent("neo4j: Files: 3/20, data: 45.1%"), Some(45));
        assert_eq!(admin_percent("Done: 34 files"), None);
    }

    #[test]
    fn access_is_tried_for_real() {
        assert_eq!(parse_access("yes\n"), Ok(()));
        assert_eq!(parse_access("no databases/neo4j is not there"), Err("databases/neo4j is not there".into()));
        assert!(parse_access("bash: command not found").is_err());
        let data = tempfile::tempdir().expect("a directory");
        let script = TEST_ACCESS.replace("/data", &data.path().display().to_string());
        let run = || {
            let output = std::process::Command::new("bash").args(["-c", &script, "test", "neo4j"]).output().expect("bash runs");
            parse_access(&String::from_utf8_lossy(&output.stdout))
        };
        assert_eq!(run(), Err("databases/neo4j is not there".into()));
        for kind in ["databases", "transactions"] {
            std::fs::create_dir_all(data.path().join(kind).join("neo4j")).expect("made");
        }
        assert_eq!(run(), Ok(()));
    }

    #[test]
    fn failures_of_neo4j_admin_are_put_into_words() {
        assert!(explain_failure("x\njava.io.IOException: No space left on device\n").contains("disk is full"));
        assert_eq!(explain_failure("a\nStrange thing\nRun with '--verbose' for a more detailed error message.\n"), "neo4j-admin said: Strange thing");
        assert!(explain_failure("").contains("printed nothing"));
    }
}
