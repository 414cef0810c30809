//! Memory of a deployment: what is configured against what the container may use.

mod fit;
mod recommendation;

pub use fit::Fit;
pub use recommendation::{Recommendation, recommended, written};
use serde::{Deserialize, Serialize};

/// Configured sizes in bytes; `None` where nothing is set (the JVM then decides, docs/neo4j-facts.md: Memory).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    pub heap: Option<u64>,
    pub page_cache: Option<u64>,
    pub limit: Option<u64>,
}

impl Memory {
    /// Heap and page cache together, when both are known.
    pub fn configured(&self) -> Option<u64> {
        Some(self.heap?.saturating_add(self.page_cache?))
    }

    /// The kernel will kill the container: heap + page cache reach the limit.
    pub fn over_limit(&self) -> bool {
        matches!((self.configured(), self.limit), (Some(used), Some(limit)) if used >= limit)
    }
}

/// A size as Neo4j writes it: `512m`, `4g`, `1GiB`, `512M`, plain bytes. Binary units always.
pub fn parse_size(text: &str) -> Option<u64> {
    let text = text.trim();
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let number: f64 = number.parse().ok()?;
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        "t" | "tb" | "tib" => 1 << 40,
        _ => return None,
    };
    (number.is_finite() && number >= 0.0).then_some((number * factor as f64) as u64)
}

/// A size as it is set, to the byte: `4g`, `600m`, `1537m`.
pub fn exact(bytes: u64) -> String {
    for (unit, name) in [(1 << 30, "g"), (1 << 20, "m"), (1 << 10, "k")] {
        if bytes > 0 && bytes.is_multiple_of(unit) {
            return format!("{}{name}", bytes / unit);
        }
    }
    bytes.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_as_neo4j_writes_them() {
        assert_eq!(parse_size("512m"), Some(512 << 20));
        assert_eq!(parse_size("512.00MiB"), Some(512 << 20));
        assert_eq!(parse_size("4G"), Some(4 << 30));
        assert_eq!(parse_size("1024"), Some(1024));
        assert_eq!(parse_size("half"), None);
        assert_eq!(parse_size("4x"), None);
    }

    #[test]
    fn a_size_that_is_set_is_read_back_to_the_byte() {
        for (bytes, text) in
            [(4 << 30, "4g"), (600 << 20, "600m"), (1537 << 20, "1537m"), (3 << 10, "3k"), (5, "5"), (0, "0")]
        {
            assert_eq!((exact(bytes).as_str(), parse_size(text)), (text, Some(bytes)));
        }
    }

    #[test]
    fn heap_and_page_cache_must_stay_below_the_limit() {
        let memory = |limit| Memory { heap: Some(4 << 30), page_cache: Some(4 << 30), limit };
        assert!(memory(Some(8 << 30)).over_limit());
        assert!(!memory(Some(10 << 30)).over_limit());
        assert!(!memory(None).over_limit());
    }
}
