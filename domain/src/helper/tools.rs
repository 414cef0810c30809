//! The scripts that run `neo4j-admin`, and what its output and exit code mean.

/// Exit code of a script whose `neo4j-admin` met a full disk (`ENOSPC`). The words alone would not do: the log of a
/// container often lies on the very disk that is full, and then Docker loses the lines that say why.
const DISK_FULL: i64 = 28;

/// Killed, by a person or because the host had no memory left.
const KILLED: i64 = 137;

/// `tell NAME` puts the name before each line, and knows the lines that speak of a full disk.
const TELL: &str = r#"set -u -o pipefail
tell() {
  local line code=0
  while IFS= read -r line || [ -n "$line" ]; do
    printf '%s: %s\n' "$1" "$line"
    case $line in *"No space left on device"* | *"not enough space"*) code=28 ;; esac
  done
  return "$code"
}
"#;

/// What an earlier try left goes first: `neo4j-admin` writes over the beginning of a longer file and leaves its end
/// (measured, 5.26). Then all at once in one JVM (`*`), which on two cores is faster than two side by side. A database
/// that is not wanted may fail there; then, or when a wanted one is missing, each is dumped by itself. The first
/// argument is where the stores are.
const DUMP: &str = r#"echo "server.directories.data=$1" >/tmp/where.conf; shift
for db in "$@"; do rm -f "/staging/dumps/$db.dump"; done
dump() { neo4j-admin database dump "$1" --to-path=/staging/dumps --overwrite-destination=true --additional-config=/tmp/where.conf 2>&1; }
if dump '*' | tell all; then
  whole=yes
  for db in "$@"; do [ -s "/staging/dumps/$db.dump" ] || whole=no; done
  [ "$whole" = no ] || exit 0
fi
pids=()
for db in "$@"; do
  ( dump "$db" | tell "$db" ) &
  pids+=($!)
done
code=0
for pid in "${pids[@]}"; do
  wait "$pid" || { ended=$?; [ "$code" -eq 28 ] || code=$ended; }
done
exit "$code""#;

/// Loads all dumps in one JVM; only the wanted ones were copied there.
const LOAD: &str = r#"for db in "$@"; do [ -s "/staging/dumps/$db.dump" ] || { echo "There is no dump of $db."; exit 1; }; done
neo4j-admin database load '*' --from-path=/staging/dumps --overwrite-destination=true 2>&1 | tell all || exit
sync
neo4j-admin database info 2>/dev/null || true"#;

const CHECK: &str = r#"for db in "$@"; do
  neo4j-admin database check "$db" --report-path=/tmp --max-off-heap-memory=512m 2>&1 | tell "$db" || exit
done"#;

pub(super) fn dump() -> String {
    format!("{TELL}{DUMP}")
}

pub(super) fn load() -> String {
    format!("{TELL}{LOAD}")
}

pub(super) fn check() -> String {
    format!("{TELL}{CHECK}")
}

/// The percentage in a progress line of `neo4j-admin` (`Files: 3/20, data: 45.1%`), if it is one.
pub fn admin_percent(line: &str) -> Option<u8> {
    let rest = line.rsplit_once("data:")?.1.trim();
    let number = rest.strip_suffix('%')?.trim().parse::<f64>().ok()?;
    (0.0..=100.0).contains(&number).then_some(number as u8)
}

/// Why a helper or a scratch server failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// One or more sentences.
    pub words: String,
    /// The host's fault: it says nothing of the dump or the store.
    pub by_host: bool,
}

/// From the exit code and what `neo4j-admin` printed; the known causes of docs/neo4j-facts.md: Offline commands are
/// translated.
pub fn explain_failure(code: i64, output: &str) -> Failure {
    let by_host = |words: &str| Failure { words: words.into(), by_host: true };
    match code {
        KILLED => return by_host("It was killed before it was done."),
        DISK_FULL => return by_host("The disk is full."),
        _ => {}
    }
    let known = [
        (
            false,
            "Active logical log detected",
            "The store was not shut down cleanly. Start Neo4j, let it recover, stop it, and try again. If this happens \
             each time, the stop signal does not reach Neo4j: an entrypoint of your own must pass SIGTERM on to it.",
        ),
        (
            true,
            "database is in use",
            "Another process holds the store, or its files do not belong to the server's user.",
        ),
        (true, "No space left on device", "The disk is full."),
        (
            true,
            "do not have permission",
            "The files do not belong to the server's user, so neo4j-admin may not read them.",
        ),
        (false, "Not a valid Neo4j archive", "The file is not a whole Neo4j dump."),
        (false, "newer version than the current binaries", "The dump is from a newer Neo4j than this image."),
        (true, "OutOfMemoryError", "neo4j-admin ran out of memory."),
    ];
    if let Some((by_host, _, words)) = known.iter().find(|(_, text, _)| output.contains(text)) {
        return Failure { words: (*words).into(), by_host: *by_host };
    }
    let last = output
        .lines()
        .map(str::trim)
        .rfind(|l| !l.is_empty() && !l.contains("--verbose"))
        .unwrap_or("It printed nothing.");
    Failure { words: format!("neo4j-admin said: {}", last.chars().take(300).collect::<String>()), by_host: false }
}

/// Whether `neo4j-admin` has the command; of 4.4 it has not.
pub fn knows_validate_config(output: &str) -> bool {
    output.contains("Configuration file validation")
}

/// What `neo4j-admin server validate-config` says is wrong, as it says it.
pub fn config_errors(output: &str) -> String {
    let errors: Vec<&str> = output.lines().filter_map(|line| line.trim().strip_prefix("Error: ")).collect();
    if errors.is_empty() { "It does not say why.".into() } else { errors.join(" ").chars().take(1_000).collect() }
}

/// The settings that it does not know.
pub fn unknown_settings(output: &str) -> Vec<&str> {
    let name = |rest: &'_ str| rest.split_whitespace().next().map(str::len).unwrap_or_default();
    output
        .split("No declared setting with name: ")
        .skip(1)
        .map(|rest| rest[..name(rest)].trim_end_matches('.'))
        .filter(|name| !name.is_empty())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_read() {
        assert_eq!(admin_percent("neo4j: Files: 3/20, data: 45.1%"), Some(45));
        assert_eq!(admin_percent("Done: 34 files"), None);
    }

    #[test]
    fn what_is_wrong_with_a_configuration_is_told_in_the_words_of_neo4j() {
        // Of 5.26.5.
        let output = "Validating Neo4j configuration: /var/lib/neo4j/conf/neo4j.conf\n1 issue found.\nError: Unrecognized \
                      setting. No declared setting with name: server.memory.heap.max_sizes. Cleanup the config or \
                      disable 'server.config.strict_validation.enabled' to continue.\nSkipping Log4j validation due \
                      to previous issues.\nConfiguration file validation failed.\nConfiguration contains errors.\n";
        assert!(knows_validate_config(output));
        assert!(config_errors(output).starts_with("Unrecognized setting."), "{}", config_errors(output));
        assert_eq!(unknown_settings(output), ["server.memory.heap.max_sizes"]);
        assert_eq!(unknown_settings("Error: 'x' is not a valid size."), [""; 0]);
        assert!(!knows_validate_config("Unmatched argument at index 1: 'validate-config'"));
    }

    #[test]
    fn failures_are_put_into_words() {
        let of = |code, output: &str| {
            let Failure { words, by_host } = explain_failure(code, output);
            (words, by_host)
        };
        assert_eq!(of(1, "x\njava.io.IOException: No space left on device\n"), ("The disk is full.".into(), true));
        assert_eq!(
            of(28, "all: Done: 18 files"),
            ("The disk is full.".into(), true),
            "the log lost the line that says why"
        );
        assert_eq!(of(137, "Done: 18 files"), ("It was killed before it was done.".into(), true));
        let strange = "a\nStrange thing\nRun with '--verbose' for a more detailed error message.\n";
        assert_eq!(of(1, strange), ("neo4j-admin said: Strange thing".into(), false));
        assert_eq!(of(1, "Not a valid Neo4j archive: x"), ("The file is not a whole Neo4j dump.".into(), false));
        assert!(of(1, "").0.contains("printed nothing"));
    }

    /// Runs a script with a `neo4j-admin` that prints this and ends with code 1, in a directory in place of `/staging`.
    fn ended(script: &str, says: &str) -> Option<i32> {
        let place = tempfile::tempdir().expect("a directory");
        let at = |name: &str| place.path().join(name).display().to_string();
        std::fs::create_dir(at("dumps")).expect("made");
        std::fs::write(at("dumps/neo4j.dump"), "x").expect("written");
        let tool = at("neo4j-admin");
        std::fs::write(&tool, format!("#!/bin/bash\necho '{says}'\nexit 1\n")).expect("written");
        std::process::Command::new("chmod").args(["+x", &tool]).status().expect("chmod runs");
        let script = script
            .replace("/staging", &place.path().display().to_string())
            .replace("/tmp/where.conf", &at("where.conf"));
        let path = format!("{}:/usr/bin:/bin", place.path().display());
        let run = std::process::Command::new("bash")
            .args(["-c", &script, "test", "neo4j", "system"])
            .env("PATH", path)
            .output();
        run.expect("bash runs").status.code()
    }

    #[test]
    fn a_full_disk_is_told_by_the_exit_code() {
        for script in [dump(), check()] {
            assert_eq!(ended(&script, "java.io.IOException: No space left on device"), Some(28));
            assert_eq!(ended(&script, "Something else."), Some(1));
        }
        assert_eq!(ended(&load().replace("\"$@\"", "neo4j"), "java.io.IOException: No space left on device"), Some(28));
    }
}
