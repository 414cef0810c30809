//! Scripts around set-aside data. It lies in the data volume itself, so that setting it aside is a rename, not a copy.
//! A directory that was not there to be set aside is noted below `absent`: so "was never there" and "is lost" are not
//! the same.

use crate::database::DatabaseName;

/// `yes` as the second argument: what is not there is noted as absent.
pub(super) const SET_ASIDE: &str = r#"set -eu
base="/data/.neo4j-console/$1" note=$2; shift 2
for kind in databases transactions; do
  mkdir -p "$base/$kind" "$base/absent/$kind"
  for db in "$@"; do
    if [ -e "$base/$kind/$db" ] || [ -e "$base/absent/$kind/$db" ]; then continue; fi
    if [ -e "/data/$kind/$db" ]; then mv "/data/$kind/$db" "$base/$kind/$db"
    elif [ "$note" = yes ]; then : >"$base/absent/$kind/$db"; fi
  done
done
sync"#;

/// Second argument: directory for the data being replaced; empty deletes it. On a repeat, what was saved first is not
/// overwritten.
pub(super) const PUT_BACK: &str = r#"set -eu
base="/data/.neo4j-console/$1" keep=${2:+/data/.neo4j-console/$2}; shift 2
clear() {
  [ -e "/data/$1" ] || return 0
  if [ -z "$keep" ]; then rm -rf "/data/$1"; return; fi
  to="$keep/$1"; while [ -e "$to" ]; do to="$to+"; done
  mkdir -p "${to%/*}"; mv "/data/$1" "$to"
}
for kind in databases transactions; do
  for db in "$@"; do
    if [ -e "$base/$kind/$db" ]; then clear "$kind/$db"; mv "$base/$kind/$db" "/data/$kind/$db"
    elif [ -e "$base/absent/$kind/$db" ]; then clear "$kind/$db"; rm "$base/absent/$kind/$db"; fi
  done
done
rm -rf "$base"
if [ -n "$keep" ] && [ -d "$keep" ]; then
  for kind in databases transactions; do
    mkdir -p "$keep/$kind" "$keep/absent/$kind"
    for db in "$@"; do [ -e "$keep/$kind/$db" ] || : >"$keep/absent/$kind/$db"; done
  done
  echo kept
fi
sync"#;

/// Whether [`PUT_BACK`] kept something.
pub fn parse_put_back(out: &str) -> bool {
    out.lines().any(|line| line.trim() == "kept")
}

/// Copies what was set aside to its place; what stands there already was copied whole by an earlier try.
pub(super) const COPY_ASIDE: &str = r#"set -eu
base="/data/.neo4j-console/$1"; shift
for kind in databases transactions; do
  for db in "$@"; do
    [ -e "$base/$kind/$db" ] && [ ! -e "/data/$kind/$db" ] || continue
    rm -rf "$base/copy"; mkdir -p "$base/copy" "/data/$kind"
    cp -a --reflink=auto --sparse=always "$base/$kind/$db" "$base/copy/$db"
    sync
    mv "$base/copy/$db" "/data/$kind/$db"
  done
done
rm -rf "$base/copy"; sync"#;

/// What stands in its place already was brought back by an earlier try: before, the place was cleared.
pub(super) const BRING_BACK: &str = r#"set -eu
base="/data/.neo4j-console/$1"; shift
there() { [ -n "$(ls -A "$1" 2>/dev/null)" ]; }
for kind in databases transactions; do
  for db in "$@"; do
    there "$base/$kind/$db" || [ -e "$base/absent/$kind/$db" ] || there "/data/$kind/$db" || { echo "$kind/$db is lost"; exit 1; }
  done
done
for kind in databases transactions; do
  for db in "$@"; do
    if there "$base/$kind/$db"; then
      [ ! -e "/data/$kind/$db" ] || { echo "$kind/$db has come into its place"; exit 1; }
      mv "$base/$kind/$db" "/data/$kind/$db"
    fi
  done
done
rm -rf "$base/absent"
rmdir "$base"/* "$base" 2>/dev/null || true
sync"#;

pub(super) const LOOK_ASIDE: &str = r#"set -u
base="/data/.neo4j-console/$1"; shift
for kind in databases transactions; do
  for db in "$@"; do
    [ -n "$(ls -A "$base/$kind/$db" 2>/dev/null)" ] || [ -e "$base/absent/$kind/$db" ] || echo "missing $kind/$db"
  done
done
live=databases
for at in "/data/$live"/*/; do [ ! -d "$at" ] || echo "live $(basename "$at")"; done
echo "bytes $(du -sb "$base" 2>/dev/null | cut -f1)""#;

/// Prints the bytes it frees.
pub(super) const REMOVE_ASIDE: &str = r#"set -eu
base="/data/.neo4j-console/$1"
bytes=$(du -sb "$base" 2>/dev/null | cut -f1)
rm -rf "$base"
sync
echo "bytes ${bytes:-0}""#;

/// What lies below [`ASIDE`] under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aside {
    /// Directories that should be there and are not, or are empty: `databases/neo4j`.
    pub missing: Vec<String>,
    /// The databases that the server has in their place, by their directories.
    pub live: Vec<DatabaseName>,
    pub bytes: u64,
}

/// Reads what [`LOOK_ASIDE`] or [`REMOVE_ASIDE`] printed; `None` when it did not come to its end.
pub fn parse_look(out: &str) -> Option<Aside> {
    let missing = out.lines().filter_map(|line| line.strip_prefix("missing ")).map(str::to_owned).collect();
    let live = out.lines().filter_map(|line| DatabaseName::parse(line.strip_prefix("live ")?).ok()).collect();
    let bytes = out.lines().find_map(|line| line.strip_prefix("bytes"))?;
    Some(Aside { missing, live, bytes: bytes.trim().parse().unwrap_or(0) })
}

#[cfg(test)]
mod tests {
    use super::super::ASIDE;
    use super::*;
    use std::path::Path;
    use std::process::Command;

    /// Runs a script on a directory instead of `/data`; whether it ended well, and its output.
    fn run(data: &Path, script: &str, args: &[&str]) -> (bool, String) {
        let script = script.replace("/data", &data.display().to_string());
        let output = Command::new("bash").args(["-c", &script, "test"]).args(args).output().expect("bash runs");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    }

    fn fill(data: &Path, database: &str, content: &str) {
        for kind in ["databases", "transactions"] {
            let directory = data.join(kind).join(database);
            std::fs::create_dir_all(&directory).expect("made");
            std::fs::write(directory.join("store"), content).expect("written");
        }
    }

    fn content(data: &Path, database: &str) -> Option<String> {
        let of = |kind: &str| std::fs::read_to_string(data.join(kind).join(database).join("store")).ok();
        assert_eq!(of("databases"), of("transactions"));
        of("databases")
    }

    const ARGS: [&str; 3] = ["restore-1", "neo4j", "odd name'; x"];
    const PUT_BACK_ARGS: [&str; 4] = [ARGS[0], "", ARGS[1], ARGS[2]];

    fn set_aside(data: &Path) {
        let [aside, databases @ ..] = ARGS;
        let (well, out) = run(data, SET_ASIDE, &[&[aside, "yes"], &databases[..]].concat());
        assert!(well, "{out}");
    }

    #[test]
    fn what_was_set_aside_comes_back_and_what_was_not_there_goes_again() {
        let data = tempfile::tempdir().expect("a directory");
        let data = data.path();
        fill(data, "neo4j", "before");
        set_aside(data);
        assert_eq!(content(data, "neo4j"), None);
        // A second run, after a crash, takes nothing of what came since.
        fill(data, "neo4j", "after");
        fill(data, ARGS[2], "after");
        set_aside(data);
        assert_eq!(content(data, "neo4j").as_deref(), Some("after"));
        let looked = parse_look(&run(data, LOOK_ASIDE, &ARGS).1).expect("looked");
        assert!(looked.missing.is_empty() && looked.bytes > 0, "{looked:?}");
        // Names that Neo4j itself would not give are nobody's database.
        assert_eq!(looked.live, [DatabaseName::parse("neo4j").expect("a name")]);
        for _ in 0..2 {
            assert!(run(data, PUT_BACK, &PUT_BACK_ARGS).0);
            assert_eq!((content(data, "neo4j").as_deref(), content(data, ARGS[2])), (Some("before"), None));
        }
        assert!(!data.join(".neo4j-console/restore-1").exists());
    }

    #[test]
    fn a_copy_takes_the_place_of_what_was_set_aside_and_gives_way_to_it() {
        let data = tempfile::tempdir().expect("a directory");
        let data = data.path();
        fill(data, "neo4j", "before");
        set_aside(data);
        // What a copy that was cut short has left.
        std::fs::create_dir_all(data.join(".neo4j-console/restore-1/copy/neo4j")).expect("made");
        for _ in 0..2 {
            assert!(run(data, COPY_ASIDE, &ARGS).0);
            assert_eq!((content(data, "neo4j").as_deref(), content(data, ARGS[2])), (Some("before"), None));
        }
        assert!(data.join(".neo4j-console/restore-1/databases/neo4j/store").exists(), "and it is still set aside");
        fill(data, "neo4j", "migrated");
        assert!(run(data, COPY_ASIDE, &ARGS).0);
        assert_eq!(content(data, "neo4j").as_deref(), Some("migrated"), "a repeat takes nothing away");
        assert!(run(data, PUT_BACK, &PUT_BACK_ARGS).0);
        assert_eq!(content(data, "neo4j").as_deref(), Some("before"));
    }

    #[test]
    fn what_clients_may_have_written_to_is_kept_and_can_be_brought_back() {
        let data = tempfile::tempdir().expect("a directory");
        let data = data.path();
        fill(data, "neo4j", "before");
        set_aside(data);
        let put_back = || run(data, PUT_BACK, &["restore-1", "kept-1", "neo4j", ARGS[2]]);
        // Nothing stood there, so nothing is kept.
        let (well, out) = put_back();
        assert!(well && !parse_put_back(&out), "{out}");
        for written in ["first", "second"] {
            set_aside(data);
            fill(data, "neo4j", written);
            for _ in 0..2 {
                let (well, out) = put_back();
                assert!(well && parse_put_back(&out), "{out}");
            }
            assert_eq!(content(data, "neo4j").as_deref(), Some("before"));
        }
        let kept = |name: &str| {
            std::fs::read_to_string(data.join(".neo4j-console/kept-1/databases").join(name).join("store")).ok()
        };
        assert_eq!((kept("neo4j").as_deref(), kept("neo4j+").as_deref()), (Some("first"), Some("second")));
        let kept = ["kept-1", "neo4j", ARGS[2]];
        assert!(parse_look(&run(data, LOOK_ASIDE, &kept).1).expect("looked").missing.is_empty());
        std::fs::remove_dir_all(data.join("databases/neo4j")).expect("removed");
        std::fs::remove_dir_all(data.join("transactions/neo4j")).expect("removed");
        assert!(run(data, BRING_BACK, &kept).0);
        assert_eq!(content(data, "neo4j").as_deref(), Some("first"));
    }

    #[test]
    fn what_is_lost_is_named_and_nothing_is_moved_for_it() {
        let data = tempfile::tempdir().expect("a directory");
        let data = data.path();
        fill(data, "neo4j", "before");
        fill(data, ARGS[2], "before");
        set_aside(data);
        std::fs::remove_dir_all(data.join(".neo4j-console/restore-1/transactions/neo4j")).expect("removed");
        assert_eq!(parse_look(&run(data, LOOK_ASIDE, &ARGS).1).expect("looked").missing, ["transactions/neo4j"]);
        let (well, out) = run(data, BRING_BACK, &ARGS);
        assert!(!well && out.contains("transactions/neo4j is lost"), "{out}");
        assert!(data.join(".neo4j-console/restore-1/databases/neo4j/store").exists());
        // And without any of it.
        std::fs::remove_dir_all(data.join(".neo4j-console")).expect("removed");
        assert_eq!(parse_look(&run(data, LOOK_ASIDE, &ARGS).1).expect("looked").missing.len(), 4);
        assert!(!run(data, BRING_BACK, &ARGS).0);
    }

    #[test]
    fn bringing_back_goes_on_where_it_was_cut_short_and_replaces_nothing() {
        let data = tempfile::tempdir().expect("a directory");
        let data = data.path();
        fill(data, "neo4j", "before");
        set_aside(data);
        std::fs::rename(data.join(".neo4j-console/restore-1/databases/neo4j"), data.join("databases/neo4j"))
            .expect("moved");
        assert!(run(data, BRING_BACK, &ARGS).0);
        assert_eq!(content(data, "neo4j").as_deref(), Some("before"));
        assert!(run(data, BRING_BACK, &ARGS[..2]).0, "once more");

        set_aside(data);
        fill(data, "neo4j", "somebody's");
        let (well, out) = run(data, BRING_BACK, &ARGS);
        assert!(!well && out.contains("has come into its place"), "{out}");
        assert_eq!(content(data, "neo4j").as_deref(), Some("somebody's"));
    }

    #[test]
    fn an_undo_of_bringing_back_notes_nothing_as_absent() {
        let data = tempfile::tempdir().expect("a directory");
        let data = data.path();
        std::fs::create_dir_all(data.join("databases")).expect("made");
        assert!(run(data, SET_ASIDE, &["restore-1", "no", "neo4j"]).0);
        assert_eq!(parse_look(&run(data, LOOK_ASIDE, &["restore-1", "neo4j"]).1).expect("looked").missing.len(), 2);
    }

    #[test]
    fn scripts_stay_below_the_one_directory() {
        for script in [SET_ASIDE, PUT_BACK, BRING_BACK, LOOK_ASIDE, REMOVE_ASIDE] {
            assert!(script.contains(&format!("{ASIDE}/$1")), "{script}");
        }
    }
}
