//! What a file of a dump is, told from its first bytes.

/// First bytes of a dump, by which its kind is told without a server (docs/neo4j-facts.md: Dumps).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Archive {
    /// `DZV1`: Neo4j 5 and later, zstd.
    Zstd,
    /// `DGV1`: Neo4j 5 and later, gzip.
    Gzip,
    /// Plain zstd or gzip stream of 4.x.
    Old,
    EnterpriseBackup,
    NotADump,
}

/// The kind of a file by its first bytes; 4 are enough.
pub fn archive_kind(first: &[u8]) -> Archive {
    match first {
        [0x44, 0x5a, 0x56, 0x31, ..] => Archive::Zstd,
        [0x44, 0x47, 0x56, 0x31, ..] => Archive::Gzip,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x1f, 0x8b, ..] => Archive::Old,
        [b'B', ..] => Archive::EnterpriseBackup,
        _ => Archive::NotADump,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kind_of_an_archive_is_in_its_first_bytes() {
        assert_eq!(archive_kind(b"DZV1...."), Archive::Zstd);
        assert_eq!(archive_kind(b"DGV1"), Archive::Gzip);
        assert_eq!(archive_kind(&[0x1f, 0x8b, 8]), Archive::Old);
        assert_eq!(archive_kind(b"BACK"), Archive::EnterpriseBackup);
        assert_eq!(archive_kind(b"PK"), Archive::NotADump);
        assert_eq!(archive_kind(b""), Archive::NotADump);
    }
}
