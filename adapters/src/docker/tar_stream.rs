//! The little of tar that the engine's archive calls need, without ever holding more than a few pieces of a stream: one
//! entry read, one directory and file written. Whole archives are the `tar` crate's.

use bytes::{Bytes, BytesMut};
use domain::helper::NEO4J_UID;
use futures::{StreamExt, TryStreamExt, stream};
use ports::Bytestream;
use std::io::{Error, ErrorKind, Result};
use tar::{EntryType, Header, PaxExtensions};

/// Bytes of a header; content is padded to a multiple of it.
pub const BLOCK: u64 = 512;
/// A long name or pax record; the real ones are below 10 KiB.
const LONGEST_EXTENSION: u64 = 1024 * 1024;

/// Size and content of the first entry, which must be a regular file.
pub async fn first_file(source: Bytestream) -> Result<(u64, Bytestream)> {
    let mut pieces = Pieces { source, rest: Bytes::new() };
    let mut size_in_pax = None;
    loop {
        let header = Header::from_byte_slice(&pieces.exactly(BLOCK).await?).clone();
        let size = header.entry_size()?;
        match header.entry_type() {
            EntryType::XHeader => size_in_pax = pax_size(&pieces.extension(size).await?),
            EntryType::XGlobalHeader | EntryType::GNULongName | EntryType::GNULongLink => {
                drop(pieces.extension(size).await?);
            }
            EntryType::Regular | EntryType::Continuous => return Ok(pieces.content(size_in_pax.unwrap_or(size))),
            EntryType::Directory => return Err(Error::new(ErrorKind::IsADirectory, "it is a directory, not a file")),
            other => return Err(Error::new(ErrorKind::InvalidInput, format!("it is not a regular file ({other:?})"))),
        }
    }
}

/// Docker writes sizes of 8 GiB and more only here.
fn pax_size(records: &[u8]) -> Option<u64> {
    let found = PaxExtensions::new(records).flatten().find(|record| record.key() == Ok("size"))?;
    found.value().ok()?.parse().ok()
}

struct Pieces {
    source: Bytestream,
    /// Of the last piece, what nobody has taken yet.
    rest: Bytes,
}

impl Pieces {
    /// Between 1 and `most` bytes, as they come.
    async fn some(&mut self, most: u64) -> Result<Bytes> {
        while self.rest.is_empty() {
            self.rest = self
                .source
                .try_next()
                .await?
                .ok_or_else(|| Error::new(ErrorKind::UnexpectedEof, "the archive ended too early"))?;
        }
        let count = usize::try_from(most).unwrap_or(usize::MAX).min(self.rest.len());
        Ok(self.rest.split_to(count))
    }

    async fn exactly(&mut self, count: u64) -> Result<BytesMut> {
        let mut all = BytesMut::new();
        while (all.len() as u64) < count {
            all.extend_from_slice(&self.some(count - all.len() as u64).await?);
        }
        Ok(all)
    }

    /// The content of a small entry, its padding skipped.
    async fn extension(&mut self, size: u64) -> Result<BytesMut> {
        if size > LONGEST_EXTENSION {
            return Err(Error::new(ErrorKind::InvalidData, "the archive has a file name that is too long"));
        }
        let mut all = self.exactly(size + padding(size)).await?;
        all.truncate(usize::try_from(size).unwrap_or_default());
        Ok(all)
    }

    fn content(self, size: u64) -> (u64, Bytestream) {
        let pieces = stream::try_unfold((self, size), |(mut pieces, left)| async move {
            if left == 0 {
                return Ok(None);
            }
            let piece = pieces.some(left).await?;
            let left = left - piece.len() as u64;
            Ok(Some((piece, (pieces, left))))
        });
        (size, pieces.boxed())
    }
}

/// Zeros after a content of `size` up to the next block.
pub const fn padding(size: u64) -> u64 {
    (BLOCK - size % BLOCK) % BLOCK
}

/// The two empty blocks that end an archive, after the padding of its last content.
pub fn trailer(size: u64) -> Bytes {
    Bytes::from(vec![0; usize::try_from(padding(size) + 2 * BLOCK).unwrap_or_default()])
}

/// A directory anybody may write to (mode 0777).
pub fn directory_header(name: &str) -> Result<Bytes> {
    header(&format!("{name}/"), EntryType::Directory, 0, 0o777)
}

/// A file of so many bytes, to be followed by them (mode 0644).
pub fn file_header(path: &str, bytes: u64) -> Result<Bytes> {
    header(path, EntryType::Regular, bytes, 0o644)
}

/// Owned by neo4j, but helpers of a server with a user of its own read and write it too: it lies in a volume that only
/// helpers have. Written in 1970, because only the clock port knows the time and nobody asks for this one.
fn header(path: &str, kind: EntryType, bytes: u64, mode: u32) -> Result<Bytes> {
    let mut header = Header::new_gnu();
    header.set_path(path)?;
    header.set_entry_type(kind);
    header.set_size(bytes);
    header.set_mode(mode);
    header.set_uid(NEO4J_UID);
    header.set_gid(NEO4J_UID);
    header.set_mtime(0);
    header.set_cksum();
    Ok(Bytes::copy_from_slice(header.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_pieces_of(count: usize, archive: &[u8]) -> Bytestream {
        stream::iter(archive.chunks(count).map(|c| Ok(Bytes::copy_from_slice(c))).collect::<Vec<_>>()).boxed()
    }

    async fn read(archive: &[u8], count: usize) -> Result<(u64, Vec<u8>)> {
        let (size, content) = first_file(in_pieces_of(count, archive)).await?;
        let all = content.try_fold(vec![], |mut all, piece| async move {
            all.extend_from_slice(&piece);
            Ok(all)
        });
        Ok((size, all.await?))
    }

    fn archive(name: &str, content: &[u8]) -> Vec<u8> {
        let mut builder = tar::Builder::new(vec![]);
        let mut header = Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o600);
        header.set_cksum();
        builder.append_data(&mut header, name, content).expect("entry");
        builder.into_inner().expect("archive")
    }

    #[tokio::test]
    async fn a_file_is_read_whatever_the_pieces_and_however_long_its_name() {
        let content: Vec<u8> = (0..5000_u32).map(|n| n as u8).collect();
        for name in ["neo4j.dump".to_string(), "x".repeat(300)] {
            for pieces in [1, 7, 512, 100_000] {
                assert_eq!(
                    read(&archive(&name, &content), pieces).await.expect("read"),
                    (5000, content.clone()),
                    "{pieces}"
                );
            }
        }
        assert_eq!(read(&archive("empty", b""), 512).await.expect("read"), (0, vec![]));
    }

    #[tokio::test]
    async fn the_size_of_a_huge_file_is_taken_from_the_pax_record() {
        let record = b"20 size=10737418240\n";
        let mut pax = header("pax", EntryType::XHeader, record.len() as u64, 0o600).expect("header").to_vec();
        pax.extend_from_slice(record);
        pax.resize(1024, 0);
        pax.extend_from_slice(&file_header("huge.dump", 0).expect("header"));
        let (size, _) = first_file(in_pieces_of(512, &pax)).await.expect("header");
        assert_eq!(size, 10 * 1024 * 1024 * 1024);
    }

    #[tokio::test]
    async fn a_directory_a_cut_archive_and_rubbish_are_errors() {
        let directory = directory_header("dumps").expect("header");
        assert_eq!(read(&directory, 512).await.expect_err("directory").kind(), ErrorKind::IsADirectory);
        let cut = &archive("a", &[1; 2000])[..1500];
        assert_eq!(read(cut, 512).await.expect_err("cut").kind(), ErrorKind::UnexpectedEof);
        assert!(read(b"", 512).await.is_err());
    }

    #[test]
    fn what_is_written_the_tar_crate_reads() {
        let mut bytes = directory_header("dumps").expect("header").to_vec();
        bytes.extend_from_slice(&file_header("dumps/neo4j.dump", 3).expect("header"));
        bytes.extend_from_slice(b"abc");
        bytes.extend_from_slice(&trailer(3));
        let mut archive = tar::Archive::new(&bytes[..]);
        let seen: Vec<_> = archive
            .entries()
            .expect("entries")
            .map(|e| e.expect("entry"))
            .map(|e| (e.path().expect("path").display().to_string(), e.size(), e.header().uid().expect("uid")))
            .collect();
        assert_eq!(seen, [("dumps/".into(), 0, 7474), ("dumps/neo4j.dump".into(), 3, 7474)]);
        assert_eq!(bytes.len() % 512, 0);
    }
}
