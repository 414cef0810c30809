//! Whether a deployment still has the data its backups are of. A container that is created again on an empty volume, by
//! a changed name of a compose project for example, answers as before and has nothing: its backups are good ones, of
//! nothing.

use crate::backup::Brief;
use crate::finding::Finding;
use crate::text::{Tone, count, full_time};
use serde::{Deserialize, Serialize};

/// A count that fell to less than one in so many is taken for another store, or for a loss.
pub const MUCH_LESS: u64 = 100;

/// A verified backup holds data that the deployment has no more, and nobody has said that this was meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replaced {
    /// The newest one of that data. Retention keeps it.
    pub former: Brief,
    /// In the deployment now, as far as it is known.
    pub nodes_now: Option<u64>,
    /// Another store (`databaseID` of `SHOW DATABASES`); else the same one with much less in it.
    pub other_store: bool,
}

impl Replaced {
    /// What was found, in a few words.
    pub fn what(&self) -> &'static str {
        if self.other_store {
            "The data differs from the last backups."
        } else {
            "Nearly all data is gone since an earlier backup."
        }
    }

    /// What it means and what to do.
    pub fn why(&self) -> String {
        let now = self.nodes_now.map_or_else(|| "an unknown number of".into(), count);
        let then = self.former.nodes.map_or_else(|| "an unknown number of".into(), count);
        let how = if self.other_store {
            "Neo4j opened a different store. This happens when its container was recreated on an empty volume."
        } else {
            "It is the same store."
        };
        format!(
            "There are {now} nodes now; the backup of {} holds {then}. {how} If this is unintended, restore that \
             backup. It is kept until somebody accepts the current data.",
            full_time(self.former.made_at)
        )
    }

    /// As a finding of the overview.
    pub fn finding(&self) -> Finding {
        Finding { code: "data_replaced".into(), tone: Tone::Bad, what: self.what().into(), why: self.why() }
    }
}

/// Whether this many nodes are next to nothing beside those of a backup.
pub const fn is_much_less(now: u64, then: u64) -> bool {
    now.saturating_mul(MUCH_LESS) < then
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_graph_that_shrinks_is_not_one_that_is_lost() {
        assert!(is_much_less(0, 1) && is_much_less(9, 1_000) && is_much_less(u64::MAX / 1_000, u64::MAX));
        assert!(!is_much_less(10, 1_000) && !is_much_less(0, 0) && !is_much_less(5, 3));
    }
}
