//! Proves that a Neo4j dump is whole by unpacking it to its end, without keeping any of it (facts §5.5).

use crate::bundle::check_archive_kind;
use crate::error::{Error, Result};
use crate::ports::Bytestream;
use std::io::Read;
use tokio::sync::Semaphore;
use tokio_util::io::{StreamReader, SyncIoBridge};

/// A proof holds a thread of the blocking pool while it waits for content, and a read of a local file takes another one: as many proofs
/// as threads would wait for each other for good. Far below the pool's size (`server/src/main.rs`).
static AT_ONCE: Semaphore = Semaphore::const_new(4);

/// Reads the whole stream. Fails when it is not a dump of Neo4j 5 or later, or ends too early. Only zstd dumps are unpacked:
/// gzip ones (`DGV1`) are older than what our images write, and their hash was compared already.
pub async fn prove(stream: Bytestream) -> Result<()> {
    let _one_of_few = AT_ONCE.acquire().await.map_err(Error::internal)?;
    let reader = SyncIoBridge::new(StreamReader::new(stream));
    tokio::task::spawn_blocking(move || prove_blocking(reader)).await.map_err(Error::internal)?
}

fn prove_blocking(mut reader: impl Read) -> Result<()> {
    let mut magic = [0u8; 4];
    let first = reader.read_exact(&mut magic);
    let result = match first {
        Err(_) => Err(Error::conflict("is shorter than a Neo4j dump can be.")),
        Ok(()) => check_archive_kind(&magic).and_then(|()| if magic == *b"DZV1" { unpack(&mut reader) } else { Ok(()) }),
    };
    // The rest is read in any case: the caller compares size and hash of the whole.
    std::io::copy(&mut reader, &mut std::io::sink()).map_err(Error::internal)?;
    result
}

/// Inside the zstd stream: `zstd`, int32 version, int64 number of files, int64 bytes, then a tar.
fn unpack(reader: &mut impl Read) -> Result<()> {
    let truncated = |_| Error::conflict("ends too early or is damaged: it cannot be unpacked to its end.");
    let mut plain = zstd::stream::read::Decoder::new(reader).map_err(truncated)?;
    let mut header = [0u8; 24];
    plain.read_exact(&mut header).map_err(truncated)?;
    if &header[..4] != b"zstd" {
        return Err(Error::conflict("has an inner header this console does not know."));
    }
    let promised = i64::from_be_bytes(header[8..16].try_into().map_err(Error::internal)?);
    let mut archive = tar::Archive::new(&mut plain);
    let mut files = 0;
    for entry in archive.entries().map_err(truncated)? {
        let mut entry = entry.map_err(truncated)?;
        files += i64::from(entry.header().entry_type().is_file());
        std::io::copy(&mut entry, &mut std::io::sink()).map_err(truncated)?;
    }
    std::io::copy(&mut plain, &mut std::io::sink()).map_err(truncated)?;
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
        prove(futures::stream::iter(bytes.chunks(100).map(|c| Ok(Bytes::copy_from_slice(c))).collect::<Vec<_>>()).boxed()).await
    }

    #[tokio::test]
    async fn a_whole_dump_is_proven_and_a_truncated_one_is_found() {
        let dump = crate::testing::dump_bytes(b"some graph data");
        of(dump.clone()).await.expect("whole");
        for cut in [2, 30, dump.len() / 2, dump.len() - 1] {
            assert!(of(dump[..cut].to_vec()).await.is_err(), "cut at {cut}");
        }
    }

    #[test]
    fn many_proofs_at_once_of_files_do_not_wait_for_each_other_for_good() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("dump");
        std::fs::write(&path, crate::testing::dump_bytes(&vec![7; 1 << 20])).expect("written");
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).max_blocking_threads(6).enable_all().build().expect("a runtime");
        let proofs = (0..32).map(|_| async {
            let file = tokio::fs::File::open(&path).await.expect("opened");
            prove(tokio_util::io::ReaderStream::with_capacity(file, 100).boxed()).await
        });
        let all = async { tokio::time::timeout(std::time::Duration::from_secs(60), futures::future::join_all(proofs)).await };
        let done = runtime.block_on(all);
        runtime.shutdown_background();
        assert!(done.expect("they end").into_iter().all(|proven| proven.is_ok()));
    }

    #[tokio::test]
    async fn other_files_are_refused_by_name() {
        let said = of(b"\x1f\x8bgzip of 4.x".to_vec()).await.expect_err("old").to_string();
        assert!(said.contains("4.x"), "{said}");
        assert!(of(b"PK zip".to_vec()).await.expect_err("zip").to_string().contains("not a Neo4j dump"));
        assert!(of(b"BACKUP".to_vec()).await.expect_err("enterprise").to_string().contains("Enterprise"));
    }
}
