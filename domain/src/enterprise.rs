//! Command lines and statements of Enterprise alone, by the version's grammar: the online backup, and stopping one database while
//! the others serve. Sources: Operations Manual 4.4, 5 and 2025 ("Back up an online database"), Cypher Manual ("STOP DATABASE").
//! No Enterprise image can be run in this project's tests: these words are compared with the manuals, never with a server, and
//! no job uses them yet.

use crate::image::Version;

/// `system` cannot be stopped, and holds no metadata of its own.
const SYSTEM: &str = "system";

/// Backs databases up while they serve, as full artifacts into an existing directory; run as uid 7474 where the server's
/// backup port (6362) is reachable. One command each: what fails then names its database.
pub fn online_backup(version: Version, databases: &[String], from: &str, to: &str) -> Vec<Vec<String>> {
    databases.iter().map(|database| one(version, database, from, to)).collect()
}

fn one(version: Version, database: &str, from: &str, to: &str) -> Vec<String> {
    let words = |all: &[&str]| all.iter().map(|w| (*w).to_string()).collect::<Vec<_>>();
    let mut command = if version.major < 5 {
        let database = format!("--database={database}");
        words(&["neo4j-admin", "backup", &format!("--from={from}"), &format!("--backup-dir={to}"), &database, "--fallback-to-full=true"])
    } else {
        words(&["neo4j-admin", "database", "backup", &format!("--from={from}"), &format!("--to-path={to}"), "--type=FULL", "--compress=true"])
    };
    if database != SYSTEM {
        command.push("--include-metadata=all".into());
    }
    if version.major >= 5 {
        command.push(database.into());
    }
    command
}

/// Run on `system`; waits until the database has stopped, at most so long. `None` for `system` itself, which cannot be stopped.
pub fn stop_database(database: &str, seconds: u32) -> Option<String> {
    (database != SYSTEM).then(|| format!("STOP DATABASE {} WAIT {seconds} SECONDS", quoted(database)))
}

pub fn start_database(database: &str, seconds: u32) -> Option<String> {
    (database != SYSTEM).then(|| format!("START DATABASE {} WAIT {seconds} SECONDS", quoted(database)))
}

/// A name with a dot would be an alias on another server.
fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(version: Version) -> Vec<String> {
        let databases = ["neo4j".to_string(), "sales.eu".into(), "system".into()];
        online_backup(version, &databases, "localhost:6362", "/backups").iter().map(|words| words.join(" ")).collect()
    }

    #[test]
    fn the_online_backup_of_5_and_later_is_word_for_word_the_manuals() {
        let expected = [
            "neo4j-admin database backup --from=localhost:6362 --to-path=/backups --type=FULL --compress=true --include-metadata=all neo4j",
            "neo4j-admin database backup --from=localhost:6362 --to-path=/backups --type=FULL --compress=true --include-metadata=all sales.eu",
            "neo4j-admin database backup --from=localhost:6362 --to-path=/backups --type=FULL --compress=true system",
        ];
        for version in [Version::new(5, 0, 0), Version::new(5, 26, 5), Version::new(2025, 1, 0), Version::new(2026, 5, 0)] {
            assert_eq!(lines(version), expected, "{version}");
        }
    }

    #[test]
    fn the_online_backup_of_4_4_has_another_verb_and_names_the_database_by_an_option() {
        assert_eq!(
            lines(Version::new(4, 4, 48)),
            [
                "neo4j-admin backup --from=localhost:6362 --backup-dir=/backups --database=neo4j --fallback-to-full=true --include-metadata=all",
                "neo4j-admin backup --from=localhost:6362 --backup-dir=/backups --database=sales.eu --fallback-to-full=true --include-metadata=all",
                "neo4j-admin backup --from=localhost:6362 --backup-dir=/backups --database=system --fallback-to-full=true",
            ]
        );
    }

    #[test]
    fn one_database_is_stopped_by_its_quoted_name_and_system_never() {
        assert_eq!(stop_database("sales.eu", 300).as_deref(), Some("STOP DATABASE `sales.eu` WAIT 300 SECONDS"));
        assert_eq!(start_database("a`b", 300).as_deref(), Some("START DATABASE `a``b` WAIT 300 SECONDS"));
        assert_eq!((stop_database("system", 1), start_database("system", 1)), (None, None));
    }
}
