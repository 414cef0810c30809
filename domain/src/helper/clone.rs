//! Scripts of the short-outage dump. The clone lies in the data volume itself, in a directory Neo4j ignores: a clone
//! shares blocks inside one file system only, and before Linux 5.18 inside one mount only, so a volume beside it would
//! not do everywhere. The volume is not mounted at `/data` here, so that no tool can take the live store for its own.

/// Where the data volume is mounted in these helpers.
pub const VOLUME: &str = "/volume";

/// Tries it with a file large enough to have blocks of its own. Prints `yes`, or `no` and what `cp` said.
pub(super) const TEST_CLONE: &str = r#"set -u
base=/volume/.neo4j-console dir="/volume/.neo4j-console/$1.test"
rm -rf "$base"/clone-*.test; mkdir -p "$dir" && head -c 65536 /dev/zero >"$dir/a" || exit 1
if said=$(cp --reflink=always "$dir/a" "$dir/b" 2>&1); then answer=yes; else answer="no $said"; fi
rm -rf "$dir"; rmdir "$base" 2>/dev/null
echo "$answer""#;

/// Renamed into place only when complete, so a clone of this name can always be dumped. `sync` first, or a power cut
/// could leave a name without content.
pub(super) const CLONE: &str = r#"set -eu
base=/volume/.neo4j-console done="/volume/.neo4j-console/$1" part="/volume/.neo4j-console/$1.part"
[ ! -d "$done" ] || exit 0
rm -rf "$part"; mkdir -p "$part"
cp -a --reflink=always /volume/databases /volume/transactions "$part/"
sync -f "$part"
mv "$part" "$done"
sync -f "$base""#;

pub(super) const REMOVE_CLONE: &str = r#"set -eu
rm -rf "/volume/.neo4j-console/$1" "/volume/.neo4j-console/$1.part"
rmdir /volume/.neo4j-console 2>/dev/null || true"#;

/// Reads what [`TEST_CLONE`] printed: `Err` is what `cp` said, without the paths.
pub fn parse_test(out: &str) -> Result<(), String> {
    match out.trim().lines().last().unwrap_or_default() {
        "yes" => Ok(()),
        said => match said.rsplit_once(": ").map(|(_, why)| why).unwrap_or_default() {
            "" => Err("it could not be tried".into()),
            why => Err(why.chars().take(120).collect()),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cp_said_is_read() {
        assert_eq!(parse_test("yes\n"), Ok(()));
        let no = "no cp: failed to clone '/volume/x/b' from '/volume/x/a': Operation not supported\n";
        assert_eq!(parse_test(no), Err("Operation not supported".into()));
        assert_eq!(parse_test(""), Err("it could not be tried".into()));
    }
}
