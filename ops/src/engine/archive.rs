//! Proves that a Neo4j dump is whole by unpacking it to its end, without keeping any of it (docs/neo4j-facts.md:
//! Dumps).

use crate::engine::tar_guard::Guarded;
use crate::error::{Error, Result};
use domain::backup::{Archive, LARGEST, archive_kind};
use ports::Bytestream;
use std::io::{ErrorKind, Read};
use tokio::sync::Semaphore;
use tokio_util::io::{StreamReader, SyncIoBridge};

/// A proof holds a thread of the blocking pool while it waits for content, and a read of a local file takes another
/// one: as many proofs as threads would wait for each other for good. Far below the pool's size (`server/src/main.rs`).
static AT_ONCE: Semaphore = Semaphore::const_new(4);

/// Reads the whole stream. Fails when it is not a dump of Neo4j 5 or later, ends too early or cannot be unpacked.
pub async fn prove(stream: Bytestream) -> Result<()> {
    let _one_of_few = AT_ONCE.acquire().await.map_err(Error::internal)?;
    let reader = SyncIoBridge::new(StreamReader::new(stream));
    tokio::task::spawn_blocking(move || prove_blocking(reader)).await.map_err(Error::internal)?
}

fn prove_blocking(mut reader: impl Read) -> Result<()> {
    let mut magic = [0u8; 4];
    let first = reader.read_exact(&mut magic);
    let result = match first.map(|()| archive_kind(&magic)) {
        Err(_) => Err(Error::conflict("is shorter than a Neo4j dump can be.")),
        Ok(Archive::Zstd) => unpack_zstd(&mut reader),
        Ok(Archive::Gzip) => unpack_gzip(&mut reader),
        Ok(Archive::Old) => Err(Error::conflict("is a dump of Neo4j 4.x. It must be migrated first.")),
        Ok(Archive::EnterpriseBackup) => Err(Error::conflict("is an Enterprise backup artifact, not a dump.")),
        Ok(Archive::NotADump) => Err(Error::conflict("is not a Neo4j dump.")),
    };
    // The rest is read in any case: the caller compares size and hash of the whole.
    std::io::copy(&mut reader, &mut std::io::sink()).map_err(Error::internal)?;
    result
}

#[expect(clippy::needless_pass_by_value, reason = "the shape map_err calls")]
fn damaged(error: std::io::Error) -> Error {
    if error.kind() == ErrorKind::InvalidData {
        return Error::conflict(format!("is not a dump made by Neo4j: {error}."));
    }
    Error::conflict("ends too early or is damaged: it cannot be unpacked to its end.")
}

/// What a tar takes for each file beside its content, and at its end.
const BESIDE_EACH: u64 = 16 << 10;
const AT_THE_END: u64 = 1 << 20;

/// Ends with an error after so many bytes, where `take` would end as if all had been read.
struct AtMost<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for AtMost<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(buffer)?;
        let left = self.left.checked_sub(count as u64);
        self.left =
            left.ok_or_else(|| std::io::Error::new(ErrorKind::InvalidData, "it unpacks to more than it says"))?;
        Ok(count)
    }
}

/// The files of the tar that follows, and what comes after it: the checksum stands at the end of the stream.
fn read_files(plain: impl Read) -> Result<u64> {
    let mut plain = Guarded::new(plain);
    let mut archive = tar::Archive::new(&mut plain);
    let mut files = 0;
    for entry in archive.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        files += u64::from(entry.header().entry_type().is_file());
        std::io::copy(&mut entry, &mut std::io::sink()).map_err(damaged)?;
    }
    std::io::copy(&mut plain, &mut std::io::sink()).map_err(damaged)?;
    Ok(files)
}

/// A gzip stream of a tar, without a number of files.
fn unpack_gzip(reader: &mut impl Read) -> Result<()> {
    match read_files(flate2::read::MultiGzDecoder::new(reader))? {
        0 => Err(Error::conflict("holds no files.")),
        _ => Ok(()),
    }
}

/// Inside the zstd stream: `zstd`, int32 version, int64 number of files, int64 bytes, then a tar.
fn unpack_zstd(reader: &mut impl Read) -> Result<()> {
    let mut plain = zstd::stream::read::Decoder::new(reader).map_err(damaged)?;
    let mut header = [0u8; 24];
    plain.read_exact(&mut header).map_err(damaged)?;
    if &header[..4] != b"zstd" {
        return Err(Error::conflict("has an inner header this console does not know."));
    }
    let number = |at: usize| header[at..at + 8].try_into().map(u64::from_be_bytes).map_err(Error::internal);
    let (promised, bytes) = (number(8)?, number(16)?);
    let left = promised.checked_mul(BESIDE_EACH).and_then(|beside| bytes.checked_add(beside)?.checked_add(AT_THE_END));
    let left =
        left.filter(|left| *left <= LARGEST).ok_or_else(|| Error::conflict("promises more than any dump holds."))?;
    let files = read_files(AtMost { inner: plain, left })?;
    if files < promised {
        return Err(Error::conflict(format!("holds {files} of {promised} files.")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use futures::StreamExt;

    async fn of(bytes: Vec<u8>) -> Result<()> {
        prove(
            futures::stream::iter(bytes.chunks(100).map(|c| Ok(Bytes::copy_from_slice(c))).collect::<Vec<_>>()).boxed(),
        )
        .await
    }

    #[tokio::test]
    async fn a_whole_dump_is_proven_and_a_truncated_one_is_found() {
        let dump = fakes::dump_bytes(b"some graph data");
        of(dump.clone()).await.expect("whole");
        for cut in [2, 30, dump.len() / 2, dump.len() - 1] {
            assert!(of(dump[..cut].to_vec()).await.is_err(), "cut at {cut}");
        }
    }

    /// As Neo4j writes it where a dump is made in the older format: the magic, then a tar in gzip.
    fn gzip_dump(content: &[u8]) -> Vec<u8> {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        let mut tar = tar::Builder::new(Vec::new());
        tar.append_data(&mut header, "store", content).expect("tar");
        let mut gzip = flate2::write::GzEncoder::new(b"DGV1".to_vec(), flate2::Compression::fast());
        std::io::Write::write_all(&mut gzip, &tar.into_inner().expect("tar")).expect("gzip");
        gzip.finish().expect("gzip")
    }

    #[tokio::test]
    async fn a_gzip_dump_is_unpacked_too() {
        // Bytes that do not compress, so that a cut or a flipped bit is in the content.
        let content: Vec<u8> = (0..5000u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
        let dump = gzip_dump(&content);
        of(dump.clone()).await.expect("whole");
        for cut in [5, 30, dump.len() / 2, dump.len() - 1] {
            assert!(of(dump[..cut].to_vec()).await.is_err(), "cut at {cut}");
        }
        let mut flipped = dump.clone();
        flipped[dump.len() / 2] ^= 1;
        assert!(of(flipped).await.is_err());
        assert!(of(b"DGV1".to_vec()).await.is_err(), "no files");
    }

    #[test]
    fn many_proofs_at_once_of_files_do_not_wait_for_each_other_for_good() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("dump");
        std::fs::write(&path, fakes::dump_bytes(&vec![7; 1 << 20])).expect("written");
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(6)
            .enable_all()
            .build()
            .expect("a runtime");
        let proofs = (0..32).map(|_| async {
            let file = tokio::fs::File::open(&path).await.expect("opened");
            prove(tokio_util::io::ReaderStream::with_capacity(file, 100).boxed()).await
        });
        let all =
            async { tokio::time::timeout(std::time::Duration::from_secs(60), futures::future::join_all(proofs)).await };
        let done = runtime.block_on(all);
        runtime.shutdown_background();
        assert!(done.expect("they end").into_iter().all(|proven| proven.is_ok()));
    }

    /// A dump whose inner header promises this, around such a tar.
    fn dump_around(files: u64, bytes: u64, tar: impl Read) -> Vec<u8> {
        let head = [b"zstd".as_slice(), &1u32.to_be_bytes(), &files.to_be_bytes(), &bytes.to_be_bytes()].concat();
        let mut encoder = zstd::stream::write::Encoder::new(b"DZV1".to_vec(), 1).expect("zstd");
        std::io::copy(&mut head.as_slice().chain(tar), &mut encoder).expect("zstd");
        encoder.finish().expect("zstd")
    }

    fn header(kind: tar::EntryType, bytes: u64) -> Vec<u8> {
        let mut header = tar::Header::new_gnu();
        header.set_path("store").expect("a path");
        header.set_entry_type(kind);
        header.set_size(bytes);
        header.set_cksum();
        header.as_bytes().to_vec()
    }

    /// A tar of such a header and zeros.
    fn zeros_after(header: Vec<u8>, bytes: u64) -> impl Read {
        std::io::Cursor::new(header).chain(std::io::repeat(0).take(bytes))
    }

    #[tokio::test]
    async fn a_small_file_of_gigabytes_is_refused_before_it_is_in_memory() {
        let said = async |dump| of(dump).await.expect_err("refused").to_string();
        let long_name = header(tar::EntryType::GNULongName, 64 << 30);
        let bomb = dump_around(1, 1 << 40, zeros_after(long_name.clone(), 64 << 20));
        assert!(bomb.len() < 100_000, "{}", bomb.len());
        assert!(said(bomb).await.contains("a file name that is too long"));
        let mut gzip = flate2::write::GzEncoder::new(b"DGV1".to_vec(), flate2::Compression::fast());
        std::io::copy(&mut zeros_after(long_name, 1 << 20), &mut gzip).expect("gzip");
        assert!(said(gzip.finish().expect("gzip")).await.contains("a file name that is too long"));
        let more = dump_around(1, 1 << 20, zeros_after(header(tar::EntryType::Regular, 1 << 30), 1 << 30));
        assert!(said(more).await.contains("unpacks to more than it says"));
        for (files, bytes) in [(1, u64::MAX), (u64::MAX, 1), (1, 17 << 40)] {
            assert!(said(dump_around(files, bytes, std::io::empty())).await.contains("promises more"));
        }
    }

    #[tokio::test]
    async fn other_files_are_refused_by_name() {
        let said = of(b"\x1f\x8bgzip of 4.x".to_vec()).await.expect_err("old").to_string();
        assert!(said.contains("4.x"), "{said}");
        assert!(of(b"PK zip".to_vec()).await.expect_err("zip").to_string().contains("not a Neo4j dump"));
        assert!(of(b"BACKUP".to_vec()).await.expect_err("enterprise").to_string().contains("Enterprise"));
    }
}
