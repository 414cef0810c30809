//! A look at a tar on its way to the crates that read it. They take a long name or pax record into memory whole, of
//! whatever size its header claims; compressed, gigabytes of zeros are a small file. Here it is refused before the
//! first byte of it is passed on.

use std::io::{Error, ErrorKind, Read, Result};
use tar::{EntryType, Header, PaxExtensions};

const BLOCK: usize = 512;
/// A long name or pax record; the real ones are below 10 KiB.
const LONGEST_EXTENSION: usize = 1 << 20;

/// What the next byte belongs to.
enum At {
    Header(Vec<u8>),
    /// A record that is kept until it is whole, because the size of the next file may stand in it.
    Record {
        kind: EntryType,
        size: usize,
        buffer: Vec<u8>,
    },
    /// Content and padding.
    Content(u64),
}

/// Where a tar is being read: in a header, a record or the content of a file.
pub struct TarGuard {
    at: At,
    /// Of the next file.
    size_in_record: Option<u64>,
}

impl TarGuard {
    /// At the beginning of a tar.
    pub const fn new() -> Self {
        Self { at: At::Header(Vec::new()), size_in_record: None }
    }

    /// Must be given every byte, in order.
    ///
    /// # Errors
    /// On what no archive of ours or of Neo4j has, and that would be read into memory or make later sizes unclear.
    pub fn look_at(&mut self, mut bytes: &[u8]) -> Result<()> {
        while !bytes.is_empty() {
            let taken = match &mut self.at {
                At::Content(left) => {
                    let taken = usize::try_from(*left).unwrap_or(usize::MAX).min(bytes.len());
                    *left -= taken as u64;
                    if *left == 0 {
                        self.at = At::Header(Vec::new());
                    }
                    taken
                }
                At::Header(buffer) => {
                    let taken = fill(buffer, BLOCK, bytes);
                    if buffer.len() == BLOCK {
                        let header = Header::from_byte_slice(buffer).clone();
                        self.at = self.after(&header)?;
                    }
                    taken
                }
                At::Record { kind, size, buffer } => {
                    let taken = fill(buffer, size.next_multiple_of(BLOCK), bytes);
                    if buffer.len() == size.next_multiple_of(BLOCK) {
                        let sizes = sizes_in(*kind, &buffer[..*size])?;
                        self.size_in_record = sizes.or(self.size_in_record);
                        self.at = At::Header(Vec::new());
                    }
                    taken
                }
            };
            bytes = &bytes[taken..];
        }
        Ok(())
    }

    #[expect(clippy::wildcard_enum_match_arm, reason = "an enum of the crate tar")]
    fn after(&mut self, header: &Header) -> Result<At> {
        // One that cannot be read ends the archive for whoever reads it; what follows is passed on unread.
        let size = header.entry_size().unwrap_or(u64::MAX);
        match header.entry_type() {
            kind
            @ (EntryType::XHeader | EntryType::XGlobalHeader | EntryType::GNULongName | EntryType::GNULongLink) => {
                match usize::try_from(size) {
                    Ok(0) => Ok(At::Header(Vec::new())),
                    Ok(size) if size <= LONGEST_EXTENSION => Ok(At::Record { kind, size, buffer: Vec::new() }),
                    Ok(_) | Err(_) => Err(Error::new(ErrorKind::InvalidData, "it holds a file name that is too long")),
                }
            }
            // Blocks of its map follow the header before the content.
            EntryType::GNUSparse => Err(Error::new(ErrorKind::InvalidData, "it holds a sparse file")),
            // Kinds of entries with content, or without; the crate may learn more of them.
            _ => {
                let size = self.size_in_record.take().unwrap_or(size);
                Ok(match size.checked_next_multiple_of(BLOCK as u64).unwrap_or(u64::MAX) {
                    0 => At::Header(Vec::new()),
                    left => At::Content(left),
                })
            }
        }
    }
}

/// Adds to what is buffered until it has `whole` bytes; how many were taken.
fn fill(buffer: &mut Vec<u8>, whole: usize, bytes: &[u8]) -> usize {
    let taken = (whole - buffer.len()).min(bytes.len());
    buffer.extend_from_slice(&bytes[..taken]);
    taken
}

/// The size that a pax record gives the next file. Two, or one for all files, could be understood in two ways.
fn sizes_in(kind: EntryType, record: &[u8]) -> Result<Option<u64>> {
    if !matches!(kind, EntryType::XHeader | EntryType::XGlobalHeader) {
        return Ok(None);
    }
    let sizes: Vec<_> = PaxExtensions::new(record).flatten().filter(|record| record.key() == Ok("size")).collect();
    let unclear = || Error::new(ErrorKind::InvalidData, "it gives a file more than one size");
    match sizes.as_slice() {
        [] => Ok(None),
        [one] if kind == EntryType::XHeader => {
            one.value().ok().and_then(|text| text.parse().ok()).map(Some).ok_or_else(unclear)
        }
        _ => Err(unclear()),
    }
}

/// The same for a reader that blocks.
pub struct Guarded<R> {
    inner: R,
    guard: TarGuard,
}

impl<R: Read> Guarded<R> {
    /// Around a reader that stands at the beginning of a tar.
    pub const fn new(inner: R) -> Self {
        Self { inner, guard: TarGuard::new() }
    }
}

impl<R: Read> Read for Guarded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let count = self.inner.read(buffer)?;
        self.guard.look_at(&buffer[..count])?;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: EntryType, size: u64, content: &[u8]) -> Vec<u8> {
        let mut header = Header::new_gnu();
        header.set_path("x").expect("a path");
        header.set_entry_type(kind);
        header.set_size(size);
        header.set_cksum();
        let mut all = header.as_bytes().to_vec();
        all.extend_from_slice(content);
        all.resize(all.len().next_multiple_of(BLOCK), 0);
        all
    }

    fn looked_at(archive: &[u8], pieces: usize) -> Result<()> {
        let mut guard = TarGuard::new();
        archive.chunks(pieces).try_for_each(|piece| guard.look_at(piece))
    }

    #[test]
    fn archives_as_tools_write_them_are_passed_on_whatever_the_pieces() {
        let mut builder = tar::Builder::new(vec![]);
        for (name, bytes) in [("short".to_string(), 3), ("x".repeat(300), 5_000), ("empty".into(), 0)] {
            let mut header = Header::new_gnu();
            header.set_size(bytes);
            builder.append_data(&mut header, name, std::io::repeat(b'L').take(bytes)).expect("entry");
        }
        let archive = builder.into_inner().expect("archive");
        for pieces in [1, 7, 511, 512, 513, 100_000] {
            looked_at(&archive, pieces).expect("good");
        }
    }

    #[test]
    fn a_size_in_a_pax_record_counts_for_the_next_file_only() {
        let content = entry(EntryType::GNULongName, 1 << 40, b"");
        let record = b"12 size=512\n";
        let mut archive = entry(EntryType::XHeader, record.len() as u64, record);
        archive.extend(entry(EntryType::Regular, 0, &content));
        looked_at(&archive, 100).expect("what looks like a header is content");
        archive.extend(&content);
        assert!(looked_at(&archive, 100).is_err(), "and this is one");
    }

    #[test]
    fn what_would_be_read_into_memory_is_refused_before_it_comes() {
        for kind in [EntryType::GNULongName, EntryType::GNULongLink, EntryType::XHeader, EntryType::XGlobalHeader] {
            let mut archive = entry(EntryType::Regular, 3, b"abc");
            archive.extend(entry(kind, 8 << 30, b""));
            for pieces in [1, 512, 4096] {
                assert!(looked_at(&archive, pieces).is_err(), "{kind:?}");
            }
        }
        let twice = b"9 size=1\n9 size=2\n";
        assert!(looked_at(&entry(EntryType::XHeader, twice.len() as u64, twice), 512).is_err());
        assert!(looked_at(&entry(EntryType::XGlobalHeader, 9, &twice[..9]), 512).is_err());
        assert!(looked_at(&entry(EntryType::GNUSparse, 0, b""), 512).is_err());
    }
}
