//! What Neo4j itself recommends for a total of memory: the figures of `neo4j-admin server memory-recommendation`, from
//! its own table (`MemoryRecommendationsCommand`; docs/neo4j-facts.md: Memory), without a JVM for each key pressed.

use serde::{Deserialize, Serialize};

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
/// Bounds of a page cache.
const PAGE_CACHE: (u64, u64) = (8 * MIB, 16 << 40);

/// GiB in all, for the system, for the heap. Between two rows it is the straight line; above the last one, its figures.
const TABLE: [(f64, f64, f64); 16] = [
    (0.01, 0.007, 0.002),
    (1.0, 0.65, 0.3),
    (2.0, 1.0, 0.5),
    (4.0, 1.5, 2.0),
    (6.0, 2.0, 3.0),
    (8.0, 2.5, 3.5),
    (10.0, 3.0, 4.0),
    (12.0, 3.5, 4.5),
    (16.0, 4.0, 5.0),
    (24.0, 6.0, 8.0),
    (32.0, 8.0, 12.0),
    (64.0, 12.0, 24.0),
    (128.0, 16.0, 31.0),
    (256.0, 20.0, 31.0),
    (512.0, 24.0, 31.0),
    (1024.0, 30.0, 31.0),
];

/// How a total is to be shared, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recommendation {
    /// For the system, the JVM beside its heap, and the indexes of Lucene.
    pub system: u64,
    pub heap: u64,
    pub page_cache: u64,
}

/// What Neo4j 5 and later recommends for `total` bytes, without settings for transaction state outside the heap. (4.4
/// has another first row and a larger least page cache.)
pub fn recommended(total: u64) -> Recommendation {
    let (system, heap) = of_table(total as f64 / GIB as f64);
    let page_cache = total.saturating_sub(system).saturating_sub(heap).clamp(PAGE_CACHE.0, PAGE_CACHE.1);
    Recommendation { system, heap, page_cache }
}

/// Shares of the system and the heap, cut to whole MiB.
fn of_table(total: f64) -> (u64, u64) {
    let mebibytes = |gibibytes: f64| (gibibytes * 1024.0) as u64 * MIB;
    let [first, .., last] = TABLE;
    if total >= last.0 {
        return (mebibytes(last.1), mebibytes(last.2));
    }
    let at = TABLE.iter().position(|row| row.0 > total).unwrap_or_default().max(1);
    let (below, above) = (TABLE.get(at - 1).unwrap_or(&first), TABLE.get(at).unwrap_or(&last));
    let part = (total - below.0) / (above.0 - below.0);
    let between = |low: f64, high: f64| mebibytes((low + (high - low) * part).max(0.0));
    (between(below.1, above.1), between(below.2, above.2))
}

/// A size as Neo4j's recommendation writes it: `5g`; `3600m` where whole GiB would be far off; `307m`.
pub fn written(bytes: u64) -> String {
    for (unit, smaller, name, small_name) in [(GIB, MIB, "g", "m"), (MIB, 1 << 10, "m", "k")] {
        if bytes >= unit {
            let rest = bytes % unit / smaller;
            return if rest >= 100 {
                let small = (bytes as f64 / smaller as f64 / 100.0).round() as u64 * 100;
                format!("{small}{small_name}")
            } else {
                format!("{}{name}", bytes / unit)
            };
        }
    }
    format!("{}k", bytes.div_ceil(1 << 10))
}

#[cfg(test)]
mod tests;
