//! What `neo4j-admin database info` prints of stores that no server has open (5.15, 5.26, 2026.05: measured).

use std::collections::BTreeMap;

/// The last committed transaction of each database. What cannot be read is left out.
pub fn parse_info(out: &str) -> BTreeMap<String, u64> {
    let mut database = None;
    let mut all = BTreeMap::new();
    for line in out.lines() {
        if let Some((_, name)) = line.split_once("Database name:") {
            database = Some(name.trim().to_string());
        } else if let Some((_, id)) = line.split_once("Last committed transaction id:")
            && let (Some(name), Ok(id)) = (database.take(), id.trim().parse())
        {
            all.insert(name, id);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_database_has_its_last_transaction() {
        let out = "Picked up JAVA_TOOL_OPTIONS: -Xshare:auto
Database name:                neo4j
Database in use:              false
Store format version:         record-aligned-1.1
Store format introduced in:   5.0.0
Last committed transaction id:3
Store needs recovery:         false

Database name:                system
Database in use:              false
Last committed transaction id:41
";
        assert_eq!(parse_info(out), [("neo4j".to_string(), 3), ("system".to_string(), 41)].into());
        assert_eq!(parse_info("Failed to execute command: 'x'\nLast committed transaction id:3\n"), BTreeMap::new());
    }
}
