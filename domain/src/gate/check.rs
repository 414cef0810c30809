//! What the wizard of a restore shows before anything is touched.

use super::{Gate, IdentityNeed};
use crate::backup::{self, Content};
use serde::{Deserialize, Serialize};

/// What the wizard's checks page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RestoreCheck {
    pub backup: backup::views::Detail,
    pub gates: Vec<Gate>,
    /// Outage to expect in milliseconds, from the last restore of this deployment, when there was one.
    pub offline_ms: Option<u64>,
    /// Whether an identity is asked for.
    pub identity_need: IdentityNeed,
    /// Of the present data, in the default database; unknown while the server does not answer or has it offline.
    pub nodes_now: Option<u64>,
    pub relationships_now: Option<u64>,
    /// The one those were counted in, as far as the server tells.
    pub default_database: Option<String>,
}

impl RestoreCheck {
    /// What the backup holds of the database that was counted now, for two others have nothing to do with each other.
    /// `None` where it does not hold that one, or has several and the server does not tell which it is.
    pub fn compared(&self) -> Option<&Content> {
        let all = self.backup.databases();
        match &self.default_database {
            Some(name) => all.iter().find(|content| content.database.as_str() == name),
            None if all.len() == 1 => all.first(),
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::tests::manifest;
    use crate::backup::{Manifest, Origin};
    use crate::database::DatabaseName;

    #[test]
    fn counts_are_compared_with_those_of_the_same_database_or_with_none() {
        let content = |name: &str, nodes| Content {
            database: DatabaseName::parse(name).expect("a name"),
            nodes,
            ..Content::default()
        };
        let compared = |databases: &[Content], default: Option<&str>| {
            let backup = backup::views::Detail {
                manifest: Manifest { databases: databases.to_vec(), ..manifest() },
                state: backup::State::Verified,
                origin: Origin::Own,
                proof: None,
                problem: None,
                location: String::new(),
                copies: vec![],
                verified_at: chrono::DateTime::UNIX_EPOCH,
                deployment_known: true,
                schedule: None,
                pinned: false,
            };
            let check = RestoreCheck {
                backup,
                gates: vec![],
                offline_ms: None,
                identity_need: IdentityNeed::NotNeeded,
                nodes_now: Some(3),
                relationships_now: None,
                default_database: default.map(Into::into),
            };
            check.compared().map(|content| content.nodes)
        };
        let (one, two) = ([content("neo4j", 3)], [content("archive", 900), content("neo4j", 3)]);
        assert_eq!((compared(&one, None), compared(&one, Some("neo4j"))), (Some(3), Some(3)));
        assert_eq!((compared(&two, Some("neo4j")), compared(&two, Some("archive"))), (Some(3), Some(900)));
        assert_eq!((compared(&two, None), compared(&one, Some("other"))), (None, None));
    }
}
